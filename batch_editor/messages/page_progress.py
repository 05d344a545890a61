"""What the page says of a run on its way: how far it is, why it waits, how it ended. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "progress.crashed": (
        "Something went wrong in this program ({kind}). What was sent is on record; look at the run, and go on with it if rows are left.",
        "程序内部出错（{kind}）。已发送的内容都有记录；请查看该运行，如有未发送的行可以继续。",
    ),
    "progress.server_ends": (
        "This program is about to end, and begins nothing new. Start it again first.",
        "程序正在退出，不再开始新的运行。请先重新启动程序。",
    ),
}
