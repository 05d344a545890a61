"""What is said of the guards, and on the sheet that is left of a run that was refused. Each text in English and Chinese."""

from __future__ import annotations

#: key → (English, Chinese)
TEXTS: dict[str, tuple[str, str]] = {
    "guard.max_rows": (
        "The sheet has {number:row}, more than guards.max_rows allows ({most}). Nothing was sent; raise that setting if this is right.",
        "表中有 {number} 行，超过了 guards.max_rows 允许的 {most} 行。未发送任何数据；如确认无误，请调大该设置。",
    ),
    "guard.min_rows": (
        "The sheet has {number:row}, fewer than guards.min_rows demands ({least}). Nothing was sent; lower that setting if this is right.",
        "表中只有 {number} 行，少于 guards.min_rows 要求的 {least} 行。未发送任何数据；如确认无误，请调小该设置。",
    ),
    "guard.max_clears": (
        "{number:cell} would be cleared, more than guards.max_clears allows ({most}). Nothing was sent; raise that setting if this is right.",
        "将清空 {number} 个单元格对应的字段，超过了 guards.max_clears 允许的 {most} 个。未发送任何数据；如确认无误，请调大该设置。",
    ),
    "guard.max_reassigned": (
        "The owner or the pool would be set in {number:row}, more than guards.max_reassigned allows ({most}). "
        "Nothing was sent; raise that setting if this is right.",
        "有 {number} 行会设置跟进人或线索池，超过了 guards.max_reassigned 允许的 {most} 行。未发送任何数据；如确认无误，请调大该设置。",
    ),
    "guard.max_invalid_share": (
        "A share of {number} of the rows is invalid, more than guards.max_invalid_share allows ({most}). "
        "Nothing was sent; mend the rows (check lists them), or raise that setting.",
        "无效行的比例为 {number}，超过了 guards.max_invalid_share 允许的 {most}。未发送任何数据；请修正这些行（用 check 查看），或调大该设置。",
    ),
    "guard.max_age": (
        "The file was last changed {age} ago, longer than guards.max_age allows ({most}): perhaps the export did not run. Nothing was "
        "sent; export the sheet again, or raise that setting if this is right.",
        "文件上次修改是在{age}之前，超过了 guards.max_age 允许的 {most}：可能导出任务没有运行。未发送任何数据；请重新导出表格，如确认无误，请调大该设置。",
    ),
    "guard.repeat": (
        "This sheet was finished before, byte for byte, by the run {run} at {time}: perhaps the export did not run. Nothing was sent.{failed} "
        "If all of it is to be sent once more, add --new (to batch-editor run, if it came into an inbox); guards.repeat: allow lets every "
        "such sheet through.",
        "此表格与之前完成的完全相同（运行 {run}，{time}）：可能导出任务没有运行。未发送任何数据。{failed}如果确实要全部再发送一次，请加 --new（收件文件夹中的表格，用 batch-editor run 加 --new）；"
        "设置 guards.repeat: allow 则一律允许。",
    ),
    "refusal.repeat_failed": (
        " Of its rows {rows} failed then; this sends only those:\nbatch-editor resume {run}\n",
        "其中 {rows} 行当时失败；只发送这些行：\nbatch-editor resume {run}\n",
    ),
    "guard.min_edits": (
        "Only {number:row} of the sheet {number:sets/set} a field, fewer than guards.min_edits demands ({least}). Nothing was sent; lower that "
        "setting if this is right.",
        "表中只有 {number} 行要修改字段，少于 guards.min_edits 要求的 {least} 行。未发送任何数据；如确认无误，请调小该设置。",
    ),
    "guard.min_filled": (
        "The column {column} is filled in {filled} of {rows:row}, a share of {share}, less than guards.min_filled demands ({least}). {why} Nothing "
        "was sent; lower that setting if this is right.",
        "列“{column}”在 {rows} 行中有 {filled} 行填了内容，比例为 {share}，低于 guards.min_filled 要求的 {least}。{why}未发送任何数据；"
        "如确认无误，请调小该设置。",
    ),
    "refusal.filled_few": ("Perhaps the export lacks it.", "可能导出时缺了这一列的内容。"),
    "refusal.filled_missing": ("The sheet has no such column.", "表中没有这一列。"),
    "guard.cut": (
        "The last line of the file has no line end, so that it may be cut, and guards.cut refuses it. Nothing was sent; export the sheet again. "
        "If it is always so, take that setting out.",
        "文件的最后一行没有换行，可能不完整，guards.cut 因此拒绝。未发送任何数据；请重新导出表格。如果一直如此，请去掉该设置。",
    ),
    "guard.min_share_of_last": (
        "The sheet has {number:row}, and the last night that ended well had {last} (run {run}, {time}): less than the share that "
        "guards.min_share_of_last demands ({least}). Nothing was sent; lower that setting if this is right, or send this sheet by hand.",
        "表中有 {number} 行，而上一次正常完成的夜间任务有 {last} 行（运行 {run}，{time}），低于 guards.min_share_of_last 要求的比例 {least}。"
        "未发送任何数据；如确认无误，请调小该设置，或手工发送这份表格。",
    ),
    "guard.max_changed": (
        "{number:row} {number:differs/differ} from what the CRM has, more than guards.max_changed allows ({most}). Nothing was sent; raise that setting "
        "if this is right.",
        "有 {number} 行与 CRM 现有内容不同，超过了 guards.max_changed 允许的 {most} 行。未发送任何数据；如确认无误，请调大该设置。",
    ),
    "refusal.is_cut": ("the last line has no line end", "最后一行没有换行"),
    "refusal.is_whole": ("the last line ends", "最后一行有换行"),
    "refusal.of_last": ("{number} of {last}", "{number}（上一次 {last}）"),
    # --- the sheet that is left of a run that was refused
    "refusal.sheet": ("refused", "拒绝原因"),
    "refusal.title": ("Refused: nothing was sent", "已拒绝：未发送任何数据"),
    "refusal.reason": ("Why", "原因"),
    "refusal.guards": ("The guards that are set", "已设置的限制"),
    "refusal.trips": ("set: {limit}; this sheet: {number}: STOPS IT", "设置：{limit}；本表：{number}；未通过"),
    "refusal.passes": ("set: {limit}; this sheet: {number}: passes", "设置：{limit}；本表：{number}；通过"),
    # --- fields that are set only where the CRM has nothing
    "tags.only_empty": (
        "--only-empty sets tags only where a clue has none, and --tags changes those that it has: give one of the two.",
        "--only-empty 只在线索没有标签时设置标签，而 --tags 会改动已有的标签：请只用其中一个。",
    ),
}
