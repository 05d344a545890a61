"""What is said of the live record of a clue: what differs, what is proved and what is put back. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
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
    # --- a clue as the CRM has it
    "clue.line": ("  {field}: {value}", "  {field}：{value}"),
    "clue.heading": ("{heading} ({key})", "{heading} ({key})"),
    "clue.mobile_phone": ("mobile phone", "手机号"),
    "clue.state": ("state", "状态"),
    "clue.create_user_id": ("created by", "创建人ID"),
    "clue.merge_user_id": ("merged by", "合并人ID"),
    "clue.gmt_create": ("created", "创建时间"),
    "clue.recovery_num": ("times returned", "退回次数"),
    "clue.recovery_remark": ("reason for returning", "退回原因"),
    "clue.recovery_remark_type": ("kind of reason for returning", "退回原因类型"),
    "clue.recovery_remark_input_text": ("reason for returning, as typed", "退回原因（填写）"),
    "clue.no_id": ("The id of the clue is empty.", "线索ID 为空。"),
    "clue.bad_id": ("{given}: the id of a clue {reason}", "{given}：线索ID {reason}"),
    "clue.halted": ("The CRM cannot be asked for the clue. {reason:sentence}", "无法向 CRM 查询线索。{reason:sentence}"),
    "clue.refused": ("The CRM does not show the clue {clue}: {reason}", "CRM 没有提供线索 {clue}：{reason}"),
    "clue.unanswered": (
        "Whether there is the clue {clue} is not known: there was no usable answer to {requests:request} ({reason}). Try again later.",
        "无法得知线索 {clue} 的情况：{requests} 次请求都没有得到可用的答复（{reason}）。请稍后重试。",
    ),
    "live.replaced": (
        "row {row} sets the same clue back to what the CRM shows, so nothing was sent",
        "第 {row} 行会把该线索改回 CRM 中现有的值，因此未发送",
    ),
    "live.not_empty": ("left as it is, since the CRM has a value there: {fields}", "CRM 中已有内容，未改动：{fields}"),
    "live.not_shown": (
        "left as it is, since the CRM does not show whether anything stands there: {fields}",
        "CRM 不显示该字段是否为空，未改动：{fields}",
    ),
    "live.not_cleared": ("left as it is, since only empty fields are set: {fields}", "只填写空字段，不清空：{fields}"),
    "row.not_empty": (
        "left as it is, since the CRM has a value there or does not show it: {fields}",
        "CRM 中已有内容或不显示，未改动：{fields}",
    ),
    "value.empty": ("(empty)", "（空）"),
    "value.unknown": ("(cannot be read)", "（无法读取）"),
    "tags.no_column": (
        "--tags adds or removes tags, and the sheet has no column 标签 or 业务标签. Add one, or leave --tags out.",
        "--tags 用于增减标签，但表中没有“标签”或“业务标签”列。请添加该列，或去掉 --tags。",
    ),
    "tags.unknown": (
        'What is to become of the tags is "add" or "remove", and not "{given}". Nothing was sent; without it the tags of a clue are '
        "replaced.",
        "标签的处理方式只能是 add（添加）或 remove（移除），不能是“{given}”。未发送；不指定时，线索的标签会被整体替换。",
    ),
    "diff.row": ("row", "行号"),
    "diff.clue": ("clue id", "线索ID"),
    "diff.name": ("name", "名称"),
    "diff.field": ("field", "字段"),
    "diff.old": ("now", "现在的值"),
    "diff.new": ("will be", "将改为"),
    "diff.note": ("note", "说明"),
    "diff.line": ("  row {row}{name}  {field}: {old} → {new}", "  第 {row} 行{name} {field}：{old} → {new}"),
    "undo.line": ("  clue {clue}{name}  {field}: {old} → {new}", "  线索 {clue}{name} {field}：{old} → {new}"),
    "diff.named": (" ({name})", "（{name}）"),
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
        "The first edit (row {row}) cannot be proved, since the CRM does not show its clue. The others are sent all the same.",
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
    "proof.cut_off": (
        "{reason:sentence} The first edit is not proved yet: that comes first when you go on.",
        "{reason:sentence}首次编辑尚未验证，继续时会先验证。",
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
    "undo.nothing_of_part": (
        "Nothing of what was named in the run {run} can be put back, and nothing was sent.\n{notes}",
        "运行 {run} 中指定的部分没有可以恢复的内容，未发送任何数据。\n{notes}",
    ),
    "undo.not_changed": (
        "The run {run} has not changed all that was named. Nothing was sent; name what it has changed (show {run} --changes, or the columns "
        "result_row and result_fields of its results):\n{lines}",
        "运行 {run} 并没有修改过所指定的全部内容。未发送任何数据；请只指定它修改过的内容（见 show {run} --changes，或结果表的“结果·行号”和“结果·字段”两列）：\n{lines}",
    ),
    "undo.no_clue": ("clue {number}: the run has no row of it", "线索 {number}：该运行没有这条线索的行"),
    "undo.clue_not_changed": (
        "clue {number}: the run has not changed it ({status})",
        "线索 {number}：该运行没有修改它（{status}）",
    ),
    "undo.clue_not_in_part": (
        "clue {number}: the run has changed it, but nothing of it in the rows and fields that are named beside it",
        "线索 {number}：该运行修改过它，但不在同时指定的行或字段之内",
    ),
    "undo.no_row": ("row {number}: the run has no such row", "第 {number} 行：该运行没有这一行"),
    "undo.row_not_changed": (
        "row {number}: the run has not changed its clue by it ({status})",
        "第 {number} 行：该运行没有用它修改线索（{status}）",
    ),
    "undo.row_not_in_part": (
        "row {number}: the run has sent it, but it sets nothing of the clues and fields that are named beside it",
        "第 {number} 行：已发送，但不在同时指定的线索或字段之内",
    ),
    "undo.row_beyond": (
        "row {row}: the run has no such row; its last one is row {last}",
        "第 {row} 行：该运行没有这一行，最后一行是第 {last} 行",
    ),
    "undo.range_not_changed": (
        "rows {first}-{last}: none of them has changed anything of what is named",
        "第 {first}-{last} 行：其中没有任何一行修改过所指定的内容",
    ),
    "undo.field_not_changed": (
        "field {field}: the run has changed no such field; it has changed: {fields}",
        "字段 {field}：该运行没有修改这个字段；它修改过：{fields}",
    ),
    "undo.field_not_in_part": (
        "field {field}: the run has changed it, but not in the rows and clues that are named beside it",
        "字段 {field}：该运行修改过它，但不在同时指定的行或线索之内",
    ),
    "undo.no_clues": (
        "No clue id is named. Nothing was sent; without any the whole run would be put back.",
        "没有指定任何线索ID。未发送任何数据；不指定时会恢复整次运行。",
    ),
    "undo.no_rows": (
        "No row is named. Nothing was sent; without any the whole run would be put back.",
        "没有指定任何行。未发送任何数据；不指定时会恢复整次运行。",
    ),
    "undo.no_fields": (
        "No field is named. Nothing was sent; without any the whole run would be put back.",
        "没有指定任何字段。未发送任何数据；不指定时会恢复整次运行。",
    ),
    "undo.no_clue_id": (
        'What was named as a clue is no clue id: "{text}". It has 1 to 19 digits; several stand with commas between them. Nothing was sent.',
        "所指定的线索不是线索ID：“{text}”。线索ID 为 1 至 19 位数字，多个之间用逗号隔开。未发送任何数据。",
    ),
    "undo.no_row_number": (
        'What was named as rows are no row numbers: "{text}". Write 5, or 8-12, or several with commas between them: 5,8-12. Nothing was sent.',
        "所指定的行不是行号：“{text}”。请写成 5 或 8-12，多个之间用逗号隔开：5,8-12。未发送任何数据。",
    ),
    "undo.no_field": (
        'There is no field "{name}". Give a key such as remark, or a heading of the sheet. Nothing was sent.',
        "没有“{name}”这个字段。请写字段名（如 remark）或列标题。未发送任何数据。",
    ),
    "undo.no_field_near": (
        'There is no field "{name}". Did you mean {near}? Nothing was sent.',
        "没有“{name}”这个字段。是否指 {near}？未发送任何数据。",
    ),
    "undo.unasked": (
        "Nobody can be asked here, since this is no terminal. Nothing was sent; to put back what the run {run} changed without being "
        "asked, add --yes.",
        "这里不是终端，无法询问确认。未发送任何数据；如需不经询问就恢复运行 {run} 所做的修改，请加上 --yes。",
    ),
    "undo.of_clues": ("clues {clues}", "线索 {clues}"),
    "undo.of_rows": ("rows {rows}", "第 {rows} 行"),
    "undo.of_fields": ("fields {fields}", "字段 {fields}"),
    "undo.put_back_before": (
        "Put back before, by the run {run}: {rows:clue}. They are left as they are, unless --force is given.",
        "之前已由运行 {run} 恢复：{rows} 条线索，不再处理，除非加上 --force。",
    ),
    "undo.already": (
        "left as it is, since the run {run} has put it back before: {fields}",
        "之前已由运行 {run} 恢复，不再处理：{fields}",
    ),
    "undo.held": (
        "left alone, since row {row} of the same run has set it later: {fields}. Name that row too to put both back, or use --force",
        "同一次运行的第 {row} 行之后又设置了它，未恢复：{fields}。请同时指定该行以一并恢复，或使用 --force",
    ),
    "undo.held_by_newer": (
        "Not put back, since a later row of the same clue in that run has set the same field: {rows:row}. Row (later row): {examples}. "
        "Name the later rows too, or use --force.",
        "不恢复（同一次运行中该线索后面的行又设置了相同字段）：{rows} 行。行（后面的行）：{examples}。请同时指定后面的行，或使用 --force。",
    ),
    "undo.damaged": (
        "not put back, since the journal is damaged: what was sent for this clue cannot be read",
        "日志（journal）已损坏，无法读取对该线索发送过的内容，因此未恢复",
    ),
    "undo.lacking": (
        "Cannot be put back, since no value from before is known: {fields}",
        "以下字段没有修改前的值，无法恢复：{fields}",
    ),
    "undo.unsure": (
        "{rows:row} of {run} failed, and may have been applied all the same; an undo leaves such rows as they are.",
        "运行 {run} 有 {rows} 行失败，但可能已生效；这些行不会处理。",
    ),
    "undo.not_known": (
        "not put back, since no value from before is known: {fields}",
        "没有修改前的值，未恢复：{fields}",
    ),
    "undo.changed": (
        "left alone, since it is not what the run has set: {fields}. Somebody has changed it since, or another run has set it as "
        "well, or the CRM keeps it in another way; --force puts back the value from before nevertheless",
        "与该运行写入的值不同，保持不变：{fields}。可能之后有人修改过，或另一次运行也设置过，也可能 CRM 保存时改变了它；"
        "使用 --force 可强制恢复为修改前的值",
    ),
}
