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
    "value.empty": ("(empty)", "（空）"),
    "value.unknown": ("(cannot be read)", "（无法读取）"),
    "tags.no_column": (
        "--tags adds or removes tags, and the sheet has no column 标签 or 业务标签. Add one, or leave --tags out.",
        "--tags 用于增减标签，但表中没有“标签”或“业务标签”列。请添加该列，或去掉 --tags。",
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
