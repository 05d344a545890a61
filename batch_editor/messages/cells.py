"""What is wrong with a cell, to stand behind the heading of its column. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "problem.of_cell": ("{heading} {what}", "{heading}{what}"),
    "problem.of_latin": ("{heading} {what}", "{heading} {what}"),
    "cell.uncomputed": (
        "holds a formula without a stored value; open the file in Excel or WPS, let it calculate, and save it again",
        "的公式没有保存计算结果；请用 Excel 或 WPS 打开文件，计算后重新保存",
    ),
    "cell.shown_otherwise": (
        'shows "{shown}" but holds {value}; give it the number format General, see which of the two is meant, and write that',
        "显示为“{shown}”，实际存储的是 {value}；请把数字格式改为“常规”，确认哪个是对的，再填写正确的值",
    ),
    "cell.shown_uncertain": (
        'holds {value}, and what its number format shows ("{shown}", probably) differs from program to program; '
        "write as text what is meant",
        "存储的是 {value}，其数字格式的显示（可能是“{shown}”）因软件而异；请以文本形式填写要发送的内容",
    ),
    "cell.error": (
        "holds the error {value}; mend the formula, or empty the cell to leave the field as it is",
        "是错误值 {value}；请修正公式，或清空单元格以保持原值不变",
    ),
    "cell.picture": (
        "holds a picture, of which no text can be made; write what is meant, or empty the cell to leave the field as it is",
        "单元格里是图片，没有可发送的文字；请填写要发送的内容，或清空单元格以保持原值不变",
    ),
    "cell.broken_text": (
        'holds characters that are broken ("{value}"); type it again',
        "含有损坏的字符（“{value}”）；请重新输入",
    ),
    "cell.ruined": (
        'holds text whose characters were mixed up on their way: "{value}" was probably "{meant}". Save the sheet as .xlsx or as CSV '
        "UTF-8 where it came from, or type the cell again",
        "里是乱码：“{value}”很可能原本是“{meant}”。请在来源处另存为 .xlsx 或 CSV UTF-8，或重新填写该单元格",
    ),
    "cell.lost_characters": (
        'holds text that has lost characters on its way: "{value}". Save the sheet as .xlsx or as CSV UTF-8 where it came from, or type '
        "the cell again",
        "里的文字已丢失字符：“{value}”。请在来源处另存为 .xlsx 或 CSV UTF-8，或重新填写该单元格",
    ),
    "cell.list": (
        'holds several texts ("{value}"), and this field takes one; join them as they should be shown',
        "里有多段文字（“{value}”），而该字段只能有一个值；请按需要合并成一段文字",
    ),
    "cell.list_separator": (
        'holds a list ("{value}") in which one text has a comma or another sign that stands between tags; make it several texts',
        "里的列表（“{value}”）中有一段文字含有逗号、顿号等分隔标签的符号；请拆成多段文字",
    ),
    "cell.unusable": (
        'holds what is neither text, number nor date (in Python: "{kind}"); put the text there that is meant',
        "里既不是文字、数字，也不是日期（Python 类型“{kind}”）；请改为要填写的文字",
    ),
    "cell.hidden_characters": (
        'must be an id of digits alone; "{value}" holds characters that nobody sees ({characters}): type the id again',
        "应为纯数字的ID；“{value}”中含有看不见的字符（{characters}）：请重新输入该ID",
    ),
    "cell.zero_id": (
        'must be the id of a clue; it holds "{value}", which is none',
        "应为线索ID；单元格里的“{value}”不是ID",
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
    "cell.not_person": (
        'must be the id of an employee (20 and more letters, digits, _ and -, or 16 to 19 digits); it holds "{value}". Copy the id '
        "from the CRM, or say under lookups: in the settings which ids your names stand for (if your ids really look like this: "
        "ids.people in the settings)",
        "应为员工ID（20 个以上的字母、数字、_ 和 -，或 16 到 19 位数字）；单元格里是“{value}”。请从 CRM 复制员工ID，"
        "或在设置的 lookups: 中写明名称对应的ID（如果ID本来就是这样，请设置 ids.people）",
    ),
    "cell.not_tag": (
        "must be ids of tags (20 and more letters, digits, _ and -, or 16 to 19 digits) with a comma or 、 between them; it holds "
        '"{value}". Copy the ids from the CRM, or say under lookups: in the settings which ids your names stand for (if your ids '
        "really look like this: ids.people in the settings)",
        "应为标签ID（20 个以上的字母、数字、_ 和 -，或 16 到 19 位数字），多个之间用逗号或顿号分隔；单元格里是“{value}”。请从 CRM 复制标签ID，"
        "或在设置的 lookups: 中写明名称对应的ID（如果ID本来就是这样，请设置 ids.people）",
    ),
    "cell.rounded": (
        "has been rounded by Excel, since {value} ends in zeros after its 15th digit; format the column as text and enter it again "
        "(if it really is so: ids.trust_round in the settings)",
        "被 Excel 四舍五入过，{value} 第 15 位之后全是零；请把该列设为文本格式后重新填写（如果确实如此，请设置 ids.trust_round）",
    ),
    "cell.rounded_many": (
        "holds {value}, which is not to be trusted: {zeros} of the {ids:id} in this column have lost their last digits or end in 0000, "
        "and chance explains {most} at most; export the sheet again with the ids as text (if they really are so: ids.trust_round in "
        "the settings)",
        "里的 {value} 不可信：该列 {ids} 个ID中有 {zeros} 个丢失了末尾位数或以 0000 结尾，而偶然出现的最多只有 {most} 个；"
        "请以文本格式重新导出ID（如果确实如此，请设置 ids.trust_round）",
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
        'must be a date such as 1990-05-01; it holds "{value}", which can be read in two ways: '
        "write the year first, or say under date_order in the settings what stands first",
        "应为日期，如 1990-05-01；单元格里的“{value}”有歧义：请把年份写在最前面，或在设置的 date_order 中说明日、月的先后",
    ),
    "cell.other_order": (
        'must be a date in the order {order} (date_order in the settings); it holds "{value}": write it as 1990-05-01',
        "应为 {order} 顺序的日期（设置中的 date_order）；单元格里是“{value}”：请写成 1990-05-01 的形式",
    ),
    "cell.short_year": (
        'must be a date such as 1990-05-01; it holds "{value}", whose year has two digits: write all four',
        "应为日期，如 1990-05-01；单元格里的“{value}”只有两位年份：请写出四位年份",
    ),
    "cell.birthday_range": (
        'must be a birthday from {least} to today; it holds "{value}"',
        "应为 {least} 至今天的生日；单元格里是“{value}”",
    ),
    "cell.date_range": (
        'must be a date from {least} to the year {most} (or 9999-12-31); it holds "{value}"',
        "应为 {least} 至 {most} 年的日期（或 9999-12-31）；单元格里是“{value}”",
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
}
