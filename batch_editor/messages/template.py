"""What is said in the sheet to fill in, and of it. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
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
        "Save and close the workbook, and check it; nothing is sent by that: batch-editor check {file}",
        "保存并关闭本文件，先检查（不发送任何数据）：batch-editor check {file}",
    ),
    "template.step_run": (
        "When all is well, send it: batch-editor run {file}",
        "没有问题后再发送：batch-editor run {file}",
    ),
    "template.step_results": (
        "The results are in {results}, in the same folder: the column result_status says what became of each row.",
        "结果在同一文件夹的 {results} 中，“结果·状态”（result_status）列写明每一行的结果。",
    ),
    "template.step_again": (
        "Mend the rows that are not updated in that file, where result_message says what is wrong, save it, and send only those: "
        "batch-editor run {results} --only-failed",
        "未更新的行，原因见该文件的“结果·说明”（result_message）列。请直接在该文件中修改并保存，再只发送这些行："
        "batch-editor run {results} --only-failed",
    ),
    "fields.also": ("Also called: {headings}", "也可以写作：{headings}"),
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
}
