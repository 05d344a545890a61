"""What is said before anything is sent: guards, the preview and the question. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- guards and refusals
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
        "Nothing was sent, since nobody reads what this command has to show, or it cannot be written (is the disk full?). "
        "Use --quiet to send without looking.",
        "未发送任何数据，因为没有人能看到本命令显示的内容，或者内容无法写入（磁盘是否已满？）。如无需查看，请使用 --quiet。",
    ),
    "screen.unwritten": (
        "Not all of what this command shows could be written to its output: {reason}. What it says to have done is done.",
        "本命令显示的内容没有全部写入输出：{reason}。它所报告的操作均已完成。",
    ),
    "screen.object_unwritten": (
        "The JSON object of this command could not be written to {path}: {reason}. Nothing else is changed by that.",
        "本命令的 JSON 结果没能写入 {path}：{reason}。其他一切不受影响。",
    ),
    "screen.metrics_unwritten": (
        "The figures of this command could not be written to {path}: {reason:sentence} Nothing else is changed by that.",
        "本命令的指标没能写入 {path}：{reason:sentence}其他一切不受影响。",
    ),
    "screen.log_unwritten": (
        "The log of the day (results_dir) could not be written: {reason:sentence} Nothing else is changed by that.",
        "当天的日志（results_dir）没能写入：{reason:sentence}其他一切不受影响。",
    ),
    "screen.foreign_file": (
        "Nothing was written to {path}, since that file holds something else. Name another file.",
        "没有写入 {path}，因为该文件中是别的内容。请换一个文件名。",
    ),
    "here.gone": (
        "The folder in which this command was started is gone. Go to one that is there and try again.",
        "运行本命令时所在的文件夹已不存在。请换到存在的文件夹再试。",
    ),
    "screen.crash": (
        "This program has failed by a mistake of its own ({kind}). Show whoever looks after it what it has written.",
        "程序自身出错（{kind}）。请把它显示的内容交给维护者。",
    ),
    "screen.no_room": (
        "There is no more room on the disk: {reason}. Make room, and run the same command again.",
        "磁盘空间不足：{reason}。请清理磁盘后重新执行同样的命令。",
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
        "Edits to send: at most {calls}, to {clues:clue}; with the reading this takes {time} at the permitted rate",
        "最多发送 {calls} 次编辑，涉及 {clues} 条线索，连同读取，按允许的速率需要{time}",
    ),
    "preview.reads": (
        "Clues to be read from the CRM before their rows are sent: {clues}",
        "发送前将从 CRM 读取 {clues} 条线索",
    ),
    "preview.reads_until": (
        "Clues are read from the CRM until {calls:edit} can be sent: at most {clues}",
        "将从 CRM 读取线索，找出 {calls} 次编辑为止，最多读取 {clues} 条",
    ),
    "preview.undo": ("Puts back what the run {run} changed.", "恢复运行 {run} 所做的修改。"),
    "preview.undo_part": (
        "Puts back a part of what the run {run} changed:\n{part}",
        "恢复运行 {run} 所做修改的一部分：\n{part}",
    ),
    "preview.changes": ("Fields that differ: {fields}. The first of them:", "有差异的字段共 {fields} 个，前几个是："),
    "preview.no_undo": (
        "This run cannot be undone, since old values are not read. --snapshot reads them; where you are asked, run does so by itself.",
        "本次运行无法撤销，因为不读取原值。加 --snapshot 会先读取；在终端确认时 run 会自动读取。",
    ),
    "preview.no_undo_of": (
        "{rows:row} cannot be undone. Add --snapshot to keep the old values of all rows.",
        "有 {rows} 行无法撤销。加上 --snapshot 可在发送前读取并保存全部原值，以便撤销。",
    ),
    "preview.no_way_back": ("This run cannot be undone.", "本次运行无法撤销。"),
    "preview.no_way_back_of": ("{rows:row} cannot be undone.", "有 {rows} 行无法撤销。"),
    "preview.old_values_read": (
        "The old values of {clues:clue} were read, so this run can be undone. --no-snapshot leaves out the reading, which takes {time}.",
        "已读取 {clues} 条线索的原值，本次运行可以撤销；加上 --no-snapshot 则不读取（读取需要{time}）。",
    ),
    "preview.old_values_to_read": (
        "The old values are read, so this run can be undone: {clues:clue}, which takes {time}.",
        "将读取原值，本次运行可以撤销：{clues} 条线索，需要{time}。",
    ),
    "preview.unreadable": (
        "These fields cannot be read from the CRM, and so cannot be undone: {fields}",
        "以下字段无法从 CRM 读取，因此不能撤销：{fields}",
    ),
    "preview.unreadable_changed": (
        "These fields cannot be read from the CRM: they count as changed, and cannot be undone: {fields}",
        "以下字段无法从 CRM 读取，一律视为有变化，也不能撤销：{fields}",
    ),
    "preview.unreadable_empty": (
        "The CRM does not show these fields, so nobody knows whether they are empty, and they are not set: {fields}",
        "CRM 不显示以下字段，无法知道是否为空，因此不填写：{fields}",
    ),
    "preview.only_empty": (
        "A field is set only where the CRM has nothing.",
        "只填写 CRM 中为空的字段。",
    ),
    "preview.proof": (
        "The first edit is sent alone and read back; the others follow if it is right.",
        "第一条编辑先单独发送并读回核对，结果正确才发送其余各行。",
    ),
    "preview.proof_only": (
        "Only the first edit is sent; it is read back, and its old values are put back.",
        "只发送第一条编辑：读回核对后恢复原值，其余各行不发送。",
    ),
    "preview.put_back_not": (
        "Not put back, since somebody has changed them: {rows:row}",
        "不恢复（之后已有人修改）：{rows} 行",
    ),
    "preview.put_back_unknown": (
        "Not put back, since the old values are not known: {rows:row}",
        "不恢复（原值未知）：{rows} 行",
    ),
    "preview.unchanged": (
        "Not sent, since the CRM has these values already: {rows:row}",
        "不发送（CRM 中已是这些值）：{rows} 行",
    ),
    "tags.add": ("Adds tags in {rows:row}", "将添加标签：{rows} 行"),
    "tags.remove": ("REMOVES TAGS in {rows:row}", "将移除标签：{rows} 行"),
    "preview.clears": ("CLEARS {cells:cell}:\n{lines}", "将清空 {cells} 项：\n{lines}"),
    "preview.reassigned": ("SETS OWNER OR POOL in {rows:row}", "将设置跟进人或线索池：{rows} 行"),
    "preview.clears_values": (
        "CLEARS {cells:field} in which something stands in the CRM:\n{lines}",
        "将清空 CRM 中现有内容的 {cells} 项：\n{lines}",
    ),
    "preview.changes_owner": (
        "CHANGES OWNER OR POOL in {rows:row}, compared with the CRM",
        "将更换跟进人或线索池（与 CRM 现值不同）：{rows} 行",
    ),
    "tags.lost": (
        "TAKES TAGS AWAY that the clue has in the CRM, in {rows:row}",
        "将去掉线索在 CRM 中现有的标签：{rows} 行",
    ),
    "preview.unproved": (
        "NOT PROVED: the settings say prove: false, so all edits are sent without a look at what the first one does.",
        "不验证：设置为 prove: false，不会先核对第一条编辑的效果就发送全部编辑。",
    ),
    "tags.replace": ("REPLACES ALL TAGS of a clue in {rows:row}", "将整体替换线索的标签：{rows} 行"),
    "preview.sets": ("Sets:\n{lines}", "将设置：\n{lines}"),
    "preview.field": ("{field}  {rows} ×  {shown}", "{field}  {rows} 行  {shown}"),
    "preview.at_rows": ("row {rows}", "第 {rows} 行"),
    "preview.limited": ("Not sent, beyond --limit: {rows:row}", "不发送（超出 --limit）：{rows} 行"),
    "preview.skipped": ("Not sent, nothing to edit: {rows:row}", "不发送（没有要修改的内容）：{rows} 行"),
    "preview.conflict": (
        "Not sent, since the row names somebody else than the CRM, or another run has changed the same fields: {rows:row}",
        "不发送（有冲突：该行写的人与 CRM 不一致，或之后已被其他运行修改）：{rows} 行",
    ),
    "preview.rejected": ("Not sent, rejected before: {rows:row}", "不发送（之前已被 CRM 拒绝）：{rows} 行"),
    "preview.failed": (
        "Not sent again, failed before and may have been applied: {rows:row}",
        "不再发送（之前失败，可能已生效）：{rows} 行",
    ),
    "preview.planned": (
        "The run {run} was planned at {started}; nothing of it has been sent.",
        "运行 {run} 于 {started} 准备好，尚未发送任何数据。",
    ),
    "preview.goes_on": (
        "Goes on with the run {run}: only the rows that are left are sent.",
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
    "prompt.send": (
        "{where}\nSend now? Edits: {calls}. [Y/n]",
        "{where}\n现在发送这 {calls} 次编辑吗？（是/否，直接回车：是）[Y/n]",
    ),
    "prompt.send_no": (
        "{where}, {calls:edit}\n{losses}: send? [y/N]",
        "{where}，共 {calls} 次编辑\n{losses}：发送吗？（是/否，直接回车：否）[y/N]",
    ),
    "ask.list": ("{before}, {part}", "{before}，{part}"),
    "ask.owner": ("{rows:row} {rows:changes/change} owner", "{rows} 行更换跟进人"),
    "ask.pool": ("{rows:row} {rows:changes/change} pool", "{rows} 行更换线索池"),
    "ask.more_pool": ("{rows} {rows:changes/change} pool", "{rows} 行更换线索池"),
    "ask.tags": ("{rows:row} {rows:replaces/replace} all tags", "{rows} 行整体替换标签"),
    "ask.more_tags": ("{rows} {rows:replaces/replace} all tags", "{rows} 行整体替换标签"),
    "ask.tags_removed": ("{rows:row} {rows:removes/remove} tags", "{rows} 行移除标签"),
    "ask.more_tags_removed": ("{rows} {rows:removes/remove} tags", "{rows} 行移除标签"),
    "ask.clears": ("{fields:field} {fields:is/are} emptied", "{fields} 个字段被清空"),
    "ask.hidden_rows": ("{rows:hidden row}", "{rows} 个隐藏行"),
    "ask.sent_before": ("the sheet was finished before", "此表之前已完成"),
    "ask.rows_sent_before": ("{rows:row} {rows:was/were} updated before", "{rows} 行之前已更新"),
    "ask.stopped_before": ("an earlier run of the sheet stopped early", "此表之前有一次运行提前停止"),
    "ask.forces": ("what others have changed since is overwritten", "他人之后的修改将被覆盖"),
    "ask.compared": ("By what the CRM holds now, {losses}", "对照 CRM 现值：{losses}"),
    "ask.compared_partly": (
        "By what the CRM holds now (unknown for {rows:row}), {losses}",
        "对照 CRM 现值（{rows} 行未知）：{losses}",
    ),
    "prompt.unclear": ("Please answer y (yes) or n (no). [Y/n]", "请回答 是（y）或 否（n）。[Y/n]"),
    "prompt.unclear_no": ("Please answer y (yes) or n (no). [y/N]", "请回答 是（y）或 否（n）。[y/N]"),
    "prompt.not_understood": (
        "Three answers were not understood, which counts as a no.",
        "三次回答都无法识别，按“否”处理。",
    ),
    "time.moment": ("a moment", "片刻"),
    "time.seconds": ("about {seconds:second}", "约 {seconds} 秒"),
    "time.minutes": ("about {minutes:minute}", "约 {minutes} 分钟"),
    "time.hours": ("about {hours:hour}", "约 {hours} 小时"),
    "time.days": ("about {days:day}", "约 {days} 天"),
}
