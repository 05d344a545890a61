"""What is said of rows: what is wrong with one, and what is worth a note. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
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
    "note.hidden_columns": (
        "THE SHEET HIDES these columns, and they are read like all others: {columns}. "
        "Delete those that are not meant, or leave them out with --ignore-column.",
        "以下列在表中被隐藏，但照常读取：{columns}。不需要的列请删除，或用 --ignore-column 忽略。",
    ),
    "note.no_line_end": (
        "The last line of the file has no end, as all others have. If it was cut while it was written or copied, its last cell is "
        "not whole: look at it, or export the file again.",
        "文件的最后一行没有换行，其他行都有。如果文件在写入或复制时被截断，最后一个单元格就不完整：请核对它，或重新导出。",
    ),
    "note.merged": (
        "The value of merged cells is sent for their first row and column only: {ranges} ({count}). "
        "--fill-down gives it to all rows that they span.",
        "合并单元格的值只用于其中第一行、第一列：{ranges}（共 {count} 处）。使用 --fill-down 可用于它跨越的所有行。",
    ),
    "note.merged_columns": (
        "The value of merged cells is sent for their first column only: {ranges} ({count}).",
        "合并单元格的值只用于其中第一列：{ranges}（共 {count} 处）。",
    ),
    "note.covered": (
        "Not sent, since merged cells cover them and nobody sees them: {cells:value}. Unmerge these cells if they are meant.",
        "有 {cells} 个值被合并单元格遮住、无法看到，未发送。如需发送，请先取消合并。",
    ),
    "note.merged_damaged": (
        "The sheet names merged cells that overlap or do not exist, and is read as if none were merged. "
        "Look at it in Excel, and save it again.",
        "表中记录的合并单元格相互重叠或不存在，已按没有合并读取。请用 Excel 打开检查后重新保存。",
    ),
    "note.shown_short": (
        "Sent with all digits, though Excel shows only some of them (1.38E+11): {cells:number}. "
        "Format such columns as text if they are numbers of phones or the like.",
        "有 {cells} 个数字按全部数位发送，而 Excel 只显示一部分（如 1.38E+11）。如果是电话等号码，请把该列设为文本格式。",
    ),
    "note.dates_by_country": (
        "Sent as 2026-12-01, since each computer shows them in its own way: {cells:date} in columns of text.",
        "文本列中有 {cells} 个日期的显示格式因电脑的区域设置而异，按 2026-12-01 的形式发送。",
    ),
    "note.parts_of_dates": (
        "Sent with day, month and year, though the sheet does not show all of these: {cells:date}.",
        "有 {cells} 个日期在表中没有显示完整的年月日，仍按其完整日期发送。",
    ),
    "note.struck": (
        "STRUCK THROUGH, and sent like all others: {cells:cell}, the first one is {first}. Delete what no longer holds.",
        "有 {cells} 个单元格带有删除线（第一个是 {first}），照常发送。已作废的内容请先删除。",
    ),
    "note.white": (
        "WHITE ON WHITE, so that nobody sees it, and sent like all others: {cells:cell}, the first one is {first}. Delete what is not "
        "meant.",
        "有 {cells} 个单元格是白底白字（第一个是 {first}），看不见但照常发送。不需要的内容请先删除。",
    ),
    "note.hidden_values": (
        "Left as they are, since their number format (;;;) shows nothing of what they hold: {cells:cell}.",
        "有 {cells} 个单元格的数字格式（;;;）使内容不显示，按空白处理，保持原值不变。",
    ),
    "note.numeric_ids": (
        "Exact, but stored as a number: {cells:id}. Excel and WPS round such ids as soon as they save the sheet. "
        "Format their columns as text in whatever makes the sheet.",
        "有 {cells} 个ID目前准确，但以数字格式保存：Excel 或 WPS 一保存就会把它们四舍五入。请在导出时把ID列设为文本格式。",
    ),
    "note.round_ids": (
        "{zeros:id} of {heading} end in 0000, as chance allows among {ids}, and are sent.",
        "“{heading}”列的 {ids} 个ID中有 {zeros} 个以 0000 结尾，数量在偶然出现的范围内，照常发送。",
    ),
    "note.phones_as_ids": (
        "Numbers of phones in place of ids, probably, which are not refused: {count:cell} of {heading}, the first one is {first}. "
        "Put the ids there.",
        "“{heading}”列有 {count} 个单元格像是手机号而不是ID（第一个是 {first}），程序不会拦截。请改为ID。",
    ),
    "note.short_ids": (
        "Much shorter than the other ids of {heading}, and not refused: {count:id}, the first one is {first}. See whether digits "
        "are lacking.",
        "“{heading}”列有 {count} 个ID比其他ID短得多（第一个是 {first}），程序不会拦截。请核对是否缺了位数。",
    ),
    "note.neighbour_ids": (
        "Like the id in the row above but for the last digits: {count:id} of {heading}, the first one is {first}. Excel makes such "
        "ids where a cell is dragged down. See whether these are the clues that are meant.",
        "“{heading}”列有 {count} 个ID与上一行只有末尾几位不同（第一个是 {first}）。在 Excel 中向下拖动填充会产生这样的ID，请核对是不是这些线索。",
    ),
    "reference.damaged": (
        "result_run and result_row do not say which row of which run it is, and were emptied or changed",
        "“结果·批次”（result_run）和“结果·行号”（result_row）没有写明是哪次运行的哪一行，已被清空或改动",
    ),
    "reference.unknown_run": (
        "this journal does not know the run {run} (it was removed, belongs to another state_dir, or the cell was changed)",
        "运行记录中没有运行 {run}（已被删除、属于另一个 state_dir，或单元格已被改动）",
    ),
    "reference.unknown_row": (
        "the run {run} has no row {row}, so the cell was changed",
        "运行 {run} 没有第 {row} 行，单元格已被改动",
    ),
    "reference.believed": (
        "the run {run} has not sent it, but took it for updated from a sheet",
        "运行 {run} 没有发送它，只是按照表格把它当作已更新",
    ),
    "reference.elsewhere": (
        "the run {run} went to {theirs}, and not to {ours}",
        "运行 {run} 发送到 {theirs}，而不是 {ours}",
    ),
    "reference.tenant": ("{address} (app: {app})", "{address}（应用：{app}）"),
    "reference.undone": (
        "the run {run} was undone by the run {undo}, so that its updates need not hold any more",
        "运行 {run} 已被运行 {undo} 撤销，它更新的内容可能已不再有效",
    ),
    "reference.redone": (
        "the run {run} was undone by the run {undo}, and that by the run {redo}, so that its updates may hold again, but need not",
        "运行 {run} 已被运行 {undo} 撤销，后者又被运行 {redo} 撤销，它更新的内容可能重新有效，但不能确定",
    ),
    "row.unknown": (
        "whether this row is updated is not known here: {reason}. It was not sent. To send it, run the new results sheet with "
        "--only-failed; if it is not wanted, delete the row there",
        "无法得知该行是否已更新：{reason}。该行没有发送。如需发送，请用新的结果表加 --only-failed 再运行一次；如不需要，请在其中删除该行",
    ),
    "reference.put_back": (
        "the run {undo} has put back what this row set in the run {run}: {fields}",
        "运行 {undo} 已恢复该行在运行 {run} 中设置的：{fields}",
    ),
    "row.put_back": (
        "not sent once more: it was not answered, may have been applied, and was put back by an undo since ({fields}). To send it all "
        "the same, put the row into a new sheet",
        "不再发送：该行没有得到答复、可能已生效，之后已由撤销恢复（{fields}）。如仍需发送，请把该行放入新的表格",
    ),
    "row.undone": (
        "not sent: {reason}. To send this row once more, put it into a sheet of its own and run that without --only-failed; "
        "if it is not wanted, delete it",
        "未发送：{reason}。如需再次发送该行，请把它放入单独的表格，不加 --only-failed 运行；如不需要，请删除该行",
    ),
    "row.other_meaning": (
        "asks for something else than it did in the run {run}, since the settings or the options are other ones, and that was "
        "not sent. Run it with those of then; or, to send what it asks for now, run the new results sheet with --only-failed",
        "由于设置或选项不同，其含义与运行 {run} 中的不同，没有发送。请使用当时的设置和选项运行；"
        "如需按现在的含义发送，请用新的结果表加 --only-failed 再运行一次",
    ),
    "row.newer_in_sheet": (
        "not sent: row {newer} of this sheet, of the same clue, sets the same field and is newer, and an older value never lands on a "
        "newer one. To send it nevertheless, put this row into a sheet of its own and run that",
        "未发送：本表第 {newer} 行是同一线索中较新的一行，并设置相同的字段，旧值不会覆盖新值。如果仍需要写入，请把此行放入单独的表格再运行",
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
        "says something else than it did when this row was updated, so that the row was not sent: was it copied, or filled down? To "
        "send it as it is now, run the new results sheet with --only-failed; if it is not wanted, delete the row there",
        "与该行更新时的内容不同，该行没有发送；是否复制或下拉填充过？如需按现在的内容发送，请用新的结果表加 --only-failed 再运行一次；"
        "如不需要，请在其中删除该行",
    ),
    "row.names_another": (
        "not sent: the row names somebody else than the CRM shows for this clue id. Were the ids sorted apart from the other columns?\n"
        "{lines}\n"
        "Put the right id into the row; if all is right as it is, correct these cells, or leave their columns out of compare_columns "
        "in the settings",
        "未发送：该行写的人与 CRM 中该线索ID对应的人不一致，是否只对ID列单独排过序？\n{lines}\n"
        "请在该行填写正确的线索ID；如果确认无误，请改正这些单元格，或从设置的 compare_columns 中去掉这些列",
    ),
    "row.trusted": (
        "equal by the journal, which set or saw these values on {when}; the clue was not read this time",
        "与记录一致：本工具在 {when} 写入或核对过这些值，本次没有再读取该线索",
    ),
    "row.named": ('{field}: the row says "{cell}", the CRM shows "{live}"', "{field}：表中是“{cell}”，CRM 中是“{live}”"),
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
        "Taken as text, not as a blank: {cells:cell} with a word for nothing, such as {examples}. If they stand for nothing, name them "
        "under blank_words: in the settings.",
        "有 {cells} 个单元格的内容是 {examples} 之类表示“没有”的字样，会按文字处理，不当作空白。如需当作空白，请写入设置的 blank_words:。",
    ),
    "note.near_markers": (
        "Sent as text, since that is not quite {marker}: {cells:cell}. To empty a field, write {marker} alone.",
        "有 {cells} 个单元格像是 {marker} 但写法不同，会按文字发送。要清空字段，请只写 {marker}。",
    ),
    "note.clears_nothing": (
        "Only empty fields are set, so that {cells:cell} with {marker} {cells:leaves its field/leave their fields} as {cells:it is/they are}.",
        "只填写空字段，因此有 {cells} 个填写 {marker} 的单元格不起作用。",
    ),
    "note.garbled": (
        "Sent as text, but it looks as if characters were lost or mixed up on their way, as in {examples}: {cells:cell}. If so, save the "
        "sheet as .xlsx or as CSV UTF-8 from where it came.",
        "有 {cells} 个单元格的文字像是丢失了字符或有乱码（如 {examples}），会按文字发送。如果确实如此，请在来源处另存为 .xlsx 或 CSV UTF-8。",
    ),
    "note.wrapped": (
        "Sent with the sign or the quotation marks that stand around it: {cells:cell}, such as {examples}. If they are there for Excel "
        "alone, take them away.",
        "有 {cells} 个单元格的文字前后带有撇号或引号（如 {examples}），会连同这些符号一起发送。如果它们只是给 Excel 用的，请删除。",
    ),
    "note.short_forms": (
        "Sent as the text that they are: {cells:cell} with a number in short form, such as {examples}. If digits were lost "
        "there, enter the number again, in a column with the format text.",
        "有 {cells} 个单元格的文字中含有科学计数法的数字（如 {examples}），会原样按文字发送。如果其中丢失了位数，请把该列设为文本格式后重新填写。",
    ),
    "note.zero_fractions": (
        "Whole numbers with .0 behind them, as a program writes those that it takes for fractions: {cells:cell}, such as {examples}. "
        "Of six digits or more they are sent without .0, shorter ones as they are.",
        "有 {cells} 个单元格的整数后面带有“.0”（如 {examples}），通常是程序把整数当作小数写出的。六位及以上的会去掉“.0”后发送，更短的原样发送。",
    ),
    "note.formulas": (
        "Sent as the text that they are: {cells:cell} with a formula, such as {examples}, where a spreadsheet may show its value. "
        "If that is meant, put the value there.",
        "有 {cells} 个单元格的文字是公式（如 {examples}），会原样按文字发送，而表格软件显示的可能是计算结果。如需发送结果，请直接填写结果。",
    ),
    "note.repeated_headings": (
        "Skipped, since they hold the headings once more: {rows:row}, the first of them row {first}.",
        "有 {rows} 行重复了列标题（第一处是第 {first} 行），已跳过。",
    ),
    "row.repeated_headings": ("the row holds the headings once more", "该行重复了列标题"),
    "row.other_headings": (
        "the row holds headings, and not those of this sheet: put the rows below it into a sheet of their own, or its columns in order, "
        "and delete this row",
        "该行是列标题，且与本表的列标题不同：请把它下面的行放到单独的表格中，或调整为本表的列顺序，并删除该行",
    ),
    "row.under_other_headings": (
        "the row stands below other headings (row {row}), so that its columns may mean something else; put these rows into a sheet of "
        "their own, or its columns in order, and delete row {row}",
        "该行位于另一组列标题（第 {row} 行）之下，各列的含义可能不同；请把这些行放到单独的表格中，或调整为本表的列顺序，并删除第 {row} 行",
    ),
    "note.updated_before": (
        "This is a results sheet. Updated already, and to be sent again: {rows:row}. --only-failed leaves them out.",
        "这是一份结果表，其中 {rows} 行之前已更新，现在会再次发送。使用 --only-failed 可跳过这些行。",
    ),
    "note.mended": (
        "Changed since they were updated: {rows:row}. Only the fields that were changed are sent.",
        "更新之后又改动过的行：{rows} 行，只发送其中改动过的字段。",
    ),
    "note.nothing_mended": (
        "Nothing in this sheet was changed since it was written. What is to be mended stands in the column result_message; mend it, "
        "save the sheet, and run it again.",
        "这份结果表写出之后没有任何改动。需要改正的内容见“结果·说明”（result_message）一列；请改正、保存后再运行。",
    ),
    "note.nothing_left": (
        "Nothing in this sheet was changed since it was written, and no row of it is left to be sent.",
        "这份结果表写出之后没有任何改动，也没有需要再发送的行。",
    ),
    "note.ignored_nothing": (
        "To be ignored, but not in this sheet: {names}.",
        "设置为忽略、但表中没有的列：{names}。",
    ),
    "note.no_data": (
        "Skipped, since they are none of the data (a total, who made the sheet, a remark on it): {rows:row}, the first of them row {first}.",
        "有 {rows} 行不是数据（合计、制表人、说明等，第一处是第 {first} 行），已跳过。",
    ),
    "row.no_data": (
        "the row is none of the data: a total, who made the sheet, or a remark on it",
        "该行不是数据（合计、制表人、说明等）",
    ),
    "note.areas": (
        "Sent, but not of the form 湖北省-武汉市-武昌区 that the CRM asks for: {cells:area}, such as {examples}.",
        "有 {cells} 个地区不是“湖北省-武汉市-武昌区”这样的形式（如 {examples}），仍会发送。",
    ),
    "note.channels": (
        "Sent as they are, but perhaps not with a hyphen between the levels, as the CRM asks: {cells:channel}, such as {examples}. "
        "If a sign in them stands between levels, write - there, without spaces.",
        "有 {cells} 个获客渠道可能不是“一级-二级-三级”这样的形式（如 {examples}），会原样发送。如果其中的符号是用来分级的，请改为 -，前后不要空格。",
    ),
    "note.counters": (
        "Ignored, since they only count the rows: {headings}.",
        "以下列只是序号，已忽略：{headings}。",
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
}
