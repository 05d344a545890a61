"""What is told of a night in which nobody watched, and what goes wrong with telling it."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "night.unrecorded": (
        "This night cannot be written down: {reason} The run itself is not concerned.",
        "无法记录本次夜间任务：{reason}运行本身不受影响。",
    ),
    "night.crash": (
        "The program ended by an error that nobody has expected ({kind}). Its log says where.",
        "程序因意外错误（{kind}）结束，具体位置见日志。",
    ),
}
