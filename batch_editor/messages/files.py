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
    "file.special": (
        "{path} is no file that can be read more than once, but a pipe, a socket or a device. Save what it gives as a file, and "
        "give that one; or let it write to this program, with - in place of the name.",
        "{path} 不是可以反复读取的文件，而是管道、套接字或设备。请把内容保存成文件，再提供该文件；或用管道传给本程序，文件名写 -。",
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
    "file.owner": (
        "{path} only says who has a workbook open: Excel, WPS and LibreOffice make such a file beside it. Give the workbook itself.",
        "{path} 只是记录谁打开了工作簿的临时文件（由 Excel、WPS 或 LibreOffice 生成）。请提供工作簿本身。",
    ),
    "file.guarded": (
        "{path} was encrypted by the security software of its company (such as E-SafeNet). Decrypt it there, or export it again on "
        "a computer that may read it, and save it as .xlsx.",
        "{path} 被企业的文档加密软件（例如亿赛通 E-SafeNet、绿盾）加密。请先申请解密，或在有权限的电脑上重新导出，另存为 .xlsx。",
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
    "file.changed": (
        "{path} was changed, or replaced, while it was read. Wait until the program that writes it has ended, and try again.",
        "{path} 在读取过程中被修改或替换。请等写入它的程序结束后重试。",
    ),
    "csv.encoding": (
        "The text of {path} cannot be read for certain: it is neither UTF-8 nor GB18030 nor UTF-16, or it is damaged. {hint}",
        "无法确定 {path} 的文字编码：它不是 UTF-8、GB18030 或 UTF-16，或者已损坏。{hint}",
    ),
    "csv.which_encoding": (
        "It is not certain in which encoding the text of {path} is: GB18030, or another one. {hint}",
        "无法确定 {path} 的文字编码：可能是 GB18030，也可能是其他编码。{hint}",
    ),
    "csv.hint": (
        'Open it in Excel, check the text, and save it as "CSV UTF-8 (Comma delimited)" or as .xlsx; or, if you know its '
        "encoding, name that with {option}.",
        "请用 Excel 打开，核对文字后另存为“CSV UTF-8（逗号分隔）”或 .xlsx；如果知道它的编码，也可以用 {option} 指明。",
    ),
    "csv.hint_candidates": (
        "It may be {candidates}. Name the encoding in which the text is right with {option}; or open the file in "
        'Excel, check the text, and save it as "CSV UTF-8 (Comma delimited)" or as .xlsx.',
        "可能是：{candidates}。请用 {option} 指明能正确显示文字的那一种；"
        "或用 Excel 打开，核对文字后另存为“CSV UTF-8（逗号分隔）”或 .xlsx。",
    ),
    "csv.uncertain": (
        "{path} holds too few characters beyond ASCII to tell whether it is UTF-8 or GB18030. {hint}",
        "{path} 中的中文等非 ASCII 字符太少，无法判断编码是 UTF-8 还是 GB18030。{hint}",
    ),
    "csv.disguised": (
        "{path} seems to hold Chinese, Japanese or Korean that is written in letters and signs ({encoding}). If that is so, name "
        "{encoding} with {option}; if it is not, name utf-8 there.",
        "{path} 中似乎有用字母和符号表示的中文、日文或韩文（{encoding} 编码）。如果是，请用 {option} 指明 {encoding}；如果不是，请指明 utf-8。",
    ),
    "csv.damaged": (
        "The text of {path} is {encoding}, but line {line} is damaged: it holds bytes that are no character. "
        'Export the file again, or mend that line and save the file as "CSV UTF-8".',
        "{path} 的编码是 {encoding}，但第 {line} 行已损坏，其中有无法识别的字节。"
        "请重新导出文件，或修正该行后另存为“CSV UTF-8”。",
    ),
    "csv.encoding_other": (
        "{path} is not in the encoding {encoding}: it is {real}. Leave out {option}, and it is read as that.",
        "{path} 的编码不是 {encoding}，而是 {real}。请去掉 {option}，程序会按后者读取。",
    ),
    "csv.encoding_misfit": (
        "{path} is not in the encoding {encoding}, or it is damaged: line {line} holds bytes that are no character of it. Leave "
        "out {option}, name another one, or export the file again.",
        "{path} 的编码不是 {encoding}，或者文件已损坏：第 {line} 行有该编码中不存在的字节。"
        "请去掉 {option}、换一种编码，或重新导出文件。",
    ),
    "csv.nul": (
        "Line {line} of {path} holds a NUL, a character that no text has: the file was damaged, or cut while it was copied. "
        "Export it again.",
        "{path} 的第 {line} 行中有 NUL 字符，正常文字中不会出现：文件已损坏，或复制时没有写完。请重新导出。",
    ),
    "csv.cut": (
        "{path} ends on line {line} in the middle of a row: that has {columns} columns instead of {expected}, and no line end. "
        "The file was cut while it was written or copied: export it again. If the row is whole, end it with a new line.",
        "{path} 在第 {line} 行的一行数据中间结束：只有 {columns} 列（应为 {expected} 列），也没有换行。"
        "文件在写入或复制时被截断，请重新导出。如果该行是完整的，请在其末尾加上换行。",
    ),
    "csv.line_ends": (
        "The row of {path} on line {line} seems to be one half of a row: it is shorter than the one before, and its lines end in "
        "another way than the first line does. Put a cell with a line break between quotation marks, or save the sheet as .xlsx.",
        "{path} 第 {line} 行像是半行数据：列数比前一行少，且换行符与首行不同。"
        "请把含有换行的单元格放在双引号中，或把表格另存为 .xlsx。",
    ),
    "csv.delimiter": (
        'It is not certain what stands between the columns of {path}, whose first line is "{text}". Name that '
        "sign with {option}, between quotation marks (a tab by the word tab); or save the sheet as .xlsx.",
        "无法确定 {path} 用什么符号分隔各列，其首行是“{text}”。请用 {option} 指明该符号并加引号（制表符写 tab）；"
        "或把表格另存为 .xlsx。",
    ),
    "csv.blank_behind_quote": (
        'In the row of {path} that begins on line {line}, there is a blank between a closing quotation mark and the delimiter ("a" '
        ',"b"). Whether it belongs to the cell is not certain: remove such blanks, or save the sheet as .xlsx.',
        '{path} 中从第 {line} 行开始的一行，右双引号与分隔符之间有空格（如 "a" ,"b"），无法确定空格是否属于单元格。'
        "请删除这样的空格，或把表格另存为 .xlsx。",
    ),
    "csv.plain_quotes": (
        "In the row of {path} that begins on line {line}, a cell begins with a quotation mark and does not end with one. Some "
        "programs write such a mark as it is and others put cells between two: which is meant is not certain. Put that cell "
        "between quotation marks and double those within it, or save the sheet as .xlsx.",
        "{path} 中从第 {line} 行开始的一行，有单元格以双引号开头却没有以双引号结尾。有的程序原样写出双引号，"
        "有的用双引号括起单元格，无法确定是哪一种。请用双引号括起该单元格并把其中的双引号写两遍，或把表格另存为 .xlsx。",
    ),
    "encoding.option": ("--encoding", "--encoding"),
    "encoding.table": ("encoding: under lookups", "lookups 中的 encoding:"),
    "delimiter.option": ("--delimiter", "--delimiter"),
    "delimiter.table": ("delimiter: under lookups", "lookups 中的 delimiter:"),
    "text.encoding_unknown": (
        '{option}: "{name}" is no encoding. Known ones are utf-8, utf-16, gbk, gb18030, big5, shift_jis, euc-kr, windows-1252.',
        "{option}：“{name}”不是已知的编码。可用的编码例如 utf-8、utf-16、gbk、gb18030、big5、shift_jis、euc-kr、windows-1252。",
    ),
    "text.delimiter_unknown": (
        "{option}: \"{name}\" cannot stand between columns. Give one character that is no letter or digit, such as ';' or '|', "
        "or the word tab.",
        "{option}：“{name}”不能作分隔符。请写一个字母和数字以外的字符，例如 ';' 或 '|'，或写 tab。",
    ),
    "text.not_text": (
        "{path} is no text file (CSV), and its characters and columns are known: leave out {encoding} and {delimiter}.",
        "{path} 不是文本文件（CSV），编码和列是已知的，请去掉 {encoding} 和 {delimiter}。",
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
