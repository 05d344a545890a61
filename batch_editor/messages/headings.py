"""What is said of a sheet as a whole, and of its headings, so that it cannot be read as it is. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "sheet.no_names": (
        'A file of text holds one sheet, which has no name, and none is called "{name}". Leave out --sheet.',
        "文本文件只有一个工作表，没有名称，因此没有名为“{name}”的工作表。请去掉 --sheet。",
    ),
    "sheet.changes": (
        "The sheet {name} tells what a run has changed, and holds no edits. Choose another sheet.",
        "工作表“{name}”列出的是某次运行的改动，其中没有要发送的内容。请选择其他工作表。",
    ),
    "sheet.unknown": (
        'There is no sheet "{name}" in this file. It has: {names}. Choose one with --sheet, by its name or number.',
        "文件中没有工作表“{name}”。现有工作表：{names}。请用 --sheet 加名称或序号选择其中一个。",
    ),
    "sheet.merged_damaged": (
        "The sheet {sheet} names merged cells that overlap or do not exist, so nobody can say which rows they span. "
        "Unmerge them in Excel, save the sheet, and try again; or leave out --fill-down (fill_down: in the settings).",
        "工作表 {sheet} 中记录的合并单元格相互重叠或不存在，无法确定它们跨越哪些行。"
        "请在 Excel 中取消合并并保存后重试；或不使用 --fill-down（设置中的 fill_down:）。",
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
        "None of the first ten rows has a heading for the clue id (线索ID or clue_id). {held} "
        "Name that column 线索ID, or tell its name under columns: in the settings.",
        "前十行中没有找到“线索ID”（clue_id）列标题。{held}请把该列命名为“线索ID”，或在设置的 columns: 中说明它的名称。",
    ),
    "headings.no_such_row": (
        "Row {row} holds nothing, so it cannot be the row of the headings. Choose the row in which 线索ID and the other headings stand.",
        "第 {row} 行是空的，不能作为标题行。请选择“线索ID”等列标题所在的那一行。",
    ),
    "headings.no_clue_column": (
        "No column says which clue a row is about. Say which column of row {row} holds the clue id (线索ID), and do not leave it out.",
        "没有一列说明每行是哪条线索。请指明第 {row} 行的哪一列是“线索ID”，并且不要忽略该列。",
    ),
    "headings.first_row": ("The first row holds: {texts}.", "第一行的内容是：{texts}。"),
    "headings.ruined": (
        '{held} "{heading}" was "{meant}" before it was read by the wrong table of characters: save the sheet again as .xlsx or as '
        "CSV UTF-8 from where it came.",
        "{held}“{heading}”是乱码，原文应为“{meant}”：请在来源处另存为 .xlsx 或 CSV UTF-8。",
    ),
    "headings.lost": (
        '{held} "{heading}" has lost characters on its way: save the sheet again as .xlsx or as CSV UTF-8 from where it came.',
        "{held}“{heading}”在保存时丢失了文字：请在来源处另存为 .xlsx 或 CSV UTF-8。",
    ),
    "headings.near_clue_id": ('{held} Is it "{heading}"?', "{held}是不是“{heading}”这一列？"),
    "headings.in_tabs": (
        "The sheets of the file are: {tabs}. Row {row} of {sheet} holds: {texts}.",
        "文件中的工作表：{tabs}。工作表“{sheet}”第 {row} 行的内容是：{texts}。",
    ),
    "headings.wrong": (
        "The headings cannot be used, and nothing was sent:\n{lines}\n"
        "Rename such a column, say under columns: in the settings what it is, "
        "or leave it out with --ignore-column NAME (ignore_columns: in the settings).",
        "列标题有问题，未发送任何数据：\n{lines}\n"
        "请修改列标题，或在设置的 columns: 中说明它对应的字段，或用 --ignore-column 列名（设置中的 ignore_columns:）忽略该列。",
    ),
    "heading.unknown": ('{place}: "{heading}" is not a field', "{place}：“{heading}”不是已知字段"),
    "heading.ruined": (
        '{place}: "{heading}" was "{meant}" before it was read by the wrong table of characters; save the sheet again as .xlsx or '
        "as CSV UTF-8 from where it came",
        "{place}：“{heading}”是乱码，原文应为“{meant}”，请在来源处另存为 .xlsx 或 CSV UTF-8",
    ),
    "heading.lost": (
        '{place}: "{heading}" has lost characters on its way; save the sheet again as .xlsx or as CSV UTF-8 from where it came',
        "{place}：“{heading}”在保存时丢失了文字，请在来源处另存为 .xlsx 或 CSV UTF-8",
    ),
    "heading.unknown_near": (
        '{place}: "{heading}" is not a field; is it {near}?',
        "{place}：“{heading}”不是已知字段，是不是 {near}？",
    ),
    "heading.repeated": (
        '{place}: "{heading}" and {first} both stand for {key}; delete one of the two columns, or rename the one that is something else',
        "{place}：“{heading}”和 {first} 都表示 {key}；请删除其中一列，或给含义不同的那一列改名",
    ),
    "sheet.several_labels": (
        "The columns of the DataFrame have labels of several levels. Give each column one text as its label, the heading.",
        "该 DataFrame 的列名有多层。请为每一列设置一个文本列名，即列标题。",
    ),
    "only_failed.no_results": (
        "--only-failed needs a results sheet, and this sheet has no column result_status. Give the results file of the earlier run.",
        "--only-failed 需要结果表，而该表没有“结果·状态”（result_status）列。请使用上次运行生成的结果文件。",
    ),
    "only_failed.no_reference": (
        "--only-failed needs the columns result_run and result_row, which say of each row which row of which run it is. This sheet "
        "does not have both: they were deleted, or an older version has written it. Nothing was sent. Write the results again with "
        "batch-editor results RUN, and mend the rows there; or leave --only-failed out, and every row is sent.",
        "--only-failed 需要“结果·批次”（result_run）和“结果·行号”（result_row）两列，它们写明每一行是哪次运行的哪一行。该表缺少这两列（已被删除，或由旧版本写出）。"
        "未发送任何数据。请用 batch-editor results 运行编号 重新写出结果表，在其中改正后再运行；或者去掉 --only-failed，发送所有行。",
    ),
    "only_failed.unknown": (
        "Which rows of this results sheet are updated is not known here: {reason}. Nothing was sent. Give the results of a run that "
        "batch-editor runs lists; or leave --only-failed out, and every row is sent.",
        "无法得知此结果表中哪些行已更新：{reason}。未发送任何数据。请使用 batch-editor runs 列出的某次运行的结果；"
        "或者去掉 --only-failed，发送所有行。",
    ),
}
