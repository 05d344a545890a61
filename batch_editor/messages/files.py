"""What is said of files and the sheets in them. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- sheets: reading a file
    "file.missing": (
        "There is no file {path}. Check the name and the folder.",
        "找不到文件 {path}。请检查文件名和文件夹。",
    ),
    "file.folder": (
        "{path} is a folder. Give the sheet itself, a file such as edits.xlsx or edits.csv.",
        "{path} 是一个文件夹。请给出表格文件本身，例如 edits.xlsx 或 edits.csv。",
    ),
    "file.locked": (
        "{path} may not be read. If it is open in Excel, close it there or copy it; if not, ask its owner for access.",
        "没有读取 {path} 的权限。如果它正在 Excel 中打开，请先关闭，或复制一份再用；否则请向文件所有者申请权限。",
    ),
    "file.unreadable": (
        "{path} cannot be read: {reason}. Copy it to a folder of this computer and try again.",
        "无法读取 {path}：{reason}。请把它复制到本机的文件夹后重试。",
    ),
    "file.encrypted": (
        "{path} is protected by a password. Open it in Excel, remove the password (File > Info > Protect Workbook) and "
        "save it again.",
        "{path} 设有密码。请在 Excel 中打开，取消密码（文件 > 信息 > 保护工作簿）后重新保存。",
    ),
    "file.other_sheet": (
        "{path} is {kind}. Open it in the program that it comes from and save or export it as .xlsx.",
        "{path} 是{kind}。请用原来的程序打开，另存为或导出为 .xlsx。",
    ),
    "file.not_sheet": (
        "{path} is {kind}, not a sheet. Give an Excel workbook (.xlsx) or a CSV file.",
        "{path} 是{kind}，不是表格。请提供 Excel 工作簿（.xlsx）或 CSV 文件。",
    ),
    "file.packed": (
        "{path} is a packed archive, not a sheet. Unpack it and give the workbook (.xlsx) or CSV file inside.",
        "{path} 是压缩包，不是表格。请先解压，再提供其中的工作簿（.xlsx）或 CSV 文件。",
    ),
    "file.markup": (
        "{path} is a web page (HTML or XML), whatever its name says. Open it in Excel and save it as .xlsx.",
        "{path} 实际上是网页（HTML 或 XML）文件，与文件名无关。请用 Excel 打开，另存为 .xlsx。",
    ),
    "kind.numbers": ("a sheet of Apple Numbers", " Apple Numbers 表格"),
    "kind.document": ("a text document", "文字文档"),
    "kind.slides": ("a presentation", "演示文稿"),
    "kind.pdf": ("a PDF", " PDF 文件"),
    "kind.picture": ("a picture", "图片"),
    "csv.encoding": (
        "The text of {path} cannot be read for certain: it is neither UTF-8 nor GB18030 nor UTF-16, or it is damaged. "
        'Open it in Excel and save it as "CSV UTF-8 (Comma delimited)" or as .xlsx.',
        "无法确定 {path} 的文字编码：它不是 UTF-8、GB18030 或 UTF-16，或者已损坏。"
        "请用 Excel 打开，另存为“CSV UTF-8（逗号分隔）”或 .xlsx。",
    ),
    "csv.uncertain": (
        "{path} holds too few characters beyond ASCII to tell whether it is UTF-8 or GB18030. "
        'Open it in Excel, check them, and save it as "CSV UTF-8 (Comma delimited)" or as .xlsx.',
        "{path} 中的中文等非 ASCII 字符太少，无法判断编码是 UTF-8 还是 GB18030。"
        "请用 Excel 打开，核对这些字符，另存为“CSV UTF-8（逗号分隔）”或 .xlsx。",
    ),
    "csv.damaged": (
        "The text of {path} is UTF-8, but line {line} is damaged: it holds bytes that are no character. "
        'Export the file again, or mend that line and save the file as "CSV UTF-8".',
        "{path} 的编码是 UTF-8，但第 {line} 行已损坏，其中有无法识别的字节。请重新导出文件，或修正该行后另存为“CSV UTF-8”。",
    ),
    "csv.quotes": (
        "The quotation marks of {path} do not match in the row that begins on line {line}: one is missing, or one too "
        "many is there. Mend that line in a text editor, or save the sheet as .xlsx.",
        "{path} 中从第 {line} 行开始的一行，双引号不配对：缺少或多出一个。请在文本编辑器中修正该行，或把表格另存为 .xlsx。",
    ),
    "csv.long_cell": (
        "The row of {path} that begins on line {line} is too long for a sheet. Most likely a quotation mark is missing "
        "there: mend that line in a text editor, or save the sheet as .xlsx.",
        "{path} 中从第 {line} 行开始的一行太长，不像表格内容，很可能缺少一个双引号。"
        "请在文本编辑器中修正该行，或把表格另存为 .xlsx。",
    ),
    "xlsx.damaged": (
        "The workbook {path} is damaged, or was written in a way that cannot be read. "
        "Open it in Excel or WPS and save it again as .xlsx.",
        "工作簿 {path} 已损坏，或其写法无法读取。请用 Excel 或 WPS 打开，重新另存为 .xlsx。",
    ),
    "xlsx.too_large": (
        "The workbook {path} would unpack to far more than a sheet holds. If it is yours, copy its rows to a new "
        "workbook, or save them as CSV.",
        "工作簿 {path} 解压后的大小远超正常表格。如果确实是您的文件，请把数据行复制到新工作簿，或另存为 CSV。",
    ),
    "xlsx.no_sheet": (
        "The workbook {path} has no worksheet, only sheets of other kinds such as charts. Open it in Excel or WPS, put the "
        "rows on a worksheet and save it again as .xlsx.",
        "工作簿 {path} 中没有工作表，只有图表等其他类型的表。请用 Excel 或 WPS 打开，把数据放到工作表中，重新另存为 .xlsx。",
    ),
    # --- rows that are too wide, and workbooks of other kinds (.xls, .xlsb, .ods)
    "csv.too_wide": (
        "The row of {path} that begins on line {line} has {columns} columns, and a sheet has {most} at most. Give a file with "
        "the columns that are to be edited.",
        "{path} 中从第 {line} 行开始的一行有 {columns} 列，而表格最多只有 {most} 列。请提供只含需要编辑的列的文件。",
    ),
    "file.old_xls": (
        "{path} was saved for Excel 95 or older. Open it in Excel or WPS and save it as .xlsx.",
        "{path} 是 Excel 95 或更早版本的工作簿。请用 Excel 或 WPS 打开，另存为 .xlsx。",
    ),
    "foreign.damaged": (
        "The workbook {path} cannot be read: it is damaged, or too large for a file of its kind (one stray cell far to the "
        "right or far below is enough). Open it in the program that it comes from and save it as .xlsx.",
        "无法读取工作簿 {path}：它已损坏，或对于这种格式来说太大（最右侧或最下方很远处有一个多余的单元格就会如此）。"
        "请用原来的程序打开，另存为 .xlsx。",
    ),
    "foreign.no_sheet": (
        "The workbook {path} has no worksheet. Open it in the program that it comes from and save the sheet as .xlsx.",
        "工作簿 {path} 中没有工作表。请用原来的程序打开，把表格另存为 .xlsx。",
    ),
    "foreign.not_started": (
        "{path} can only be read by a second process, and that cannot be started here: {reason}. Open the file in the program "
        "that it comes from and save it as .xlsx.",
        "读取 {path} 需要另外启动一个进程，而当前环境无法启动：{reason}。请用原来的程序打开该文件，另存为 .xlsx。",
    ),
}
