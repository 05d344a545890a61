"""Every sentence that a person reads, by key, in English and Chinese.

A text has places in braces; the values come from a ``Message`` and may be messages themselves. Nothing else in the
package holds a sentence for people (the command line's ``--help`` and logs are English). ``{rows:row}`` is a number with its
unit in English, "1 row" or "2 rows"; Chinese needs none.
"""

from __future__ import annotations

import locale
import os
import re
import string
from typing import Any, Literal

from .records import Message

Lang = Literal["en", "zh"]

_PLAIN = re.compile(r"[\w./:\\+=-]+")

#: key → (English, Chinese)
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
    # --- end of sheets
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
    # --- end of workbooks of other kinds
    # --- headings and rows
    "sheet.unknown": (
        'There is no sheet "{name}" in this file. It has: {names}. Choose one with --sheet, by its name or number.',
        "文件中没有工作表“{name}”。现有工作表：{names}。请用 --sheet 加名称或序号选择其中一个。",
    ),
    "note.other_sheets": (
        'Only the sheet "{sheet}" is read; these have clue ids as well: {others}. Choose one with --sheet.',
        "只读取工作表“{sheet}”；以下工作表也有线索ID：{others}。如需读取它们，请用 --sheet 选择。",
    ),
    "note.hidden_rows": (
        "THE SHEET HIDES {rows} of these rows (a filter, say), and they will be sent as well. --visible-only leaves them out.",
        "其中 {rows} 行在表中被隐藏（例如被筛选掉），也会一并发送。使用 --visible-only 可跳过这些行。",
    ),
    "note.left_out": (
        "Left out, since the sheet hides them: {rows:row}.",
        "已跳过表中隐藏的 {rows} 行。",
    ),
    "note.numeric_ids": (
        "Exact, but stored as a number: {cells:id}. Excel and WPS round such ids as soon as they save the sheet. "
        "Format their columns as text in whatever makes the sheet.",
        "有 {cells} 个ID目前准确，但以数字格式保存：Excel 或 WPS 一保存就会把它们四舍五入。请在导出时把ID列设为文本格式。",
    ),
    "sheet.empty": (
        "The sheet {name} is empty. Put the headings (线索ID, …) in its first row and the clues below.",
        "工作表 {name} 是空的。请在第一行填写列标题（线索ID 等），下面填写线索。",
    ),
    "sheet.empty_file": (
        "The file is empty. Put the headings (线索ID, …) in its first row and the clues below.",
        "文件是空的。请在第一行填写列标题（线索ID 等），下面填写线索。",
    ),
    "sheet.no_rows": (
        "There are no rows below the headings, so there is nothing to send. Fill in at least one row.",
        "列标题下面没有任何数据行，没有可发送的内容。请至少填写一行。",
    ),
    "headings.no_clue_id": (
        "None of the first ten rows has a heading for the clue id (线索ID or clue_id). The first row holds: {found}. "
        "Name that column 线索ID, or tell its name under columns: in the settings.",
        "前十行中没有找到“线索ID”（clue_id）列标题。第一行的内容是：{found}。请把该列命名为“线索ID”，或在设置的 columns: 中说明它的名称。",
    ),
    "headings.wrong": (
        "The headings cannot be used, and nothing was sent:\n{lines}\n"
        "Rename such a column, say under columns: in the settings what it is, "
        "or leave it out with --ignore-column NAME (ignore_columns: in the settings).",
        "列标题有问题，未发送任何数据：\n{lines}\n"
        "请修改列标题，或在设置的 columns: 中说明它对应的字段，或用 --ignore-column 列名（设置中的 ignore_columns:）忽略该列。",
    ),
    "heading.unknown": ('{place}: "{heading}" is not a field', "{place}：“{heading}”不是已知字段"),
    "heading.unknown_near": (
        '{place}: "{heading}" is not a field; is it {near}?',
        "{place}：“{heading}”不是已知字段，是不是 {near}？",
    ),
    "heading.repeated": (
        '{place}: "{heading}" and {first} both stand for {key}; delete one of the two columns, or rename the one that is something else',
        "{place}：“{heading}”和 {first} 都表示 {key}；请删除其中一列，或给含义不同的那一列改名",
    ),
    "only_failed.no_results": (
        "--only-failed needs a results sheet, and this sheet has no column result_status. Give the results file of the earlier run.",
        "--only-failed 需要结果表，而该表没有 result_status 列。请使用上次运行生成的结果文件。",
    ),
    "edit.not_editable": (
        "--edit names {name}, which tells who edits or which clue it is, and cannot be changed.",
        "--edit 指定了 {name}，它只表示操作人或是哪条线索，不能修改。",
    ),
    "edit.not_in_sheet": (
        "--edit names {keys}, which the sheet does not have. Its headings are: {headings}.",
        "--edit 指定了 {keys}，但表中没有这些列。表中的列标题有：{headings}。",
    ),
    "row.too_long": (
        "the row has values to the right of its {columns} headings: probably a comma too many shifted them; put quotes around the text that holds it",
        "该行的数据超出了 {columns} 个列标题的范围，可能是多了一个逗号导致错位；请给含逗号的文字加上引号",
    ),
    "row.overtaken": (
        "row {later} of the same clue was updated already, and this older row would undo it; put what still matters into that row "
        "or into a new sheet, and leave this row out",
        "同一线索的第 {later} 行已经更新，再发送这一较早的行会把它覆盖；请把仍然需要的内容写到那一行或新表格中，并删除本行",
    ),
    "row.altered": (
        "was changed after this row had been updated, and the change was not sent. To send it, run the new results sheet with "
        "--only-failed; if it is not wanted, delete the row there",
        "在该行更新之后又被改动，改动没有发送。如需发送，请用新的结果表加 --only-failed 再运行一次；如不需要，请在其中删除该行",
    ),
    "row.no_clue_id": ("the clue id is missing", "缺少线索ID"),
    "row.no_user_id": (
        "{field}, who edits, is required and missing; fill it in, or set a default under defaults: in the settings",
        "缺少必填项 {field}（由谁操作）；请填写，或在设置的 defaults: 中给出默认值",
    ),
    "row.lacking": (
        "{field} is required and missing; fill it in, set a default under defaults: in the settings, or add --fill to take it from the CRM",
        "缺少必填项 {field}；请填写，在设置的 defaults: 中给出默认值，或加上 --fill 从 CRM 读取",
    ),
    "note.empty_heading": (
        "Ignored, since they stand under an empty heading: values in {rows:row}.",
        "有 {rows} 行在空白列标题下有内容，这些内容会被忽略。",
    ),
    "note.blank_words": (
        "Taken as text, not as a blank: {cells:cell} with a word such as NA, null, None or -.",
        "有 {cells} 个单元格的内容是 NA、null、None 或 - 之类的字样，会按文字处理，不当作空白。",
    ),
    "note.near_markers": (
        "Sent as text, since that is not quite {marker}: {cells:cell}. To empty a field, write {marker} alone.",
        "有 {cells} 个单元格像是 {marker} 但写法不同，会按文字发送。要清空字段，请只写 {marker}。",
    ),
    "note.garbled": (
        "Sent as text, but it looks as if its characters were lost when the file was saved (as ????): {cells:cell}. If so, save the "
        "sheet as .xlsx or as CSV UTF-8 from where it came.",
        "有 {cells} 个单元格像是保存文件时丢失了文字（例如 ????），会按文字发送。如果确实如此，请从来源处重新另存为 .xlsx 或“CSV UTF-8”。",
    ),
    "note.updated_before": (
        "This is a results sheet. Updated already, and to be sent again: {rows:row}. --only-failed leaves them out.",
        "这是一份结果表，其中 {rows} 行之前已更新，现在会再次发送。使用 --only-failed 可跳过这些行。",
    ),
    "note.ignored_nothing": (
        "To be ignored, but not in this sheet: {names}.",
        "设置为忽略、但表中没有的列：{names}。",
    ),
    "note.read_only": (
        "Ignored, since the CRM does not let them be edited: {headings}.",
        "以下列无法通过接口修改，已忽略：{headings}。",
    ),
    "note.undeclared": (
        "Not declared under custom_fields: in the settings, so sent as plain text: {keys}.",
        "以下自定义字段未在设置的 custom_fields: 中声明，按普通文本发送：{keys}。",
    ),
    "problem": ("{at}: {what}", "{at}：{what}"),
    "verbatim": ("{text}", "{text}"),
    # --- cells: what is wrong with one, to stand behind the heading of its column
    "problem.of_cell": ("{heading} {what}", "{heading}{what}"),
    "problem.of_latin": ("{heading} {what}", "{heading} {what}"),
    "cell.uncomputed": (
        "holds a formula without a stored value; open the file in Excel or WPS, let it calculate, and save it again",
        "的公式没有保存计算结果；请用 Excel 或 WPS 打开文件，计算后重新保存",
    ),
    "cell.error": (
        "holds the error {value}; mend the formula, or empty the cell to leave the field as it is",
        "是错误值 {value}；请修正公式，或清空单元格以保持原值不变",
    ),
    "cell.broken_text": (
        'holds characters that are broken ("{value}"); type it again',
        "含有损坏的字符（“{value}”）；请重新输入",
    ),
    "cell.number_too_long": (
        "has lost digits; it holds {value}: format the column as text and enter it again",
        "丢失了部分位数；单元格里是 {value}：请把该列设为文本格式后重新填写",
    ),
    "cell.id_float": (
        'must be an exact id; it holds the number "{value}", which may have lost digits: format the column as text and enter the id again',
        "应为准确的ID；单元格里的数字“{value}”可能已丢失位数：请把该列设为文本格式后重新填写ID",
    ),
    "cell.not_id": (
        'must be an id of 1 to 19 digits; it holds "{value}"',
        "应为 1 到 19 位数字的ID；单元格里是“{value}”",
    ),
    "cell.rounded": (
        "has been rounded by Excel, since {value} ends in zeros after its 15th digit; format the column as text and enter it again "
        "(if it really is so: ids.trust_round in the settings)",
        "被 Excel 四舍五入过，{value} 第 15 位之后全是零；请把该列设为文本格式后重新填写（如果确实如此，请设置 ids.trust_round）",
    ),
    "cell.rounded_column": (
        "holds {value}, which is not to be trusted, since too many ids of this column are rounded numbers; "
        "export the sheet again with the ids as text (if they really are so: ids.trust_round in the settings)",
        "里的 {value} 不可信，因为该列有过多ID像是被四舍五入过的数字；请以文本格式重新导出ID（如果确实如此，请设置 ids.trust_round）",
    ),
    "cell.email": (
        'must be an e-mail address such as name@example.com; it holds "{value}"',
        "应为邮箱地址，如 name@example.com；单元格里是“{value}”",
    ),
    "cell.gender": (
        'must be 男 or 女 (or 0/1); it holds "{value}"',
        "应为 男 或 女（或 0/1）；单元格里是“{value}”",
    ),
    "cell.flag": (
        'must be 是 or 否 (or 1/0); it holds "{value}"',
        "应为 是 或 否（或 1/0）；单元格里是“{value}”",
    ),
    "cell.integer": (
        'must be a whole number; it holds "{value}"',
        "应为整数；单元格里是“{value}”",
    ),
    "cell.integer_range": (
        'must be a whole number from {least} to {most}; it holds "{value}"',
        "应为 {least} 到 {most} 之间的整数；单元格里是“{value}”",
    ),
    "cell.no_parts": (
        'must name at least one id; it holds only separators: "{value}"',
        "至少应有一个ID；单元格里只有分隔符：“{value}”",
    ),
    "cell.nothing_left": (
        'holds only signs and no value: "{value}"; fill one in, or empty the cell to leave the field as it is',
        "只有符号，没有内容：“{value}”；请填写内容，或清空单元格以保持原值不变",
    ),
    "cell.marker_in_list": (
        "holds {marker} beside other values; write {marker} alone to clear the field, or take it out of the list",
        "把 {marker} 与其他值写在了一起；如需清空该字段，请只写 {marker}，否则请把它从列表中删除",
    ),
    "cell.option": (
        'must be one of the options ({options}); it holds "{value}"',
        "应为可选项之一（{options}）；单元格里是“{value}”",
    ),
    "cell.option_undeclared": (
        'must be the id of an option, since the settings list no options of this field; it holds "{value}"',
        "应为选项ID，因为设置中没有列出该字段的选项；单元格里是“{value}”",
    ),
    "cell.date": (
        'must be a date such as 1990-05-01; it holds "{value}"',
        "应为日期，如 1990-05-01；单元格里是“{value}”",
    ),
    "cell.ambiguous_date": (
        'must be a date such as 1990-05-01; it holds "{value}", which can be read in two ways',
        "应为日期，如 1990-05-01；单元格里的“{value}”有歧义",
    ),
    "cell.serial_date": (
        'must be a date; it holds "{value}", Excel\'s number for a day: format the column as a date',
        "应为日期；单元格里的“{value}”是 Excel 的日期序号：请把该列设为日期格式",
    ),
    "cell.has_time": (
        'must be a day without a time; it holds "{value}"',
        "应为不带时间的日期；单元格里是“{value}”",
    ),
    "cell.not_whole_second": (
        "must be a whole second, since the CRM wants seconds; it holds {value} milliseconds",
        "应为整秒，因为 CRM 以秒为单位；单元格里是 {value} 毫秒",
    ),
    "cell.not_clearable": (
        "is required and cannot be cleared; empty the cell to leave the field as it is",
        "为必填，不能清空；如需保持原值，请把单元格留空",
    ),
    "cell.blank_default": ("is blank", "为空"),
    # --- lookups: names instead of ids
    "setting.union_tag_not_found": (
        "must be names with their ids (name: id), a sheet (file, name and id), or crm",
        "应为名称和ID的对应（名称: ID）、一个表格文件（file、name 和 id），或 crm",
    ),
    "setting.missing": ("is missing", "缺少此项"),
    "setting.lookup": ("{reason}", "{reason}"),
    "lookup.of": (
        "the table of {key} under lookups cannot be used: {reason}",
        "lookups 中 {key} 的名称表不能使用：{reason}",
    ),
    "lookup.no_names": (
        '"{key}" under lookups cannot have a table of names; only {known} can',
        "lookups 中的“{key}”不能有名称表；只有 {known} 可以",
    ),
    "lookup.not_asked": (
        "the CRM does not tell the names of {key} (lookups); crm is possible for {asked} alone, so give a sheet with the names instead",
        "CRM 不提供 {key} 的名称（lookups）；只有 {asked} 可以写 crm，请改为指定一个名称表文件",
    ),
    "lookup.not_id": ('"{name}" needs an id of 1 to 19 digits', "“{name}”的ID应为 1 到 19 位数字"),
    "lookup.rounded": (
        'the id of "{name}" has lost its last digits; copy it again and put it in quotation marks (if it really is so: ids.trust_round)',
        "“{name}”的ID已丢失末尾的位数；请重新复制并加上引号（如果确实如此，请设置 ids.trust_round）",
    ),
    "lookup.no_name": ("the name is missing; fill it in, or delete the row", "缺少名称；请填写，或删除该行"),
    "lookup.no_id": ("the id is missing; fill it in, or delete the row", "缺少ID；请填写，或删除该行"),
    "lookup.separator": (
        '"{text}" holds a sign that stands between several tags in a cell (such as a comma); take it out of the table, or write it there without that sign',
        "“{text}”含有单元格中用来分隔多个标签的符号（如逗号、顿号）；请从名称表中删除，或在表中改用不含该符号的写法",
    ),
    "lookup.twice": (
        '"{name}" stands there with two ids, {first} and {second}; give each its own name, such as one with the department',
        "“{name}”对应两个ID：{first} 和 {second}；请为它们写上不同的名称，例如加上部门",
    ),
    "lookup.is_id": (
        '"{name}" is the name for {id}, and the id {other} reads the same; give the name another spelling',
        "“{name}”是 {id} 的名称，又与ID {other} 相同；请换一种名称写法",
    ),
    "lookup.heading_twice": ("this heading stands there twice; rename one of the two", "该列标题出现了两次；请给其中一列改名"),
    "lookups.file": (
        "The table of {key} under lookups cannot be read. {reason}",
        "无法读取 lookups 中 {key} 的名称表。{reason}",
    ),
    "lookups.cell": (
        "The table of {key} under lookups cannot be used: {path}, cell {at}: {reason}",
        "lookups 中 {key} 的名称表不能使用：{path} 的单元格 {at}：{reason}",
    ),
    "lookups.empty": (
        "The table of {key} under lookups, {path}, has no row below its headings. Fill in the names and ids.",
        "lookups 中 {key} 的名称表 {path} 在列标题下面没有任何行。请填写名称和ID。",
    ),
    "lookups.rounded": (
        "The ids under {heading} in {path}, the table of {key} under lookups, have lost digits. "
        "Export it again with the ids as text (if they really are so: ids.trust_round).",
        "lookups 中 {key} 的名称表 {path} 里，“{heading}”列的ID已丢失位数。请以文本格式重新导出ID（如果确实如此，请设置 ids.trust_round）。",
    ),
    "lookups.no_sheet": (
        'The table of {key} under lookups, {path}, has no sheet "{sheet}". It has: {names}. Correct sheet: there.',
        "lookups 中 {key} 的名称表 {path} 没有名为“{sheet}”的工作表。现有工作表：{names}。请更正那里的 sheet:。",
    ),
    "lookups.no_heading": (
        'The table of {key} under lookups, {path}, has no row with both headings "{name}" and "{id}" among its first ten. '
        "It begins with: {seen}. Correct name: and id: there, or the headings.",
        "lookups 中 {key} 的名称表 {path} 的前十行里，没有同时包含列标题“{name}”和“{id}”的一行。开头是：{seen}。"
        "请更正那里的 name: 和 id:，或修改列标题。",
    ),
    "lookups.no_credentials": (
        "The names of the pools are to be asked of the CRM (crm under lookups), also to check a sheet. {reason}",
        "需要向 CRM 查询线索池的名称（lookups 中写了 crm），检查表格时也一样。{reason}",
    ),
    "lookups.halted": (
        "The CRM could not be asked for the names of its pools (crm under lookups), and nothing was sent. {reason}",
        "无法向 CRM 查询线索池的名称（lookups 中写了 crm），未发送任何数据。{reason}",
    ),
    "lookups.unanswered": (
        "The CRM gave no usable answer in {requests:try} when asked for the names of its pools (crm under lookups): {reason}. "
        "Nothing was sent; try again later, or write the names and ids under lookups.",
        "向 CRM 查询线索池的名称（lookups 中写了 crm），尝试 {requests} 次都没有得到有效答复：{reason}。"
        "未发送任何数据；请稍后重试，或把名称和ID写在 lookups 中。",
    ),
    "lookups.refused": (
        "The CRM does not show the names of its pools (crm under lookups): {reason}. "
        "Nothing was sent; have the app permitted to, or write the names and ids under lookups.",
        "CRM 没有提供线索池的名称（lookups 中写了 crm）：{reason}。未发送任何数据；请为应用开通权限，或把名称和ID写在 lookups 中。",
    ),
    "lookups.malformed": (
        "The CRM shows its pools in a way that is not understood (crm under lookups). "
        "Nothing was sent; write the names and ids under lookups instead.",
        "无法识别 CRM 返回的线索池列表（lookups 中写了 crm）。未发送任何数据；请改为把名称和ID写在 lookups 中。",
    ),
    "lookups.incomplete": (
        "The CRM says that it has {total} pools and shows {found} of them (crm under lookups). "
        "Nothing was sent; try again, or write the names and ids under lookups.",
        "CRM 称有 {total} 个线索池，却只列出了 {found} 个（lookups 中写了 crm）。未发送任何数据；请重试，或把名称和ID写在 lookups 中。",
    ),
    "cell.unknown": (
        'must be a known name or id; it holds "{value}". Known names: {names}',
        "应为已知的名称或ID；单元格里是“{value}”。已有的名称：{names}",
    ),
    "cell.unknown_near": (
        'must be a known name or id; it holds "{value}": is it {near}?',
        "应为已知的名称或ID；单元格里是“{value}”，是不是“{near}”？",
    ),
    "cell.ambiguous": (
        'must be the id here, since "{value}" stands for several: {ids}',
        "应填写ID，因为“{value}”对应多个ID：{ids}",
    ),
    "cell.option_near": (
        'must be one of the options; it holds "{value}": is it {near}?',
        "应为可选项之一；单元格里是“{value}”，是不是“{near}”？",
    ),
    "note.pool_names": (
        'For the names under "{heading}" to be used, call that column 线索池ID, or say so under columns: in the settings.',
        "如需使用“{heading}”列中的名称，请把该列改名为“线索池ID”，或在设置的 columns: 中说明。",
    ),
    # --- end of lookups
    # --- the live record
    "live.malformed": (
        "the CRM shows {field} of this clue in a way that is not understood: {value}",
        "无法识别 CRM 返回的该线索的 {field}：{value}",
    ),
    "live.other_clue": (
        "the CRM was asked for clue {asked} and showed another one, or an id that has lost digits: {found}",
        "向 CRM 查询的是线索 {asked}，返回的却是其他线索，或是丢失了位数的ID：{found}",
    ),
    "live.unusable": (
        "nothing was sent: {reason}; look at the clue in the CRM, or send this row without reading the clue first",
        "未发送：{reason}。请到 CRM 中查看该线索，或者不先读取线索再发送此行",
    ),
    "live.refused": (
        "nothing was sent, since the clue could not be read: {refusal}",
        "无法读取该线索，因此未发送：{refusal}",
    ),
    "live.no_tags": (
        "the CRM does not show {field} of this clue, so none can be added or removed; without --tags they are replaced",
        "CRM 没有返回该线索的{field}，无法增减标签；不使用 --tags 时为整体替换",
    ),
    "live.lacking": (
        "{field} is required, and the CRM shows no value for it either; fill it in",
        "缺少必填项 {field}，CRM 中也没有该值；请填写",
    ),
    "value.empty": ("(empty)", "（空）"),
    "value.unknown": ("(cannot be read)", "（无法读取）"),
    "tags.no_column": (
        "--tags adds or removes tags, and the sheet has no column 标签 or 业务标签. Add one, or leave --tags out.",
        "--tags 用于增减标签，但表中没有“标签”或“业务标签”列。请添加该列，或去掉 --tags。",
    ),
    "diff.row": ("row", "行号"),
    "diff.clue": ("clue id", "线索ID"),
    "diff.field": ("field", "字段"),
    "diff.old": ("now", "现在的值"),
    "diff.new": ("will be", "将改为"),
    "diff.note": ("note", "说明"),
    "diff.line": ("  row {row}  {field}: {old} → {new}", "  第 {row} 行 {field}：{old} → {new}"),
    "undo.line": ("  clue {clue}  {field}: {old} → {new}", "  线索 {clue} {field}：{old} → {new}"),
    "diff.found": ("Differences: {fields:field} in {rows:row}:", "共 {rows} 行的 {fields} 个字段有差异："),
    "diff.none": ("Nothing differs: the CRM has these values already.", "没有差异：CRM 中已经是这些值。"),
    "diff.more": ("… and {fields:more field}.", "……另有 {fields} 个字段。"),
    "diff.written": ("Differences: {path}", "差异表：{path}"),
    "diff.nothing_sent": ("Compared only; nothing was sent.", "仅比较，未发送任何数据。"),
    # --- proof and undo
    "proof.line": ("{field}: expected {expected}, found {found}", "{field}：应为 {expected}，实际为 {found}"),
    "proof.refuted": (
        "Stopped: the CRM confirmed the first edit (row {row}, clue {clue}), but the clue is not what it should be now:\n{lines}\n"
        "The other edits were not sent. Mend this clue in the CRM by hand (an undo puts back only what its row sets), and find out "
        "why before you go on: the CRM may empty what is not sent, the settings may be wrong for this tenant (birthday_unit, "
        "custom_fields), or somebody has edited the clue at the same time.",
        "已停止：CRM 确认了第一条编辑（第 {row} 行，线索 {clue}），但读回的内容与预期不符：\n{lines}\n"
        "其他编辑没有发送。请先到 CRM 中手工改正该线索（撤销只恢复该行设置的字段），并查明原因："
        "可能 CRM 会清空没有发送的字段，可能设置与该企业不符（birthday_unit、custom_fields），也可能有人同时修改了它。",
    ),
    "proof.unreadable": (
        "Stopped: the first edit cannot be proved, since clue {clue} cannot be understood: {reason}. "
        "Without the proof (prove: false in the settings) edits are sent all the same.",
        "已停止：无法验证第一条编辑，因为看不懂线索 {clue} 的内容：{reason}。在设置中写 prove: false 可跳过验证直接发送。",
    ),
    "proof.unanswered": (
        "Stopped: the first edit (row {row}) could not be proved, since the CRM gave no usable answer to it, or to the reading of its "
        "clue. Nothing else was sent.",
        "已停止：第一条编辑（第 {row} 行）无法验证，因为编辑或读取该线索时 CRM 没有有效答复。其余各行均未发送。",
    ),
    "proof.not_shown": (
        "Nothing was sent: the edit of row {row} could neither be proved nor put back, since the CRM does not show its clue.",
        "未发送：CRM 不返回第 {row} 行的线索，既无法验证，也无法恢复原值。",
    ),
    "proof.skipped": (
        "The first edit (row {row}) cannot be proved: the CRM does not show its clue.",
        "无法验证第一条编辑（第 {row} 行）：CRM 不返回该线索的内容。照常发送。",
    ),
    "proof.was_refuted": (
        "The first edit of this sheet did not prove right in the run {run} (show {run} tells what was found). Nothing was sent. "
        "Look at that clue and at the settings; to send the sheet nevertheless, add --new.",
        "此表格的第一条编辑在运行 {run} 中验证不正确（用 show {run} 可查看详情）。未发送任何数据。"
        "请先检查该线索和设置；如果仍要发送此表，请加上 --new。",
    ),
    "proof.not_put_back": (
        "What the run {run} changed for the proof of this sheet was not put back. Nothing was sent. To put it back first:\n"
        "  batch-editor undo {run}\nTo start over without, add --new.",
        "运行 {run} 为验证此表格所做的修改尚未恢复。未发送任何数据。请先恢复：\n  batch-editor undo {run}\n"
        "如果不恢复而重新开始，请加上 --new。",
    ),
    "proof.asked": (
        "Stopped on request, before the first edit was proved.",
        "已按要求停止，第一条编辑尚未验证。",
    ),
    "proof.kept": (
        "What the first edit changed is NOT put back, since no value from before is known; the run {run} was for this edit alone. "
        "Look at its clue in the CRM.",
        "第一条编辑所做的修改未恢复，因为没有修改前的值；运行 {run} 只发送了这一条编辑。请到 CRM 中查看该线索。",
    ),
    "proof.given": (
        "The first edit (row {row}) was read back: it did what it says, and nothing else.",
        "第一条编辑（第 {row} 行）已读回核对：新值正确，其他内容没有变化。",
    ),
    "undo.nothing": (
        "Nothing of the run {run} can be put back, and nothing was sent. It updated no row, or it was sent without reading the clues "
        "first (--snapshot does that).\n{notes}",
        "运行 {run} 没有可以恢复的内容，未发送任何数据。它没有更新任何行，或者发送前没有读取线索（使用 --snapshot 可先读取）。\n{notes}",
    ),
    "undo.lacking": (
        "Cannot be put back, since no value from before is known: {fields}",
        "以下字段没有修改前的值，无法恢复：{fields}",
    ),
    "undo.unsure": (
        "{rows:row} of {run} failed, and may have been applied all the same; nothing of that is touched.",
        "运行 {run} 有 {rows} 行失败，但可能已生效；这些行不会处理。",
    ),
    "undo.not_known": (
        "not put back, since no value from before is known: {fields}",
        "没有修改前的值，未恢复：{fields}",
    ),
    "undo.changed": (
        "left alone, since it is not what the run has set: {fields}. Somebody has changed it since, or the CRM keeps it in another "
        "way; --force puts back the value from before nevertheless",
        "与该运行写入的值不同，保持不变：{fields}。可能之后有人修改过，也可能 CRM 保存时改变了它；使用 --force 可强制恢复为修改前的值",
    ),
    # --- settings
    "settings.missing": (
        "There is no settings file {path}. Copy config.example.yaml to that name, or choose another with --config.",
        "找不到设置文件 {path}。请复制 config.example.yaml 为该文件，或用 --config 指定其他文件。",
    ),
    "settings.unreadable": (
        "The settings file {path} cannot be read ({reason}). It must be a text file in UTF-8.",
        "无法读取设置文件 {path}（{reason}）。它必须是 UTF-8 编码的文本文件。",
    ),
    "settings.yaml": (
        "The settings file {path} is not valid YAML near line {line}: {reason}.",
        "设置文件 {path} 第 {line} 行附近不是有效的 YAML：{reason}。",
    ),
    "yaml.value": ("a value that cannot be read", "有无法读取的值"),
    "yaml.key": ("a key that is no text", "有不是文本的键"),
    "yaml.key_twice": ('the key "{key}" stands twice', "键“{key}”出现了两次"),
    "yaml.lines": ("the settings must be key: value lines", "设置应为“键: 值”形式的多行内容"),
    "yaml.character": ("a character or a depth that is not allowed", "有不允许的字符，或层数太多"),
    "settings.invalid": (
        "These settings cannot be used; config.example.yaml explains each of them:\n{lines}",
        "以下设置有误，每项设置的说明见 config.example.yaml：\n{lines}",
    ),
    "settings.unknown": ("{key}: there is no such setting", "{key}：没有这个设置项"),
    "settings.unknown_near": (
        "{key}: there is no such setting; is it {near}?",
        "{key}：没有这个设置项，是不是 {near}？",
    ),
    "settings.value": ("{key}: {reason}", "{key}：{reason}"),
    "settings.unparsed": (
        'The environment variable {name} cannot be read. It wants JSON: a list such as ["a", "b"], or pairs such as {{"a": "b"}}.',
        '无法读取环境变量 {name}。它的值应写成 JSON：列表形如 ["a", "b"]，键值对形如 {{"a": "b"}}。',
    ),
    "settings.variable": (
        "The environment variable {name} names no setting. Known ones begin with: {known}.",
        "环境变量 {name} 没有对应的设置项。可用的变量以下列名称开头：{known}。",
    ),
    "settings.no_credentials": (
        "There is no access token. Set WSHOTO_ACCESS_TOKEN, or WSHOTO_APP_ID and WSHOTO_APP_SECRET, "
        "or the same under api: in config.yaml.",
        "没有访问凭证。请设置环境变量 WSHOTO_ACCESS_TOKEN，或 WSHOTO_APP_ID 和 WSHOTO_APP_SECRET，或在 config.yaml 的 api: 中填写。",
    ),
    "settings.no_such_field": (
        '{source} names "{name}", which is neither a field nor a heading of the sheet.',
        "{source} 中的“{name}”既不是字段，也不是表中的列标题。",
    ),
    "settings.same_title": (
        'custom_fields: {first} and {second} have the same title "{title}"; titles must differ.',
        "custom_fields：{first} 和 {second} 的标题都是“{title}”；标题不能相同。",
    ),
    "settings.default": ("defaults: {field} {reason}", "defaults 中的 {field} {reason}"),
    "setting.url": ("must be an address such as https://open.wshoto.com", "应为网址，如 https://open.wshoto.com"),
    "setting.insecure_url": (
        "must begin with https://, since the access token travels in the URL",
        "必须以 https:// 开头，因为访问凭证在网址中传输",
    ),
    "setting.limit": (
        '"{limit}" is not a rate such as 5/second, 300/minute, 15000/hour or 100000/day',
        "“{limit}”不是有效的速率，应形如 5/second、300/minute、15000/hour 或 100000/day",
    ),
    "setting.marker_is_error": (
        "is what a spreadsheet shows for an error, so that every broken formula would clear its field; choose another text",
        "是表格软件显示的错误值，出错的公式会因此清空字段；请改用其他文字",
    ),
    "setting.option_rounded": (
        'the id of the option "{name}" of {key} under custom_fields has lost its last digits; copy it again and put it in '
        "quotation marks (if it really is so: ids.trust_round)",
        "custom_fields 中 {key} 的选项“{name}”的ID已丢失末尾的位数；请重新复制并加上引号（如果确实如此，请设置 ids.trust_round）",
    ),
    "setting.custom_title": (
        'the title "{title}" of {key} under custom_fields already means the field {field}; give {key} another title, and '
        "say under columns: that the heading means {key}",
        "custom_fields 中 {key} 的标题“{title}”已经表示字段 {field}；请为 {key} 换一个标题，并在 columns: 中说明该列标题对应 {key}",
    ),
    "setting.option_id": ('the option "{name}" needs a whole number as its id', "选项“{name}”的ID必须是整数"),
    "setting.clear_key": ('"{key}" is neither a field nor one of {groups}', "“{key}”既不是字段，也不是 {groups} 之一"),
    "setting.clear_value": ('{key} can be "", 0, null or []', '{key} 只能是 ""、0、null 或 []'),
    "setting.custom_no_key": (
        '"{key}" under custom_fields is no key such as mf_clue_51; put the name that people know under title:',
        "custom_fields 中的“{key}”不是 mf_clue_51 这样的字段名；供人阅读的名称请写在 title: 中",
    ),
    "setting.custom_key": (
        '"{key}" under custom_fields is a field of clue/edit itself',
        "custom_fields 中的“{key}”本来就是接口字段",
    ),
    "setting.default_key": (
        '"{key}" under defaults is not a required field; only those can have a default',
        "defaults 中的“{key}”不是必填字段；只有必填字段才能有默认值",
    ),
    "setting.column_key": (
        '"{heading}" under columns names "{key}", which is no field',
        "columns 中“{heading}”对应的“{key}”不是字段",
    ),
    "setting.int_parsing": ("must be a whole number", "应为整数"),
    "setting.int_type": ("must be a whole number", "应为整数"),
    "setting.int_from_float": ("must be a whole number", "应为整数"),
    "setting.float_parsing": ("must be a number", "应为数字"),
    "setting.float_type": ("must be a number", "应为数字"),
    "setting.bool_parsing": ("must be true or false", "应为 true 或 false"),
    "setting.bool_type": ("must be true or false", "应为 true 或 false"),
    "setting.string_type": ("must be a text", "应为文本"),
    "setting.exact_type": ("must be a text or a whole number", "应为文本或整数"),
    "setting.path_type": ("must be the path of a folder, as a text", "应为文件夹的路径（文本）"),
    "setting.string_too_short": ("must not be empty", "不能为空"),
    "setting.literal_error": ("must be one of {expected}", "应为 {expected} 之一"),
    "setting.greater_than": ("must be more than {gt}", "必须大于 {gt}"),
    "setting.greater_than_equal": ("must be at least {ge}", "必须不小于 {ge}"),
    "setting.less_than_equal": ("must be at most {le}", "必须不大于 {le}"),
    "setting.dict_type": ("must be a list of key: value lines", "应为“键: 值”形式的多行内容"),
    "setting.tuple_type": ("must be a list", "应为列表"),
    "setting.model_type": ("must be a list of key: value lines", "应为“键: 值”形式的多行内容"),
    # --- guards and refusals
    "guard.max_rows": (
        "The sheet has {found:row}, more than guards.max_rows allows ({most}). Nothing was sent; raise that setting if this is right.",
        "表中有 {found} 行，超过了 guards.max_rows 允许的 {most} 行。未发送任何数据；如确认无误，请调大该设置。",
    ),
    "guard.min_rows": (
        "The sheet has {found:row}, fewer than guards.min_rows demands ({least}). Nothing was sent; lower that setting if this is right.",
        "表中只有 {found} 行，少于 guards.min_rows 要求的 {least} 行。未发送任何数据；如确认无误，请调小该设置。",
    ),
    "guard.max_clears": (
        "{found:cell} would be cleared, more than guards.max_clears allows ({most}). Nothing was sent; raise that setting if this is right.",
        "将清空 {found} 个单元格对应的字段，超过了 guards.max_clears 允许的 {most} 个。未发送任何数据；如确认无误，请调大该设置。",
    ),
    "guard.max_reassigned": (
        "The owner or the pool would be set in {found:row}, more than guards.max_reassigned allows ({most}). "
        "Nothing was sent; raise that setting if this is right.",
        "有 {found} 行会设置跟进人或线索池，超过了 guards.max_reassigned 允许的 {most} 行。未发送任何数据；如确认无误，请调大该设置。",
    ),
    "guard.max_invalid_share": (
        "A share of {found} of the rows is invalid, more than guards.max_invalid_share allows ({most}). "
        "Nothing was sent; mend the rows (check lists them), or raise that setting.",
        "无效行的比例为 {found}，超过了 guards.max_invalid_share 允许的 {most}。未发送任何数据；请修正这些行（用 check 查看），或调大该设置。",
    ),
    "duplicates.refused": (
        "Of {clues:clue} there are several rows, and the settings say duplicates: error. Nothing was sent. Clue (rows): {examples}.",
        "有 {clues} 条线索出现在多行中，而设置为 duplicates: error。未发送任何数据。线索（行号）：{examples}。",
    ),
    "strict.refused": (
        "Invalid: {rows:row}, and --strict was asked for. Nothing was sent; mend this first:\n{lines}",
        "有 {rows} 行无效，而运行时指定了 --strict。未发送任何数据；请先修正：\n{lines}",
    ),
    "prompt.declined": ("Nothing was sent.", "未发送任何数据。"),
    "prompt.unseen": (
        "Nothing was sent, since nobody reads what this command has to show. Use --quiet to send without looking.",
        "未发送任何数据，因为没有人能看到本命令显示的内容。如无需查看，请使用 --quiet。",
    ),
    "here.gone": (
        "The folder in which this command was started is gone. Go to one that is there and try again.",
        "运行本命令时所在的文件夹已不存在。请换到存在的文件夹再试。",
    ),
    "prompt.interrupted": ("Interrupted before anything was sent.", "已中断，未发送任何数据。"),
    # --- preview
    "preview.where": ("To: {url} (app: {app})", "发送到：{url}（应用：{app}）"),
    "preview.fixed_token": ("that of the access token", "访问凭证所属的应用"),
    "preview.no_app": ("none yet", "尚未设置"),
    "preview.sheet": ("From: {source}{sheet}, {rows:row}", "来源：{source}{sheet}，共 {rows} 行"),
    "preview.calls": (
        "Edits to send: {calls}, to {clues:clue}, which takes {time} at the permitted rate",
        "将发送 {calls} 次编辑，涉及 {clues} 条线索，按允许的速率需要{time}",
    ),
    "preview.at_most": (
        "Edits to send: at most {calls}, to {clues:clue}; with reading {time} at the permitted rate",
        "最多发送 {calls} 次编辑，涉及 {clues} 条线索，连同读取，按允许的速率需要{time}",
    ),
    "preview.reads": (
        "Clues to be read from the CRM before their rows are sent: {clues}",
        "发送前将从 CRM 读取 {clues} 条线索",
    ),
    "preview.reads_until": (
        "Clues are read from the CRM until {calls} edits are found: at most {clues}",
        "将从 CRM 读取线索，找出 {calls} 次编辑为止，最多读取 {clues} 条",
    ),
    "preview.undo": ("Puts back what the run {run} changed.", "恢复运行 {run} 所做的修改。"),
    "preview.changes": ("Differs: {fields:field}, first of all:", "有差异的字段共 {fields} 个，前几个是："),
    "preview.no_undo": (
        "This run cannot be undone. Add --snapshot, and old values are kept for that.",
        "本次运行无法撤销。加上 --snapshot 可在发送前读取并保存原值，以便撤销。",
    ),
    "preview.no_undo_of": (
        "{rows:row} cannot be undone. Add --snapshot, and old values are kept for all.",
        "有 {rows} 行无法撤销。加上 --snapshot 可在发送前读取并保存全部原值，以便撤销。",
    ),
    "preview.unreadable": (
        "Cannot be read from the CRM, and so not be undone: {fields}",
        "以下字段无法从 CRM 读取，因此不能撤销：{fields}",
    ),
    "preview.unreadable_changed": (
        "Cannot be read, so they count as changed, and cannot be undone: {fields}",
        "以下字段无法从 CRM 读取，一律视为有变化，也不能撤销：{fields}",
    ),
    "preview.proof": (
        "The first edit is sent alone and read back; the others go only if it is right.",
        "第一条编辑先单独发送并读回核对，结果正确才发送其余各行。",
    ),
    "preview.proof_only": (
        "Only the first edit is sent: it is read back, and put back as it was.",
        "只发送第一条编辑：读回核对后恢复原值，其余各行不发送。",
    ),
    "preview.put_back_not": (
        "Not put back, changed by somebody since: {rows:row}",
        "不恢复（之后已有人修改）：{rows} 行",
    ),
    "preview.put_back_unknown": ("Not put back, the old value is not known: {rows:row}", "不恢复（原值未知）：{rows} 行"),
    "preview.unchanged": ("Not sent, the CRM has these values: {rows:row}", "不发送（CRM 中已是这些值）：{rows} 行"),
    "tags.add": ("Adds tags in {rows:row}", "将添加标签：{rows} 行"),
    "tags.remove": ("REMOVES TAGS in {rows:row}", "将移除标签：{rows} 行"),
    "preview.clears": ("CLEARS {cells:cell}:\n{lines}", "将清空 {cells} 项：\n{lines}"),
    "preview.reassigned": ("SETS OWNER OR POOL in {rows:row}", "将设置跟进人或线索池：{rows} 行"),
    "tags.replace": ("REPLACES ALL TAGS of a clue in {rows:row}", "将整体替换线索的标签：{rows} 行"),
    "preview.sets": ("Sets:\n{lines}", "将设置：\n{lines}"),
    "preview.field": ("{field}  {rows} ×  {shown}", "{field}  {rows} 行  {shown}"),
    "preview.at_rows": ("row {rows}", "第 {rows} 行"),
    "preview.limited": ("Not sent, beyond --limit: {rows:row}", "不发送（超出 --limit）：{rows} 行"),
    "preview.skipped": ("Not sent, nothing to edit: {rows:row}", "不发送（没有要修改的内容）：{rows} 行"),
    "preview.conflict": (
        "Not sent, changed by another run since: {rows:row}",
        "不发送（之后已被其他运行修改）：{rows} 行",
    ),
    "preview.rejected": ("Not sent, rejected before: {rows:row}", "不发送（之前已被 CRM 拒绝）：{rows} 行"),
    "preview.failed": (
        "Not sent again, failed before and may have been applied: {rows:row}",
        "不再发送（之前失败，可能已生效）：{rows} 行",
    ),
    "preview.goes_on": (
        "Goes on with the run {run}: only what is left is sent.",
        "继续运行 {run}：只发送剩余的行。",
    ),
    "preview.invalid": ("Not sent, invalid: {rows:row}", "不发送（内容有误）：{rows} 行"),
    "preview.updated": ("Not sent, updated before: {rows:row}", "不发送（之前已更新）：{rows} 行"),
    "preview.repeated": (
        "Several rows for {clues:clue}, sent in sheet order. Clue (rows): {examples}",
        "有 {clues} 条线索出现在多行中，将按表中顺序发送。线索（行号）：{examples}",
    ),
    "preview.problems": ("Problems ({number}):", "问题（{number} 处）："),
    "preview.problem": ("  {at}: {what}", "  {at}：{what}"),
    "preview.group": ("  {at}: {number} cells, the first: {what}", "  {at}：共 {number} 个单元格，第一个：{what}"),
    "preview.more_problems": (
        "… and {number} more; check --output FILE.xlsx shows them row by row",
        "……另有 {number} 处，用 check --output 文件.xlsx 可逐行查看",
    ),
    "preview.written": ("Sheet with what would be sent for each row: {path}", "逐行列出将发送内容的表格：{path}"),
    "preview.nothing_sent": ("Checked only; nothing was sent.", "仅检查，未发送任何数据。"),
    "prompt.send": ("Send now? Edits: {calls}. [Y/n]", "现在发送这 {calls} 次编辑吗？（是/否，直接回车：是）[Y/n]"),
    "prompt.send_no": ("Send now? Edits: {calls}. [y/N]", "现在发送这 {calls} 次编辑吗？（是/否，直接回车：否）[y/N]"),
    "prompt.unclear": ("Please answer y (yes) or n (no).", "请回答 是（y）或 否（n）。"),
    "time.moment": ("a moment", "片刻"),
    "time.seconds": ("about {seconds:second}", "约 {seconds} 秒"),
    "time.minutes": ("about {minutes:minute}", "约 {minutes} 分钟"),
    "time.hours": ("about {hours:hour}", "约 {hours} 小时"),
    # --- outcomes
    "rejected.said": ("the CRM refused the edit ({code}): {msg}", "CRM 拒绝了此次编辑（{code}）：{msg}"),
    "rejected.unconfirmed": (
        "the CRM did not confirm the edit: {msg}",
        "CRM 没有确认此次编辑：{msg}",
    ),
    "rejected.redirect": (
        "the server answered with a redirect (HTTP {status}), which is never followed since it would carry the token away; check api.base_url",
        "服务器返回了跳转（HTTP {status}），为避免泄露凭证不会跟随跳转；请检查 api.base_url",
    ),
    "rejected.after_lost": (
        "{refusal} (an earlier try of this edit was not answered, and may have been applied)",
        "{refusal}（此次编辑前面有一次尝试没有收到答复，可能已生效）",
    ),
    "failed.never": (
        "never reached the CRM after {requests:try}: {reason}",
        "尝试 {requests} 次都未能到达 CRM：{reason}",
    ),
    "failed.maybe": (
        "no usable answer after {requests:try}, may have been applied: {reason}",
        "尝试 {requests} 次都没有收到有效答复，可能已生效：{reason}",
    ),
    "failed.not_taken": (
        "the CRM did not take the edit in {requests:try}: {reason}",
        "CRM 没有接受此次编辑（共尝试 {requests} 次）：{reason}",
    ),
    "failed.answer": ("{code} {msg}", "{code} {msg}"),
    "failed.stopped": (
        "the run was stopped before the edit could be tried again; it may have been applied",
        "重试之前运行被停止；此次编辑可能已生效",
    ),
    "failed.unread": (
        "the clue could not be read in {requests:try}, so nothing was sent: {reason}",
        "尝试 {requests} 次都无法读取该线索，因此未发送：{reason}",
    ),
    "failed.too_fast": (
        'the CRM kept answering "too fast" to this edit for {seconds:second}; it was not applied',
        "CRM 连续 {seconds} 秒提示此次编辑“请求过快”；未生效",
    ),
    "failed.abandoned": (
        "the run was broken off while this edit was on its way; it may have been applied",
        "运行被强行中止时此次编辑正在发送；可能已生效",
    ),
    "failed.interrupted": (
        "the program ended while this edit was on its way; it may have been applied",
        "程序退出时此次编辑正在发送；可能已生效",
    ),
    # --- halts and notices
    "halt.asked": ("Stopped on request.", "已按要求停止。"),
    "halt.failures": (
        "Stopped: {rows:row} in a row failed, the last one: {last}",
        "已停止：连续 {rows} 行失败，最后一行：{last}",
    ),
    "halt.rejections": (
        "Stopped: the CRM refused {rows:row} in a row for the same reason, the last one: {last}",
        "已停止：CRM 以同一原因连续拒绝了 {rows} 行，最后一行：{last}",
    ),
    "halt.patience": (
        'Stopped: the CRM keeps answering "too fast" after pauses of {seconds:second} in all (the next pause would be {asked:second}). '
        "Try again later, or with a lower --rate.",
        "已停止：共暂停 {seconds} 秒后 CRM 仍提示“请求过快”（下一次需暂停 {asked} 秒）。请稍后再试，或用 --rate 降低速率。",
    ),
    "halt.held_back": (
        "Held back, since an earlier row of the same clue failed: {rows:row}.",
        "有 {rows} 行暂未发送，因为同一线索前面的行失败了。",
    ),
    "notice.pause": (
        'The CRM says "too fast": everything waits for {seconds:second}.',
        "CRM 提示“请求过快”：全部暂停 {seconds} 秒。",
    ),
    "notice.slower": (
        'The CRM keeps saying "too fast" although the permitted rate is held: the pace goes down to {percent} % of it.',
        "速率没有超出，但 CRM 仍多次提示“请求过快”：发送速度降至允许速率的 {percent}%。",
    ),
    "notice.full": (
        "The permitted rate of a longer time is used up: everything waits for {time}. To stop here, press Ctrl-C; resume goes on later.",
        "较长时间的限额已用完：需等待{time}。如需停止，请按 Ctrl-C，以后可用 resume 继续。",
    ),
    "notice.reading": (
        "Reading {clues:clue} first, {time} at the permitted rate. Nothing is sent yet.",
        "先读取 {clues} 条线索，按允许的速率需要{time}。此时不发送任何数据。",
    ),
    "notice.reading_until": (
        "Reading clues first, until {edits:edit} can be sent. Nothing is sent yet.",
        "先读取线索，找出 {edits} 次编辑为止。此时不发送任何数据。",
    ),
    "reading.said": ("the CRM says ({code}): {msg}", "CRM 的答复是（{code}）：{msg}"),
    "reading.nothing": ("the CRM shows nothing of it: {msg}", "CRM 没有返回它的内容：{msg}"),
    "reading.halted": (
        "The clues could not be read, and nothing was sent. {reason}",
        "无法读取线索，未发送任何数据。{reason}",
    ),
    "reading.unsure": (
        "{clues:clue} could not be read, and --strict or a guard has to know all of them. Nothing was sent; try again later.",
        "有 {clues} 条线索无法读取，而 --strict 或 guards 需要先读取全部线索。未发送任何数据，请稍后重试。",
    ),
    "notice.stopping": (
        "Stopping: what is on its way finishes first (to abandon that too, stop once more, e.g. with Ctrl-C).",
        "正在停止：先等待已发出的请求完成（如需立即放弃，请再停止一次，例如再按 Ctrl-C）。",
    ),
    "notice.token_renewed": ("The access token was refused; a new one was fetched.", "访问凭证失效，已重新获取。"),
    "token.unobtainable": (
        "No access token could be fetched: {reason}. Check api.base_url and the network.",
        "无法获取访问凭证：{reason}。请检查 api.base_url 和网络。",
    ),
    "token.denied": (
        "The CRM gave no access token ({code}): {msg}. Check app_id and app_secret.",
        "CRM 没有发放访问凭证（{code}）：{msg}。请检查 app_id 和 app_secret。",
    ),
    # --- journal, results, history
    "journal.unusable": (
        "The journal {path} cannot be opened ({reason}). Choose a folder that you may write to with state_dir in the settings.",
        "无法打开运行记录 {path}（{reason}）。请在设置中用 state_dir 指定一个可写的文件夹。",
    ),
    "journal.newer": (
        "The journal {path} was written by a newer version of batch_editor. Use that version.",
        "运行记录 {path} 由更新版本的 batch_editor 写入。请使用该版本。",
    ),
    "journal.unwritable": (
        "Stopped: the journal {path} can no longer be written ({reason}). Make room on the disk, then go on.",
        "已停止：无法继续写入运行记录 {path}（{reason}）。请清理磁盘空间后继续。",
    ),
    "journal.unreadable": (
        "The journal {path} can no longer be read ({reason}). See that its folder is there and may be read.",
        "无法读取运行记录 {path}（{reason}）。请检查它所在的文件夹是否存在、是否可读。",
    ),
    "pace.unusable": (
        "The record of the rate {path} cannot be opened ({reason}). Choose a folder that you may write to with state_dir in the settings.",
        "无法打开速率记录 {path}（{reason}）。请在设置中用 state_dir 指定一个可写的文件夹。",
    ),
    "pace.unwritable": (
        "Stopped: the record of the rate {path} can no longer be read or written ({reason}). "
        "See that its folder is there, has room and may be written to, then go on.",
        "已停止：无法继续读写速率记录 {path}（{reason}）。请检查它所在的文件夹是否存在、可写且有剩余空间，然后继续。",
    ),
    "journal.closed": ("Stopped: the journal {path} is closed.", "已停止：运行记录 {path} 已关闭。"),
    "run.under_way": (
        "The run {run} is still under way. Wait for its end, or stop it there with Ctrl-C; show {run} tells how far it is.",
        "运行 {run} 仍在进行中。请等待它结束，或在那里按 Ctrl-C 停止；用 show {run} 可查看进度。",
    ),
    "run.unknown": (
        'There is no run "{run}". The command runs lists them.',
        "没有名为“{run}”的运行。用 runs 命令可查看所有运行。",
    ),
    "run.too_old": (
        "The run {run} of this sheet stopped early, and was started more than {hours:.0f} hours ago ({started}): what it says may no "
        "longer be what is wanted. Nothing was sent. To go on with it:\n  batch-editor resume {run}\nTo start over, add --new.",
        "此表格的运行 {run} 提前停止，且开始于 {hours:.0f} 小时以前（{started}），其内容可能已经过时。未发送任何数据。"
        "要继续该运行：\n  batch-editor resume {run}\n要重新开始，请加上 --new。",
    ),
    "resume.abandoned": (
        "The run {run} was interrupted before anything was sent. Run its sheet again: {sheet}",
        "运行 {run} 在发送前就已中断，没有发送任何数据。请重新运行它的表格：{sheet}",
    ),
    "resume.undone": (
        "The run {run} was undone by the run {undo}: what it updated is no longer so. Nothing was sent. Run its sheet again: {sheet}",
        "运行 {run} 已被运行 {undo} 撤销，它更新的内容已不再有效。未发送任何数据。请重新运行它的表格：{sheet}",
    ),
    "preview.forces": (
        "OVERWRITES also what somebody has changed since (--force)",
        "之后有人改过的内容也将被覆盖（--force）",
    ),
    "resume.proof": (
        "The run {run} was for the proof of one edit, which was put back. Run its sheet instead: {sheet}",
        "运行 {run} 只用于验证一条编辑，并已恢复原值。请直接运行它的表格：{sheet}",
    ),
    "resume.other_app": (
        "The run {run} belongs to another app ({theirs}) than the settings ({ours}). Nothing was sent. "
        "Give the settings that it was started with (--config, WSHOTO_APP_ID, WSHOTO_ACCESS_TOKEN).",
        "运行 {run} 属于另一个应用（{theirs}），与当前设置（{ours}）不同。未发送任何数据。"
        "请使用启动该运行时的设置（--config、WSHOTO_APP_ID、WSHOTO_ACCESS_TOKEN）。",
    ),
    "row.changed_since": (
        "not sent: the run {run} has set the same field of this clue since, and an older value never lands on a newer one. "
        "If it is wanted nevertheless, put this row into a sheet of its own and run that",
        "未发送：运行 {run} 之后已设置过该线索的相同字段，旧值不会覆盖新值。如果仍需要写入，请把此行放入单独的表格再运行",
    ),
    "note.other_rules": (
        "An earlier run of this sheet ({run}) stopped early, but with other settings or options: this is a new one.",
        "此表格之前的运行（{run}）提前停止，但当时的设置或选项不同：本次为新的运行。",
    ),
    "note.finished": (
        "THIS SHEET WAS FINISHED BEFORE, by the run {run} at {time}: everything would be sent once more.",
        "此表格之前已完成（运行 {run}，{time}）：将全部重新发送。",
    ),
    "note.sent_before": (
        "ALREADY UPDATED WITH THE SAME VALUES by the run {run}, and to be sent once more, over what others may have changed since: "
        "{rows:row}. To send only the rows that you have mended, mend them in the results sheet of that run and run that with "
        "--only-failed.",
        "其中 {rows} 行已由运行 {run} 以相同的值更新过，现在会再次发送，可能覆盖其间他人的修改。"
        "如果只想发送改正过的行，请在那次运行的结果表中改正，再加 --only-failed 运行。",
    ),
    "note.finished_failed": (
        "THIS SHEET WAS FINISHED BEFORE, by the run {run} at {time}: everything would be sent once more. "
        "{failed} of its rows failed; resume {run} sends only those.",
        "此表格之前已完成（运行 {run}，{time}）：将全部重新发送。其中 {failed} 行失败；用 resume {run} 可只发送这些行。",
    ),
    "journal.purged": (
        "Removed from the journal, since they are older than {days:day}: {runs:run}.",
        "已从运行记录中删除 {days} 天以前的 {runs} 次运行。",
    ),
    "results.kind": (
        "The results cannot be written as {path}: the name must end in .xlsx or .csv.",
        "结果不能写成 {path}：文件名必须以 .xlsx 或 .csv 结尾。",
    ),
    "results.folder": (
        "The results cannot be written to the folder {folder} ({reason}). Choose another place with --output. Nothing was sent.",
        "无法把结果写入文件夹 {folder}（{reason}）。请用 --output 指定其他位置。未发送任何数据。",
    ),
    "results.not_written": (
        "The results sheet {path} could not be written ({reason}). Nothing is lost: make room, or choose another place with "
        "batch-editor results RUN --output FILE.",
        "结果表 {path} 写入失败（{reason}）。数据没有丢失：请清理空间，或用 batch-editor results 运行编号 --output 文件 写到其他位置。",
    ),
    "output.not_written": (
        "{path} could not be written ({reason}). Make room, or give another place with --output.",
        "{path} 写入失败（{reason}）。请清理空间，或用 --output 指定其他位置。",
    ),
    # --- template: the sheet to fill in
    "template.kind": (
        "The sheet to fill in cannot be called {path}: the name must end in .xlsx.",
        "待填写的表格不能命名为 {path}：文件名必须以 .xlsx 结尾。",
    ),
    "template.exists": (
        "{path} is there already, and is left as it is. Choose another name.",
        "{path} 已存在，不会被覆盖。请换一个文件名。",
    ),
    "template.folder": (
        "The sheet to fill in cannot be written to the folder {folder} ({reason}). Choose another folder, or a shorter name.",
        "无法把待填写的表格写入文件夹 {folder}（{reason}）。请换一个文件夹，或缩短文件名。",
    ),
    "template.written": (
        "The sheet to fill in: {path}\nFill in one row for each clue (its second sheet says how) and save it. "
        "Then check it; nothing is sent by that:\n  batch-editor check {file}{options}\n"
        "When all is well, send it:\n  batch-editor run {file}{options}",
        "待填写的表格：{path}\n每条线索填写一行（填写方法见第二个工作表），然后保存。先检查，此时不发送任何数据：\n"
        "  batch-editor check {file}{options}\n没有问题后再发送：\n  batch-editor run {file}{options}",
    ),
    "template.sheet": ("clues", "线索"),
    "template.instructions": ("instructions", "说明"),
    "template.options": ("options", "选项"),
    "template.title": ("How to fill in this workbook", "填写说明"),
    "template.step_rows": (
        'Fill in the sheet "{sheet}": one row for each clue. Point at a heading to see what its column holds.',
        "在工作表“{sheet}”中填写，每条线索一行。鼠标停在列标题上，可查看该列的填写方法。",
    ),
    "template.step_required": (
        "Red headings with a * are required in every row. Yellow ones are filled by themselves where the cell is blank. "
        "Blue ones are optional; grey ones are for you alone.",
        "红色、带 * 的列每行都要填写。黄色的列留空时会自动补上。蓝色的列选填。灰色的列只供自己查看。",
    ),
    "template.step_changed": (
        "What stands in these columns is changed in the CRM as well, not only looked at: {headings}.",
        "以下列填写后同样会修改 CRM 中的内容，不只是用来核对：{headings}。",
    ),
    "template.step_blank": (
        "A blank cell of an optional column leaves the field as it is.",
        "选填列的单元格留空，表示该字段保持原值不变。",
    ),
    "template.step_clear": (
        "To empty a field, write {marker} alone into the cell. Required fields cannot be emptied.",
        "要清空某个字段，请在单元格中只填 {marker}。必填字段不能清空。",
    ),
    "template.step_tags": (
        "{headings}: what you fill in REPLACES ALL tags of the clue. Also give those that it is to keep.",
        "{headings}：填写的内容会替换该线索原有的全部标签，要保留的标签也要一并填写。",
    ),
    "template.step_ids": (
        "Ids are text here, so that Excel keeps all their digits. When you paste, paste values or text only. "
        "If an id shows as 1.59E+18, digits are lost: copy it once more from where it came.",
        "ID 列已设为文本格式，以免 Excel 丢失位数。粘贴时请选择“只粘贴值”或“只粘贴文本”。"
        "如果ID显示成 1.59E+18，说明已丢失位数，请从来源处重新复制。",
    ),
    "template.step_columns": (
        "Do not change the headings. Columns that you do not need may be deleted, and their order does not matter.",
        "不要改动列标题。用不到的列可以删除，列的顺序可以调整。",
    ),
    "template.step_check": (
        'Save and close the workbook, and check it; nothing is sent by that: batch-editor check "{file}"',
        '保存并关闭本文件，先检查（不发送任何数据）：batch-editor check "{file}"',
    ),
    "template.step_run": (
        'When all is well, send it: batch-editor run "{file}"',
        '没有问题后再发送：batch-editor run "{file}"',
    ),
    "template.step_results": (
        "The results are in {results}, in the same folder: the column result_status says what became of each row.",
        "结果在同一文件夹的 {results} 中，result_status 列写明每一行的结果。",
    ),
    "template.step_again": (
        "Mend the rows that are not updated in that file, where result_message says what is wrong, save it, and send only those: "
        'batch-editor run "{results}" --only-failed',
        "未更新的行，原因见该文件的 result_message 列。请直接在该文件中修改并保存，再只发送这些行："
        'batch-editor run "{results}" --only-failed',
    ),
    "template.heading": ("Heading", "列标题"),
    "template.key": ("Key", "字段名"),
    "template.required": ("Required?", "是否必填"),
    "template.rule": ("A cell holds", "可填内容"),
    "template.example_of": ("Example", "示例"),
    "template.accepts": ("A cell holds: {rule}", "可填内容：{rule}"),
    "template.choices": ("Options: {options}", "选项：{options}"),
    "template.example": ("Example: {example}", "示例：{example}"),
    "template.any_text": ("any text", "任意文字"),
    "template.must": ("Required in every row.", "必填，每行都要填写。"),
    "template.default": ("Blank: the default {value} is used.", "留空则使用默认值 {value}。"),
    "template.fill": ("Blank: it is taken from the CRM.", "留空则从 CRM 读取。"),
    "template.optional": ("Optional; blank leaves it as it is.", "选填，留空则保持原值不变。"),
    "template.context": ("For people only: neither sent nor changed.", "只供查看：不发送，也不修改。"),
    "template.changes": ("What is filled in is changed in the CRM.", "填写后会修改 CRM 中的内容。"),
    "template.kept": (
        "Only tells which clue it is: sent along, not changed.",
        "只用于辨认线索：会随请求发送，但不会修改。",
    ),
    "template.clear": ("To empty the field: {marker}", "要清空该字段：只填 {marker}"),
    "template.no_clear": ("It cannot be emptied.", "不能清空。"),
    "template.replaces": (
        "REPLACES ALL tags of the clue: also give those that it is to keep.",
        "会替换该线索原有的全部标签，要保留的也要一并填写。",
    ),
    "template.several": ("Several can be given", "可填多项"),
    "template.several_how": (
        "Choose one, or type several with 、 or a comma between them.",
        "可从列表中选一项，也可以手工填写多项，用 、 或逗号隔开。",
    ),
    "template.not_offered": ("Not in the list", "不在列表中"),
    "template.not_offered_how": (
        "This is not in the list. The note of the heading says what else is accepted; anything else is refused when the sheet is checked.",
        "所填内容不在下拉列表中。列标题的批注写明了还可以怎么填，其他内容在检查表格时会被拒绝。",
    ),
    "rule.clue_id": ("the id of the clue, 1 to 19 digits", "线索的ID，1 到 19 位数字"),
    "rule.user_id": ("who edits: the id of an employee; it is never changed", "操作人的员工ID；只说明由谁操作，不会被修改"),
    "rule.follow_user_id": ("the id of the employee who follows the clue", "跟进人的员工ID"),
    "rule.named": ("a name from the list, or an id", "列表中的名称，或ID"),
    "rule.named_tags": (
        "tags by their names in the list or ids, with 、 or a comma between them",
        "标签，填列表中的名称或ID，多个用 、 或逗号隔开",
    ),
    "rule.id": ("an id of 1 to 19 digits", "ID，1 到 19 位数字"),
    "rule.text": ("text", "文字"),
    "rule.custom_text": ("text", "文字"),
    "rule.access_customer_channel": ("the names of the levels with - between them", "各级名称，用 - 连接"),
    "rule.area_code": ("text; out of use, the area by its names is better", "文字；该字段已停用，建议改填地区"),
    "rule.email": ("an e-mail address", "邮箱地址"),
    "rule.area": ("province, city and district with - or / between them", "省、市、区，用 - 或 / 连接"),
    "rule.tags": ("ids of tags with 、 or a comma between them", "标签的ID，多个用 、 或逗号隔开"),
    "rule.gender": (
        "男 or 女; also male, female, or 0 for 男, 1 for 女",
        "男 或 女；也可以填 male、female，或 0（男）、1（女）",
    ),
    "rule.flag": ("是 or 否; also 1, 0", "是 或 否；也可以填 1、0"),
    "rule.birthday": ("a day", "日期"),
    "rule.date": ("a day", "日期"),
    "rule.datetime": ("a day, with or without a time", "日期，可以带时间"),
    "rule.integer": ("a whole number", "整数"),
    "rule.single": ("one of the options, by name or id", "一个选项，填选项名或选项ID"),
    "rule.single_ids": ("the id of one option", "一个选项的ID"),
    "rule.multiple": (
        "options, by name or id, with 、 or a comma between them",
        "一个或多个选项，填选项名或选项ID，多个用 、 或逗号隔开",
    ),
    "rule.multiple_ids": ("ids of options with 、 or a comma between them", "选项ID，多个用 、 或逗号隔开"),
    "rule.cascade": (
        "an option, by its names from the top down with / between them",
        "一个选项，从上级到下级写出名称，用 / 隔开",
    ),
    "rule.cascade_ids": (
        "the ids of an option and all above it, from the top down, with / between them",
        "选项及其各上级的ID，从上级到下级，用 / 隔开",
    ),
    # --- end of template
    # --- summary and history
    "summary.head": ("Run {run}: {rows:row} in {time}", "运行 {run}：共 {rows} 行，用时{time}"),
    "summary.results": ("Results: {path}", "结果：{path}"),
    "summary.go_on": (
        "Still to be sent: {rows:row}. To go on:\n  batch-editor resume {run}{options}",
        "还有 {rows} 行待发送。要继续发送，请运行：\n  batch-editor resume {run}{options}",
    ),
    "summary.undo": (
        "To put back what this run changed:\n  batch-editor undo {run}{options}",
        "要撤销本次运行的修改，请运行：\n  batch-editor undo {run}{options}",
    ),
    "summary.put_back": (
        "What this edit changed was put back, by the run {run}. To send the sheet, leave --prove-only out.",
        "此次编辑已恢复原值（运行 {run}）。去掉 --prove-only 即可发送整张表。",
    ),
    "summary.not_put_back": (
        "What this edit changed was NOT all put back, by the run {run}:\n  {reason}",
        "此次编辑未能全部恢复原值（运行 {run}）：\n  {reason}",
    ),
    "summary.slowed": (
        'The CRM kept saying "too fast": the pace went down to {percent} % of the permitted rate at times.',
        "CRM 多次提示“请求过快”：发送速度曾降至允许速率的 {percent}%。",
    ),
    "summary.mend": (
        "The column result_message says what is wrong with {rows:row}. Mend that, in the results sheet if it is a cell, then:\n"
        "  batch-editor run {path} --only-failed{options}",
        "有 {rows} 行未更新，原因见 result_message 列。处理后（单元格有误的，请直接在结果表中修改）再运行：\n"
        "  batch-editor run {path} --only-failed{options}",
    ),
    "summary.reason": ("  {rows} ×  {reason}", "  {rows} 行：{reason}"),
    "summary.nothing": ("Nothing to send.", "没有要发送的内容。"),
    "status.updated": ("updated", "已更新"),
    "status.unchanged": ("unchanged", "无变化"),
    "status.skipped": ("skipped (nothing to edit)", "跳过（没有要修改的内容）"),
    "status.invalid": ("invalid (not sent)", "内容有误（未发送）"),
    "status.conflict": ("conflict", "有冲突"),
    "status.rejected": ("rejected by the CRM", "被 CRM 拒绝"),
    "status.failed": ("failed (no usable answer)", "失败（没有有效答复）"),
    "status.not_sent": ("not sent", "未发送"),
    "status.pending": ("still to be sent", "待发送"),
    "status.sending": ("on their way", "正在发送"),
    "progress.reading": ("{rows:row} read", "已读取 {rows} 行"),
    "progress.comparing": ("{done} of {total:row} read from the CRM", "已从 CRM 读取 {done} / {total} 行"),
    "progress.sending": ("{done} of {total} sent ({counts})", "已发送 {done} / {total}（{counts}）"),
    "state.planning": ("planning", "准备中"),
    "state.reading": ("reading clues", "读取线索中"),
    "state.sending": ("sending", "发送中"),
    "state.interrupted": ("interrupted: its program ended without a word", "意外中断（程序未正常结束）"),
    "state.abandoned": ("interrupted before anything was sent", "发送前中断（未发送任何数据）"),
    "state.finished": ("finished", "已完成"),
    "state.stopped": ("stopped early", "提前停止"),
    "show.run": ("Run", "运行"),
    "show.state": ("State", "状态"),
    "show.started": ("Started", "开始"),
    "show.finished": ("Ended", "结束"),
    "show.url": ("Address", "地址"),
    "show.app": ("App", "应用"),
    "show.source": ("Sheet", "表格"),
    "show.results": ("Results", "结果"),
    "show.rows": ("{rows:row}:", "共 {rows} 行："),
    "show.options": ("Options", "选项"),
    "show.settings": ("Settings (without secrets):", "设置（不含密钥）："),
    "demo.start": (
        "This is a demonstration: a stand-in of the CRM on this machine ({url}), and the sample sheets.",
        "这是演示：在本机启动了一个模拟 CRM（{url}），并运行示例表格。",
    ),
    "demo.sheet": ("\n== {name}", "\n== {name}"),
    "demo.clue": ("Clue {clue} ({name}):", "线索 {clue}（{name}）："),
    "demo.field": ("  {key}: {old} → {new}", "  {key}：{old} → {new}"),
    "demo.empty": ("(empty)", "（空）"),
    "demo.folder": (
        "The folder {folder} cannot be made or written ({reason}). Go to another folder and try again.",
        "无法创建或写入文件夹 {folder}（{reason}）。请换到其他文件夹再试。",
    ),
    "demo.end": (
        "\nSheets and results are in {folder}: open a .results.xlsx to see what became of every row.",
        "\n表格和结果都在 {folder}：打开其中的 .results.xlsx 可查看每一行的结果。",
    ),
    # --- the results workbook
    "results.sheet": ("results", "结果"),
    "diff.sheet": ("differences", "差异"),
    "check.sheet": ("check", "检查"),
    "book.sheet": ("summary", "汇总"),
    "column.result_status": (
        "What became of the row. Green: the CRM confirmed the edit. Red: look at result_message. "
        "The result columns are not sent; leave them as they are.",
        "这一行的处理结果。绿色：CRM 已确认修改；红色：原因见 result_message 列。以 result_ 开头的列不会发送，请保持原样。",
    ),
    "column.result_code": (
        "The code of the CRM's answer; 0 is success. Where there was no answer of the CRM itself: HTTP and a number, or nothing.",
        "CRM 返回的代码，0 表示成功。如果不是 CRM 本身的答复，则为 HTTP 加数字，或为空。",
    ),
    "column.result_message": (
        "What the CRM said, or what is wrong: the cell in this sheet, and what it should hold.",
        "CRM 的答复；或者问题所在：本表中哪个单元格有误，应该填什么。",
    ),
    "column.result_fields": (
        "The fields that the row sets or empties, by their names in the CRM.",
        "这一行要设置或清空的字段（CRM 中的字段名）。",
    ),
    "column.result_payload": (
        "What would be sent for the row, as the CRM gets it. Empty: nothing is.",
        "这一行将发送给 CRM 的内容；空白表示不发送。",
    ),
    "column.result_attempts": (
        "How many times the edit was sent. Empty: it was not.",
        "发送的次数；空白表示没有发送。",
    ),
    "column.result_time": (
        "When it was known what became of the row.",
        "得出结果的时间。",
    ),
    "book.title": ("Results of the run {run}", "运行 {run} 的结果"),
    "book.next": ("What to do now", "下一步"),
    "book.mend": (
        "Rows in red were not updated. Mend their cells in the first sheet, save this workbook, and send it again: "
        "what is updated is not sent once more.",
        "红色的行没有更新。请在第一张表中改正有误的单元格，保存本工作簿，然后再次发送；已更新的行不会重复发送。",
    ),
    "book.then": (
        "After that, look at the rows that are still red: the column result_message says what is to be mended.",
        "然后再处理仍为红色的行：result_message 列写明了需要改正的内容。",
    ),
    "book.look": (
        "Rows that were not updated: {rows}. The column result_message says why, and what can be done.",
        "有 {rows} 行没有更新，原因和处理办法见 result_message 列。",
    ),
    "book.done": ("Nothing is left to be done.", "全部处理完毕，无需再做什么。"),
    "book.proved": (
        "Only one edit was sent, to prove it. To send the sheet, leave --prove-only out.",
        "只发送了一条编辑用于验证。去掉 --prove-only 即可发送整张表。",
    ),
    "book.where": (
        "Type the command in the folder where the first one was typed, with the same --config if there was one.",
        "请在上次运行命令的文件夹中输入该命令；上次如果使用了 --config，也请同样加上。",
    ),
    "book.counts": ("Rows by status", "各状态的行数"),
    "book.total": ("All rows", "合计"),
    "book.reasons": ("Why rows were rejected or failed", "被拒绝或失败的原因"),
    "book.facts": ("This run", "本次运行"),
    "book.duration": ("Time taken", "用时"),
    "book.permitted": ("Permitted rate", "允许的速率"),
    "book.reached": ("Rows a second", "平均每秒行数"),
    "book.no_limit": ("no limit", "不限"),
    "rate.second": ("{count} a second", "每秒 {count} 次"),
    "rate.minute": ("{count} a minute", "每分钟 {count} 次"),
    "rate.hour": ("{count} an hour", "每小时 {count} 次"),
    "rate.day": ("{count} a day", "每天 {count} 次"),
    "book.changed": ("Settings that are not the usual ones (without secrets)", "与默认值不同的设置（不含密钥）"),
    "book.usual": ("The other settings", "其他设置（默认值）"),
    # --- end of the results workbook
    "runs.none": ("There are no runs yet.", "还没有任何运行。"),
    # --- client and tokens: what happened on the wire (to stand inside of another sentence), and refused tokens
    "net.refused": ("the connection was refused", "连接被拒绝"),
    "net.name": ("the name of the server was not found", "找不到服务器的域名"),
    "net.certificate": ("the server's certificate is not trusted", "服务器的证书不受信任"),
    "net.tls": ("no secure connection could be made", "无法建立安全连接"),
    "net.proxy": ("the proxy made no connection", "代理服务器未能建立连接"),
    "net.connect": ("no connection could be made", "无法建立连接"),
    "net.connect_timeout": ("no connection within {seconds} s", "{seconds} 秒内未能建立连接"),
    "net.timeout": ("no complete answer within {seconds} s", "{seconds} 秒内没有收到完整的答复"),
    "net.lost": ("the connection was lost before an answer came", "收到答复之前连接中断"),
    "net.cut": ("the connection was lost in the middle of the answer", "接收答复的过程中连接中断"),
    "net.address_unusable": (
        '"{address}" cannot be used as the address of the CRM (api.base_url). Give one such as https://open.wshoto.com.',
        "“{address}”不能用作 CRM 的地址（api.base_url）。请使用 https://open.wshoto.com 这样的地址。",
    ),
    "net.proxy_unusable": (
        "The proxy that the environment names (HTTPS_PROXY, HTTP_PROXY or ALL_PROXY) cannot be used: it must be an "
        "address that begins with http:// or https://. Correct it, or name the CRM's server in NO_PROXY.",
        "环境变量（HTTPS_PROXY、HTTP_PROXY 或 ALL_PROXY）指定的代理无法使用：地址必须以 http:// 或 https:// 开头。"
        "请更正，或者把 CRM 的服务器写进 NO_PROXY。",
    ),
    "net.certificates_unusable": (
        "The trusted certificates that the environment names (SSL_CERT_FILE or SSL_CERT_DIR) cannot be read. "
        "Correct the path, or unset the variable.",
        "无法读取环境变量（SSL_CERT_FILE 或 SSL_CERT_DIR）指定的受信任证书。请更正路径，或者取消该变量。",
    ),
    "reply.not_json": (
        "what came back is not an answer of the CRM (no JSON object)",
        "返回的不是 CRM 的答复（不是 JSON 对象）",
    ),
    "reply.no_code": ("the answer holds no code", "答复中没有返回码"),
    "reply.too_long": ("the answer is too long to be the CRM's", "返回内容过长，不是 CRM 的答复"),
    "reply.no_token": ("the answer holds no usable access token", "答复中没有可用的 access token"),
    "token.fixed_refused": (
        "The CRM does not accept the access token of the settings (api.access_token or WSHOTO_ACCESS_TOKEN): it may "
        "have expired. Put in a new one and go on, or set app_id and app_secret to have tokens fetched as needed.",
        "CRM 不接受设置中的 access token（api.access_token 或 WSHOTO_ACCESS_TOKEN），可能已经过期。"
        "请换成新的再继续；或者设置 app_id 和 app_secret，程序会自动获取。",
    ),
    "token.new_refused": (
        "The CRM refused an access token, and then the new one that it gave out as well. Check that app_id and "
        "app_secret are those of the right app and that the app may edit clues, then go on.",
        "CRM 拒绝了 access token，随后又拒绝了它新发放的 access token。请检查 app_id 和 app_secret 是否属于正确的应用、"
        "该应用是否有编辑线索的权限，然后再继续。",
    ),
    # --- end of client and tokens
}


