"""What a report, a preview or a prepared run says of itself where Python prints it."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "report.event_errors": (
        "on_event has raised {number:error}, which stopped nothing. The first: {kind}: {text}",
        "on_event 出错 {number} 次，没有影响任何一行。第一次：{kind}：{text}",
    ),
    "report.run_not_well": (
        "Not every row of the run {run} came to a good end (exit code {exit_code}): {counts}.",
        "运行 {run} 中并非每一行都正常完成（退出码 {exit_code}）：{counts}。",
    ),
    "report.sheet_not_well": (
        "Not every row of the sheet is well (exit code {exit_code}): {counts}.",
        "表格并非每一行都正常（退出码 {exit_code}）：{counts}。",
    ),
    "report.because": ("{what} {reason:sentence}", "{what}{reason:sentence}"),
    # --- labels of lines
    "printed.run": ("Run", "运行"),
    "printed.no_run": ("none: only looked at, nothing was sent", "无：仅查看，没有发送任何内容"),
    "printed.sheet": ("Sheet", "表格"),
    "printed.to": ("To", "发送到"),
    "printed.outcome": ("Outcome", "结果"),
    "printed.rows": ("Rows", "行数"),
    "printed.edits": ("Edits", "编辑"),
    "printed.dangers": ("Mind", "注意"),
    "printed.sets": ("Sets", "设置"),
    "printed.reason": ("Why", "原因"),
    "printed.problems": ("Problems", "问题"),
    "printed.results": ("Results", "结果表"),
    "printed.time": ("Time", "用时"),
    "printed.next": ("Next", "下一步"),
    "printed.note": ("Note", "提示"),
    # --- values
    "printed.well": ("all is well", "全部正常"),
    "printed.not_well": ("done, but not every row is well", "已完成，但并非每一行都正常"),
    "printed.stopped": ("stopped early. {reason:sentence}", "提前停止。{reason:sentence}"),
    "printed.detached": ("left to the workers, which go on with it", "已交给工作进程继续发送"),
    "printed.times": ("{rows} × {what}", "{rows} 行：{what}"),
    "printed.first_problem": ("{number}, the first at {at}: {what}", "{number} 处，第一处 {at}：{what}"),
    "printed.more_notes": ("{number} more", "另有 {number} 条"),
    "printed.address": ("{url} (app: {app})", "{url}（应用：{app}）"),
    "printed.calls": (
        "{calls}, to {clues:clue}, which takes {time} at the permitted rate",
        "{calls} 次，涉及 {clues} 条线索，按允许的速率需要{time}",
    ),
    "printed.clears": ("CLEARS {rows:cell}", "将清空 {rows} 项"),
    "printed.hidden": ("{rows:row} that the sheet hides", "含 {rows} 个隐藏行"),
    "printed.no_undo": ("{rows:row} that cannot be undone", "{rows} 行无法撤销"),
    "printed.updated": ("updated", "已更新"),
    "printed.unchanged": ("unchanged", "无变化"),
    "printed.skipped": ("skipped", "跳过"),
    "printed.invalid": ("invalid", "内容有误"),
    "printed.conflict": ("conflict", "冲突"),
    "printed.rejected": ("rejected", "被拒绝"),
    "printed.failed": ("failed", "失败"),
    "printed.not_sent": ("not sent", "未发送"),
    "printed.sending": ("being sent", "发送中"),
    "printed.pending": ("to be sent", "待发送"),
    # --- what to do next
    "printed.send": (
        "send(prepared, confirmed=prepared.digest()) sends it, prepared.discard() forgets it",
        "send(prepared, confirmed=prepared.digest()) 发送，prepared.discard() 放弃",
    ),
    "next.go_on": ('resume("{run}") sends {rows:row}', 'resume("{run}")：发送剩余 {rows} 行'),
    "next.mend": (
        'mend {rows:row} in the results sheet, then run("{results}", only_failed=True)',
        '在结果表中改正 {rows} 行，然后 run("{results}", only_failed=True)',
    ),
    "next.look": (
        "report.to_frame() says what is wrong with {rows:row}",
        "report.to_frame() 说明 {rows} 行的问题",
    ),
    "next.compare": (
        "look at {rows:clue} in the CRM that may have been edited, and will not be sent once more",
        "到 CRM 中查看 {rows} 条可能已被修改的线索，它们不会再次发送",
    ),
    "next.send_sheet": ("run the sheet without prove_only", "去掉 prove_only，运行整张表"),
    "next.run_sheet": ("run the sheet again", "再次运行表格"),
    "next.confirm": ('open_run("{run}"), look at it, and send it', 'open_run("{run}")，查看后发送'),
    "next.nothing": ("nothing is left to be done", "无需再做什么"),
    "next.undo": ('undo("{run}") puts back what it changed', 'undo("{run}")：恢复原值'),
}
