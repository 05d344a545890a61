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
    "problem.record": ("row {label}", "行 {label}"),
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
}
