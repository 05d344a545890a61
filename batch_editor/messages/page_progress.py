"""What the page says of a run on its way: how far it is, why it waits, how it ended. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- at work
    "progress.title": ("Progress", "进度"),
    "progress.title_at": ("{percent}% · {what}", "{percent}% · {what}"),
    "progress.sending_now": ("Sending", "正在发送"),
    "progress.reading_now": ("Reading clues", "正在读取线索"),
    "progress.stopping_now": ("Stopping: what is on its way finishes first", "正在停止：等已发出的请求完成"),
    "progress.reading_hint": (
        "The values of now are read from the CRM, to be shown beside the new ones. Nothing is sent.",
        "正在从 CRM 读取现有的值，以便与新值对照。此时不发送任何数据。",
    ),
    "progress.sending_hint": (
        "You may close this page: the sending goes on. Come back to it from the home page.",
        "可以关闭本页，发送会继续进行；之后从首页可以回到这里。",
    ),
    "progress.elsewhere_hint": (
        "Another program of this computer (the command line, say) sends this run; here it is shown once a second.",
        "这次运行由本机的另一个程序（例如命令行）发送，这里每秒更新一次。",
    ),
    "progress.done_of": ("{done} of {total} rows ({percent}%)", "已完成 {done} / {total} 行（{percent}%）"),
    "progress.read_of": ("{done} of {total} clues read ({percent}%)", "已读取 {done} / {total} 条线索（{percent}%）"),
    "progress.beginning": ("It is about to begin …", "即将开始……"),
    "progress.time_left": ("About {time} left", "大约还需 {time}"),
    "progress.time_unknown": ("How long it still takes is not known", "剩余时间暂时无法估计"),
    "progress.last_rows": ("Almost done", "马上完成"),
    "progress.seconds": ("{seconds:second}", "{seconds} 秒"),
    "progress.minutes": ("{minutes:minute}", "{minutes} 分钟"),
    "progress.hours": ("{hours:hour}", "{hours} 小时"),
    "progress.counts": ("Rows by status", "各状态的行数"),
    "progress.rate_title": ("Rate", "速度"),
    "progress.rate_recent": ("{rate} rows a second lately", "最近每秒 {rate} 行"),
    "progress.rate_top": ("{rate} rows a second", "每秒 {rate} 行"),
    "progress.rate_label": (
        "Rows a second over {time}; lately {rate}. The table below holds the numbers.",
        "{time}内每秒的行数，最近为 {rate}。数值见下方的表格。",
    ),
    "progress.rate_table": ("The rate in numbers", "速度的数值"),
    "progress.rate_from": ("from", "从"),
    "progress.rate_to": ("to", "到"),
    "progress.rate_rows": ("rows a second", "每秒行数"),
    "progress.stop": ("Stop sending", "停止发送"),
    "progress.stop_reading": ("Stop reading", "停止读取"),
    "progress.stop_hint": (
        "What is on its way finishes first. The rest stays unsent and can be sent later.",
        "已发出的请求会先完成，其余各行保持未发送，以后可以继续。",
    ),
    "progress.and_then": ("; ", "；"),
    "progress.stop_asked": ("It was asked to stop.", "已要求停止。"),
    "progress.offline": (
        "The page has lost its connection to the program and tries again. What is being sent goes on as long as the program runs.",
        "网页与程序的连接中断，正在重新连接。只要程序还在运行，发送就会继续。",
    ),
    # --- why it waits
    "progress.waits_not": ("It goes on steadily; nothing holds it up.", "进展正常，没有等待。"),
    "progress.wait_too_fast": (
        'The CRM says "too fast" (rate limit). It goes on in {time}.',
        "CRM 限频，{time}后继续。",
    ),
    "progress.wait_journal": (
        "The database of the journal cannot be reached. Nothing is sent until it is back, and nothing is lost.",
        "目前无法访问保存运行记录的数据库。恢复之前不会发送，已发送的结果不会丢失。",
    ),
    "progress.wait_rate_unknown": (
        "What was sent within the last minute is not all on record. So that the permitted rate is kept for certain, it goes on in {time}.",
        "最近一分钟内发送了多少没有完整的记录。为确保不超过允许的速率，{time}后继续。",
    ),
    "progress.wait_rate_full": (
        "The permitted rate of a longer time is used up. It goes on in {time}.",
        "较长时间的限额已用完，{time}后继续。",
    ),
    "progress.wait_rate": (
        "At the permitted rate the next request goes out in {time}.",
        "按允许的速率，{time}后发出下一个请求。",
    ),
    "progress.wait_rate_shared": (
        "Another program of this computer uses the same rate, so that this takes longer.",
        "本机的另一个程序也在使用同一份限额，因此会慢一些。",
    ),
    "progress.wait_token": ("A new access token is being fetched from the CRM.", "正在向 CRM 获取新的访问凭证。"),
    "progress.wait_crm_down": (
        "Nothing gets through to the CRM: {reason}. It is tried again now and then, for {time} more; then this stops.",
        "目前完全连不上 CRM：{reason}。会不时重试，最多再等{time}，之后停止。",
    ),
    "progress.wait_unreachable": (
        "The CRM cannot be reached: {reason}. It is tried again in {time}.",
        "连不上 CRM：{reason}。{time}后再试。",
    ),
    "progress.wait_no_answer": (
        "The CRM gave no usable answer: {reason}. It is tried again in {time}.",
        "CRM 没有给出有效的答复：{reason}。{time}后再试。",
    ),
    "progress.wait_answer": ("Requests are out; the CRM takes its time to answer.", "请求已发出，正在等 CRM 答复。"),
    "progress.wait_other_run": (
        "Another run is editing the same clue; this one waits for it.",
        "另一次运行正在修改同一条线索，等它完成后继续。",
    ),
    "progress.wait_other_worker": (
        "A worker that stands still has edits on their way; what became of them is waited for.",
        "有一个工作进程停住了，它发出的编辑结果未知，正在等待。",
    ),
    "progress.wait_proof": (
        "The first row was sent; it is read back and compared before the others go.",
        "第一行已发送，正在读回核对；核对无误后再发其余各行。",
    ),
    # --- how it ended
    "progress.finished": ("All done", "全部完成"),
    "progress.finished_hint": ("Every row that was to be sent has come to an end.", "所有要发送的行都已处理完。"),
    "progress.to_results": ("See the results", "查看结果"),
    "progress.opens_results": ("The results open in a moment.", "稍后自动打开结果。"),
    "progress.stopped": ("Stopped before the end", "提前停止"),
    "progress.interrupted": ("The program ended in the middle", "程序中途退出"),
    "progress.interrupted_hint": (
        "The program that sent this run ended without a word (it was killed, or the computer was switched off). Nothing goes on by itself.",
        "发送这次运行的程序中途退出了（被结束，或电脑关机）。程序不会自行继续。",
    ),
    "progress.abandoned": ("Given up while the sheet was read", "读取表格时中断"),
    "progress.abandoned_hint": (
        "The program ended while the sheet was being read. Nothing was sent: hand in the sheet once more.",
        "读取表格时程序退出了，没有发送任何数据。请重新提交表格。",
    ),
    "progress.nothing_sent": ("Nothing was sent", "没有发送任何数据"),
    "progress.to_review": ("Back to the review", "回到核对"),
    "progress.was_sent": ("sent and confirmed", "已发送并确认"),
    "progress.was_sent_hint": (
        "The CRM has confirmed these rows. They are not sent again.",
        "CRM 已确认这些行，不会再次发送。",
    ),
    "progress.was_not_sent": ("not sent", "未发送"),
    "progress.was_not_sent_hint": (
        "The CRM has changed nothing for these rows. Go on to send them.",
        "CRM 没有因这些行发生改动。点“继续发送”即可发送。",
    ),
    "progress.is_unknown": ("unknown", "结果不明"),
    "progress.is_unknown_hint": (
        "These rows were sent, but no answer came: the CRM may have applied them. Going on sends them once more with the same values, "
        "which does no harm.",
        "这些行已发出但没有收到答复，CRM 可能已经修改。继续时会用同样的值再发一次，不会有害处。",
    ),
    "progress.is_unknown_compare": (
        "These rows were sent, but no answer came: the CRM may have applied them. By the settings they are not sent again: compare "
        "them in the CRM.",
        "这些行已发出但没有收到答复，CRM 可能已经修改。按设置不会再次发送，请到 CRM 中核对。",
    ),
    "progress.is_bad": ("refused or wrong", "被拒绝或有误"),
    "progress.is_bad_hint": (
        "The CRM refused these rows, or a cell was wrong. The results say why, and let you mend and send them.",
        "被 CRM 拒绝，或单元格内容有误。结果中有原因，可以修正后再发送。",
    ),
    "progress.go_on": ("Go on: send {rows:row}", "继续发送 {rows} 行"),
    "progress.go_on_clearing": (
        "Go on: send {rows:row}, which clears {cleared:field}",
        "继续发送 {rows} 行，其中清空 {cleared} 个字段",
    ),
    "progress.go_on_hint": (
        "What was confirmed is not sent again. At the permitted rate this takes {time}.",
        "已确认的行不会再次发送。按允许的速率需要{time}。",
    ),
    "progress.go_on_unknown": ("{rows:row} of these may have been applied before.", "其中 {rows} 行之前可能已经修改过。"),
    "progress.cannot_go_on": ("It cannot be gone on with now:", "现在无法继续："),
    "progress.changed": (
        "What is left has changed since it was shown. Look at it once more; nothing was sent.",
        "剩余的内容在显示之后有了变化，请重新查看。没有发送任何数据。",
    ),
    # --- said aloud
    "progress.announcement": ("{done} of {total} rows done. {more}", "已完成 {done} 行，共 {total} 行。{more}"),
    # --- refusals
    "progress.crashed": (
        "Something went wrong in this program ({kind}). What was sent is on record; look at the run, and go on with it if rows are left.",
        "程序内部出错（{kind}）。已发送的内容都有记录；请查看该运行，如有未发送的行可以继续。",
    ),
    "progress.server_ends": (
        "This program is about to end, and begins nothing new. Start it again first.",
        "程序正在退出，不再开始新的运行。请先重新启动程序。",
    ),
}