class _Counting(string.Formatter):
    """Fills places such as ``{rows:row}`` with ``1 row`` or ``2 rows``."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec.replace(" ", "").isalpha():
            return str(super().format_field(value, format_spec))
        if str(value) == "1":
            return f"1 {format_spec}"
        many = f"{format_spec[:-1]}ies" if format_spec.endswith("ry") else f"{format_spec}s"  # tries, but days
        return f"{value} {many}"


_COUNTING = _Counting()


def say(message: Message, lang: Lang) -> str:
    """The sentence of ``message`` in ``lang``; values that are messages are said in the same language, lists line by line."""
    values = {name: _said(value, lang) for name, value in message.values.items()}
    return _COUNTING.vformat(TEXTS[message.key][0 if lang == "en" else 1], (), values)


def quoted(text: str) -> str:
    """``text`` as it is typed in a command, in quotation marks that sh, cmd and PowerShell all know."""
    return text if _PLAIN.fullmatch(text) else f'"{text}"'


def _said(value: object, lang: Lang) -> object:
    if isinstance(value, Message):
        return say(value, lang)
    if isinstance(value, list | tuple):
        return "\n".join(f"  {_said(one, lang)}" for one in value)
    return value


def language(wanted: str | None = None) -> Lang:
    """``wanted`` if it is a language of ours, else that of the locale (LC_ALL, LC_MESSAGES, LANG, the system's), else English."""
    if wanted in ("en", "zh"):
        return wanted  # type: ignore[return-value]  # narrowed by the test
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    name = next((name for name in names if name), None) or locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"
