"""The words of the frame of the page: its top, its steps, its home and its errors. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "page.title": ("Batch editor", "线索批量修改"),
    "page.skip": ("Skip to the content", "跳到正文"),
    "page.places": ("Places of this page", "页面导航"),
    "page.home": ("Home", "首页"),
    "page.history": ("History", "历史记录"),
    "page.language": ("Language", "语言"),
    "page.steps": ("Steps", "步骤"),
    "page_step.1": ("Sheet", "表格"),
    "page_step.2": ("Mend", "修正"),
    "page_step.3": ("Review", "核对"),
    "page_step.4": ("Progress", "进度"),
    "page_step.5": ("Results", "结果"),
    "page.home_title": ("Edit clues from a sheet", "用表格批量修改线索"),
    "page.error_title": ("This did not work", "没有成功"),
    "page.back_home": ("Go to the home page", "回到首页"),
    "page.settings_trouble": ("The settings cannot be used:", "设置有误，暂时无法使用："),
    "page_error.400": ("The page could not understand this request. Go back, reload the page and try again.", "服务器无法理解这次请求。请返回上一页，刷新后再试。"),
    "page_error.403": ("This is not permitted. Reload the page and try again.", "不允许这样操作。请刷新页面后再试。"),
    "page_error.404": ("There is no such page. Perhaps the address was mistyped, or the run was removed.", "没有这个页面。可能是地址写错了，或者这次运行已被删除。"),
    "page_error.405": ("This address only takes what a button of the page sends. Go to the home page and start from there.", "这个地址只接受页面上的按钮提交。请回到首页，从那里开始。"),
    "page_error.413": ("What was sent is too large. Split the sheet into smaller ones and hand in one at a time.", "提交的内容太大。请把表格拆成几张小的，逐张提交。"),
    "page_error.429": ("Too many attempts. Wait a while and try again.", "尝试次数太多。请稍等一会儿再试。"),
    "page_error.500": ("Something went wrong in this program. Nothing was lost; go back and try again. If it happens once more, tell whoever looks after this program the time.", "程序内部出错。数据没有丢失，请返回后再试；如果再次出现，请把出错的时间告诉管理这个程序的人。"),
    "page_error.other": ("The page answered with status {status}. Go back, reload the page and try again.", "服务器返回了状态 {status}。请返回上一页，刷新后再试。"),
    "page.cannot_listen": (
        "The page cannot be offered at {host}, port {port}: {reason}. Give another port with --port (0 is any free one), or an address of this computer with --host.",
        "无法在 {host} 的端口 {port} 上提供网页：{reason}。请用 --port 换一个端口（0 表示任意空闲端口），或用 --host 写本机的地址。",
    ),
    "page.port_taken": (
        "Port {port} of {host} is taken by another program, which may be this page, started before: look at http://{host}:{port} in a browser, or take another port with --port (0 is any free one).",
        "{host} 的端口 {port} 已被其他程序占用，也可能是之前启动的这个网页：请在浏览器中打开 http://{host}:{port} 看看，或用 --port 换一个端口（0 表示任意空闲端口）。",
    ),
    "page.host_not_here": (
        'The address "{host}" does not belong to this computer. Leave out --host to use the page on this computer alone, or give it one of its own addresses.',
        "地址“{host}”不是本机的地址。只在本机使用时不用写 --host；否则请写本机的某个地址。",
    ),
    "page.listens": (
        "The page is at {url} until you press Ctrl-C here. Close the window of the browser whenever you like: nothing stops by that.",
        "网页已启动：{url} 。在这里按 Ctrl-C 结束；关闭浏览器窗口不会中断任何操作。",
    ),
    "page.listens_to_others": ("From other computers: {url}", "从其他电脑访问：{url}"),
    "page.stopping": (
        "The page ends: nothing more is sent, and what is on its way is waited for. Ctrl-C once more ends it at once.",
        "正在结束：不再发送新的行，等待已发出的请求完成。再按一次 Ctrl-C 立即结束。",
    ),
    "page.ended_early": (
        "The page has ended. These runs stopped before all of their rows were sent: {runs}. Start the page again to go on with them; what was sent is written down.",
        "网页已结束。以下运行还没有发完就停下了：{runs}。重新启动网页后可以继续；已发送的内容都有记录。",
    ),
    "page.ended": ("The page has ended.", "网页已结束。"),
}  # fmt: skip
