"""What is told of runs of earlier nights: that they wait, and that nobody is to be told any more."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "unfinished.run": (
        "A run of an earlier night is not finished: {run}, {state}, begun at {started}, {left:row} still to be sent, of {source}. "
        "To go on:\n  batch-editor resume {run}{options}\nIf it is not wanted any more:\n"
        "  batch-editor runs --dismiss {run}{options}",
        "以前有一夜的运行没有完成：{run}，{state}，开始于 {started}，还有 {left} 行没有发送，表格：{source}。要继续：\n"
        "  batch-editor resume {run}{options}\n不再需要的话：\n  batch-editor runs --dismiss {run}{options}",
    ),
    "unfinished.more": (
        "{runs:run} more of earlier nights {runs:is/are} not finished: batch-editor runs lists them.",
        "另有 {runs} 次以前的运行没有完成，用 batch-editor runs 查看。",
    ),
    "dismiss.done": (
        "Dismissed: {run}. Nobody is told of it any more; it stays in the list, and can still be gone on with by resume.",
        "已搁置：{run}。以后不再提醒；它仍在列表中，需要时仍可用 resume 继续。",
    ),
    "dismiss.before": ("{run} was dismissed before.", "{run} 之前已搁置。"),
    "dismiss.finished": (
        "The run {run} is finished: nobody is told that it waits, and there is nothing to dismiss.",
        "运行 {run} 已完成，不会再提醒，不需要搁置。",
    ),
    "dismiss.planned": (
        "The run {run} waits for somebody to agree to it, and nothing of it was sent: discard it on the page instead.",
        "运行 {run} 正等待确认，什么都没发送：请在网页上放弃它。",
    ),
    "dismiss.abandoned": (
        "The run {run} was interrupted before anything was sent: it is forgotten by the next run, and there is nothing to dismiss.",
        "运行 {run} 在发送前中断，下一次运行时会自动清除，不需要搁置。",
    ),
    "dismiss.under_way": (
        "A process is at work on the run {run}. Wait for its end, or stop it, and dismiss it then.",
        "有进程正在执行运行 {run}。请等它结束或让它停止，再搁置。",
    ),
    "note.dismissed": (
        "An earlier run of this sheet ({run}) was dismissed: this is a new one, which sends all rows.",
        "此表格之前的运行（{run}）已被搁置：本次为新的运行，会发送所有行。",
    ),
    "runs.dismissed": ("dismissed", "已搁置"),
    "runs.waits": (
        "    to go on: batch-editor resume {run}; not wanted: batch-editor runs --dismiss {run}",
        "    继续：batch-editor resume {run}；不再需要：batch-editor runs --dismiss {run}",
    ),
    "show.series": ("Nights of", "所属夜间任务"),
    "show.dismissed": ("Dismissed: nobody is told of it any more.", "已搁置，不再提醒。"),
    "show.mends": ("Cells mended on the page: {cells}", "在网页上改过的单元格：{cells}"),
}
