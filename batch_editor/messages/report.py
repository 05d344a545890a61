"""What a report, a preview or a prepared run says of itself where Python prints it."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "report.event_errors": (
        "on_event has raised {number:error}, which stopped nothing. The first: {kind}: {text}",
        "on_event 出错 {number} 次，没有影响任何一行。第一次：{kind}：{text}",
    ),
    "report.run_not_well": (
        "Not every row of the run {run} came to a good end (exit code {exit_code}): {counts}.{reason}",
        "批次 {run} 并非每一行都正常完成（退出码 {exit_code}）：{counts}。{reason}",
    ),
    "report.sheet_not_well": (
        "Not every row of the sheet is well (exit code {exit_code}): {counts}.{reason}",
        "表格并非每一行都正常（退出码 {exit_code}）：{counts}。{reason}",
    ),
}
