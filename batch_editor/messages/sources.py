"""What is said of a sheet that is no file of a spreadsheet: of records, open files, JSON, parquet, and what is none at all."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "place.column": ("column {number}", "第 {number} 列"),
    "sheet.no_sheet": (
        "A sheet is the path of a file, a pandas DataFrame, an open file, or dicts one after the other; this is none of them (in "
        'Python: "{kind}"). Make a DataFrame of it whose columns have the headings as their labels, or a list of dicts.',
        "表格应为文件路径、pandas 的 DataFrame、已打开的文件，或一系列 dict，这里都不是（Python 类型“{kind}”）。"
        "请先转换为以列标题为列名的 DataFrame，或 dict 的列表。",
    ),
    "records.none": (
        'The record {place} (the first is 0) is no record with names (in Python: "{kind}"). Give dicts whose keys are the headings, '
        "or lists of which the first holds the headings.",
        "第 {place} 条记录（从 0 数起）没有字段名（Python 类型“{kind}”）。请提供以列标题为键的 dict，或首个为列标题的一系列 list。",
    ),
    "records.mixed": (
        'The record {place} (the first is 0) is of another kind than those before it (in Python: "{kind}"). Give dicts alone, or '
        "lists alone.",
        "第 {place} 条记录（从 0 数起）与前面的记录类型不同（Python 类型“{kind}”）。请统一使用 dict，或统一使用 list。",
    ),
    "records.too_many_names": (
        "With the record {place} (the first is 0) there are more than {most} different names, and a sheet has no more columns. Give "
        "dicts whose keys are the headings.",
        "到第 {place} 条记录（从 0 数起）为止已有超过 {most} 个不同的字段名，超出了表格的列数。请提供以列标题为键的 dict。",
    ),
    "problem.in_record": ("row {label} ({field})", "行 {label}（{field}）"),
    "problem.in_records": ("rows {label} ({field})", "行 {label}（{field}）"),
    "problem.record": ("row {label}", "行 {label}"),
    "text.undecoded": (
        "{path} is open as text in an encoding that it does not have, or is a workbook. Open it as bytes (in Python: "
        'open(…, "rb")), and it is read as what it is.',
        '{path} 按文本方式打开，但编码不符，或者它是工作簿。请以二进制方式打开（Python：open(…, "rb")），程序会按实际类型读取。',
    ),
    "file.no_bytes": (
        "{path} is empty: it has 0 bytes. If it lies in a folder of a cloud (OneDrive, iCloud, WPS), let it be downloaded first; if "
        "not, export it again.",
        "{path} 是空的（0 字节）。如果它在云盘文件夹（OneDrive、iCloud、WPS 云文档）中，请先下载到本机；否则请重新导出。",
    ),
    "text.decoded": (
        "{path} is open as text, so that its characters are known already: leave out {encoding}, or open the file as bytes (in "
        'Python: open(…, "rb")).',
        '{path} 已按文本方式打开，文字已经解码：请去掉 {encoding}，或以二进制方式打开文件（Python：open(…, "rb")）。',
    ),
    "file.at_end": (
        "Nothing is left to read in {path}: it stands at its end. Open it anew, or go back to its beginning (in Python: seek(0)).",
        "{path} 已读到末尾，没有可读的内容。请重新打开文件，或回到开头（Python：seek(0)）。",
    ),
    "file.nothing_came": (
        "Nothing came from {path}. The program that should have written the sheet may have failed: look at what it says.",
        "没有从 {path} 读到任何内容。应写出表格的程序可能出错了，请查看它的提示。",
    ),
    "file.address": (
        "{path} is an address on the network ({scheme}), not a file. Download the sheet, and give the file that comes of it; an "
        "online document (such as Tencent Docs, Feishu, WPS or Google Sheets) exports one as .xlsx from its menu.",
        "{path} 是网址（{scheme}），不是文件。请先下载，再提供下载得到的文件；在线文档（腾讯文档、飞书、金山文档等）可从菜单导出为 .xlsx。",
    ),
    # --- files of JSON and parquet
    "json.delimiter": (
        "{path} is JSON, in which nothing stands between columns: leave out {option}.",
        "{path} 是 JSON 文件，没有列分隔符。请去掉 {option}。",
    ),
    "json.damaged": (
        "The JSON of {path} cannot be read on line {line}: something there is not as JSON has it, such as a comma, a bracket or a "
        "quotation mark. Export the file again, or mend that line.",
        "{path} 第 {line} 行的 JSON 无法读取：该处的逗号、括号或引号等不符合 JSON 格式。请重新导出文件，或修正该行。",
    ),
    "json.cut": (
        "{path} ends on line {line} in the middle of its JSON: it was cut while it was written or copied. Export it again.",
        "{path} 在第 {line} 行的 JSON 中间结束：文件在写入或复制时被截断。请重新导出。",
    ),
    "json.no_object": (
        'On line {line} of {path} something stands that is no row. Give one object for each row, such as {{"clue_id": …}}: one after '
        "the other, or in one list.",
        '{path} 的第 {line} 行不是一行数据。请为每一行提供一个对象，例如 {{"clue_id": …}}：逐行排列，或放在一个列表中。',
    ),
    "json.long_object": (
        "The object that begins on line {line} of {path} is too long for a row. If the rows stand inside of it, export the list of "
        "rows alone.",
        "{path} 中从第 {line} 行开始的对象太长，不像一行数据。如果数据行在它里面，请只导出数据行的列表。",
    ),
    "json.twice": (
        'The object that begins on line {line} of {path} has "{name}" twice, and it is not certain which of the two is meant. Leave '
        "one of them out.",
        "{path} 中从第 {line} 行开始的对象有两个“{name}”，无法确定以哪个为准。请去掉其中一个。",
    ),
    "parquet.no_pyarrow": (
        "{path} is a parquet file, which is read by pyarrow, and that is not installed here: pip install "
        "'batch-editor[parquet]'. Or save the table as CSV.",
        "{path} 是 parquet 文件，需要用 pyarrow 读取，而这里没有安装：pip install 'batch-editor[parquet]'。也可以把表格另存为 CSV。",
    ),
    "parquet.damaged": (
        "The parquet file {path} cannot be read: it is damaged, encrypted or not whole ({reason}). Write it again, or save the table "
        "as CSV.",
        "无法读取 parquet 文件 {path}：文件已损坏、已加密或不完整（{reason}）。请重新写出，或把表格另存为 CSV。",
    ),
    # --- what is no sheet
    "file.database": (
        "{path} is {kind}, not a sheet. Export the rows from it as CSV or .xlsx; in Python, batch_editor.read_sql reads them.",
        "{path} 是{kind}，不是表格。请从中把数据导出为 CSV 或 .xlsx；在 Python 中可用 batch_editor.read_sql 读取。",
    ),
    "file.data": (
        "{path} is {kind}, not a sheet. Save the table as CSV, .xlsx or parquet; or read it in Python, and give the DataFrame.",
        "{path} 是{kind}，不是表格。请把表格另存为 CSV、.xlsx 或 parquet；或在 Python 中读取后提供 DataFrame。",
    ),
    "file.shortcut": (
        "{path} only leads to another file or page, and holds no rows itself. Give the file to which it leads.",
        "{path} 只是快捷方式，本身没有数据。请提供它所指向的文件。",
    ),
    "file.online": (
        "{path} only leads to an online document, and holds no rows itself. Open it there, download it as .xlsx, and give that file.",
        "{path} 只是在线文档的链接，本身没有数据。请在网页中打开，下载为 .xlsx 后再提供。",
    ),
    "file.not_here": (
        "{path} only stands for a file that is still in the cloud. Let it be downloaded to this computer (click on it), and give the "
        "sheet itself.",
        "{path} 只是占位文件，内容还在云端。请先下载到本机（点击该文件即可），再提供表格本身。",
    ),
    "kind.numbers": ("a sheet of Apple Numbers", " Apple Numbers 表格"),
    "kind.sylk": ("a sheet in the old form SYLK", " SYLK 旧格式表格"),
    "kind.dif": ("a sheet in the old form DIF", " DIF 旧格式表格"),
    "kind.document": ("a text document", "文字文档"),
    "kind.slides": ("a presentation", "演示文稿"),
    "kind.pdf": ("a PDF", " PDF 文件"),
    "kind.picture": ("a picture", "图片"),
    "kind.film": ("a film or a sound", "音视频文件"),
    "kind.mail": ("a mail", "邮件"),
    "kind.contacts": ("a list of contacts (vCard)", "通讯录文件（vCard）"),
    "kind.program": ("a program", "程序文件"),
    "kind.sqlite": ("a database of SQLite", " SQLite 数据库"),
    "kind.access": ("a database of Access", " Access 数据库"),
    "kind.arrow": ("a file of Arrow (Feather)", " Arrow（Feather）数据文件"),
    "kind.orc": ("a file of ORC", " ORC 数据文件"),
    "kind.avro": ("a file of Avro", " Avro 数据文件"),
    "kind.hdf": ("a file of HDF5", " HDF5 数据文件"),
    "kind.numpy": ("a file of NumPy", " NumPy 数据文件"),
    "kind.pickle": ("a pickle of Python", " Python pickle 文件"),
    # --- stdin
    "stdin.terminal": (
        "A sheet called - is what another program writes, and none writes here. Give the name of a file, or: "
        "program | batch-editor run -",
        "“-”表示从其他程序的输出读取表格，而这里没有程序在输出。请给出文件名，或使用：program | batch-editor run -",
    ),
}
