"""The words of the frame of the page: its top, its steps, its home and its errors. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "page.title": ("Batch editor", "线索批量修改"),
    "page.skip": ("Skip to the content", "跳到正文"),
    "page.home": ("Home", "首页"),
    "page.history": ("History", "历史记录"),
    "page.language": ("Language", "语言"),
    "page.steps": ("Steps", "步骤"),
    "page.step_1": ("Sheet", "表格"),
    "page.step_2": ("Mend", "修正"),
    "page.step_3": ("Review", "核对"),
    "page.step_4": ("Progress", "进度"),
    "page.step_5": ("Results", "结果"),
    "page.home_title": ("Edit clues from a sheet", "用表格批量修改线索"),
    "page.error_title": ("This did not work", "没有成功"),
    "page.back_home": ("Go to the home page", "回到首页"),
    "page.settings_trouble": ("The settings cannot be used:", "设置有误，暂时无法使用："),
    "page.error_400": ("The page could not understand this request. Go back, reload the page and try again.", "服务器无法理解这次请求。请返回上一页，刷新后再试。"),
    "page.error_403": ("This is not permitted. Reload the page and try again.", "不允许这样操作。请刷新页面后再试。"),
    "page.error_404": ("There is no such page. Perhaps the address was mistyped, or the run was removed.", "没有这个页面。可能是地址写错了，或者这次运行已被删除。"),
    "page.error_405": ("This address only takes what a button of the page sends. Go to the home page and start from there.", "这个地址只接受页面上的按钮提交。请回到首页，从那里开始。"),
    "page.error_413": ("What was sent is too large. Split the sheet into smaller ones and hand in one at a time.", "提交的内容太大。请把表格拆成几张小的，逐张提交。"),
    "page.error_429": ("Too many attempts. Wait a while and try again.", "尝试次数太多。请稍等一会儿再试。"),
    "page.error_500": ("Something went wrong in this program. Nothing was lost; go back and try again. If it happens once more, tell whoever looks after this program the time.", "程序内部出错。数据没有丢失，请返回后再试；如果再次出现，请把出错的时间告诉管理这个程序的人。"),
    "page.error_other": ("The page answered with status {status}. Go back, reload the page and try again.", "服务器返回了状态 {status}。请返回上一页，刷新后再试。"),
    "page.cannot_listen": (
        "The page cannot be offered at {host}, port {port}: {reason}. Give another port with --port (0: any free one), or an address of this computer with --host.",
        "无法在 {host} 的端口 {port} 上提供网页：{reason}。请用 --port 换一个端口（0 表示任意空闲端口），或用 --host 指定本机的地址。",
    ),
}  # fmt: skip
