"""What is told of a night in which nobody watched, and what goes wrong with telling it."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "night.unrecorded": (
        "This night cannot be written down: {reason:sentence} The run itself is not concerned.",
        "无法记录本次夜间任务：{reason:sentence}运行本身不受影响。",
    ),
    "night.broken": (
        "The program broke down while it told of this night ({kind}). The run itself is not concerned; please hand that on to whoever "
        "looks after the program.",
        "程序在通知本次夜间任务时出错（{kind}）。运行本身不受影响；请转告程序的维护者。",
    ),
    "night.crash": (
        "The program ended by an error that nobody has expected ({kind}); its error output says where.",
        "程序因意外错误（{kind}）中断，具体位置见它的错误输出。",
    ),
    "night.stdin": ("what was piped in", "从管道读入的表格"),
    # --- the verdict
    "night.well": ("{name}: all is well", "{name}：一切正常"),
    "night.well_again": ("{name}: well again (the time before was not)", "{name}：恢复正常（上一次没有正常结束）"),
    "night.well_again_since": ("{name}: well again", "{name}：恢复正常"),
    "night.unfinished": (
        "{name}: went well, but something from before is not finished",
        "{name}：本次正常，但之前有没做完的，需要处理",
    ),
    "night.after_cut_off": (
        "{name}: went well, but a time before ended without a word",
        "{name}：本次正常，但之前有一次中途断掉，请查一下原因",
    ),
    "night.weekly": ("{name}: all is well, {nights:time} in this report", "{name}：每周报平安，{nights} 次全部正常"),
    "night.weekly_some": (
        "{name}: well now; of {nights:time} in this report {well} went well",
        "{name}：目前正常；本周共 {nights} 次，其中 {well} 次正常",
    ),
    "night.weekly_inbox": (
        "{name}: all is well, {nights:sheet} on {days:day}",
        "{name}：每周报平安，{days} 天共 {nights} 张表格，全部正常",
    ),
    "night.weekly_inbox_some": (
        "{name}: well now; of {nights:sheet} on {days:day} {well} went well",
        "{name}：目前正常；本周 {days} 天共 {nights} 张表格，其中 {well} 张正常",
    ),
    "night.bad_rows": ("{name}: {rows:row} did not get through", "{name}：有 {rows} 行没有成功，请处理"),
    "night.bad_unwritten": (
        "{name}: sent, but the results sheet could not be written",
        "{name}：已发送，但结果表没能写出来",
    ),
    "night.bad_refused": ("{name}: NOTHING was sent", "{name}：没有发送任何内容，请处理"),
    "night.bad_stopped": ("{name}: stopped early, {rows:row} not sent yet", "{name}：提前停止，还有 {rows} 行没发"),
    "night.bad_stopped_unknown": ("{name}: stopped early", "{name}：提前停止"),
    "night.bad_under_way": (
        "{name}: not run, another process is still at work on it",
        "{name}：这次没有运行，另一个进程还在处理",
    ),
    "night.bad_no_sheet": ("{name}: no sheet came, NOTHING was sent", "{name}：没有等到新表格，请处理"),
    "night.bad_interrupted_rows": (
        "{name}: interrupted, {rows:row} not sent yet",
        "{name}：中途被终止，还有 {rows} 行没发",
    ),
    "night.bad_crash": ("{name}: the program broke down", "{name}：程序意外中断"),
    "night.bad_interrupted": ("{name}: interrupted before the end", "{name}：中途被终止"),
    # --- what it came to
    "night.why": ("Why: {why:sentence}", "原因：{why}"),
    "night.counts": ("{rows:row}: {counts}", "共 {rows} 行：{counts}"),
    "night.when": ("Began {began}, took {took}", "{began} 开始，用时{took}"),
    "night.reason": ("{rows:row}: {reason}", "其中 {rows} 行：{reason}"),
    "night.last": (
        "What was not well: {name}, {began}, exit code {exit_code} ({reason})",
        "上次出问题的是：{name}，{began}，退出码 {exit_code}（{reason}）",
    ),
    "night.cut_off": (
        "The night that began {began} ended without a word: it was killed, or the machine went off.",
        "{began} 开始的那次没有留下结果：进程被强行结束，或者机器断电、重启了。",
    ),
    "night.unfinished_run": (
        "Not finished: {run} ({name}, {started}), {left:row} still to be sent",
        "没做完：{run}（{name}，{started}），还有 {left} 行没发",
    ),
    "night.more_unfinished": ("… and {runs:run} more that are not finished", "……还有 {runs} 次运行没做完"),
    "night.of_week": (
        "{first} to {last}: started {nights:time}, {well} of them went well",
        "{first} 至 {last}：共 {nights} 次，其中 {well} 次正常",
    ),
    "night.of_week_inbox": (
        "{first} to {last}: {nights:sheet} on {days:day}, {well} of them went well",
        "{first} 至 {last}：{days} 天共 {nights} 张表格，其中 {well} 张正常",
    ),
    "night.missing": ("Days without one ({days}): {which}", "没有运行的日子（{days} 天）：{which}"),
    "night.missing_inbox": ("Days without a sheet ({days}): {which}", "没有表格的日子（{days} 天）：{which}"),
    "night.no_missing": ("No day was without one.", "每天都有运行。"),
    "night.no_missing_inbox": ("Sheets came every day.", "每天都有表格。"),
    "night.bad_passes": (
        "Besides, it was told {times:time} that no sheet came, or that the folder could not be looked into.",
        "另有 {times} 次报告：没有等到表格，或文件夹无法处理。",
    ),
    "night.no_rows": ("No rows at all.", "没有任何行。"),
    # --- the first problems
    "night.problems": ("The first problems:", "最前面的问题："),
    "night.problem": ("{place}: {what}", "{place}：{what}"),
    "night.problem_often": ("{place}: {what} ({number:cell})", "{place}：{what}（共 {number} 处）"),
    "night.more_problems": ("… and {number:problem} of other kinds", "……还有 {number} 类问题"),
    # --- what to do now
    "night.results": ("Results: {path}", "结果表：{path}"),
    "night.check_sheet": ("Check sheet: {path}", "检查表：{path}"),
    "night.where": ("Job: {series} on {machine}", "任务：{series}（{machine}）"),
    "night.do_rows": (
        "What to do: mend the marked rows in the results sheet, save it, then: batch-editor run {path} --only-failed{options}",
        "怎么办：在结果表中改好标出的行，保存后运行：batch-editor run {path} --only-failed{options}",
    ),
    "night.do_failed": (
        "What to do: nothing is wrong with the sheet; send these rows once more: batch-editor resume {run}{options}",
        "怎么办：表格没有问题，把这些行再发一次：batch-editor resume {run}{options}",
    ),
    "night.do_unwritten": (
        "What to do: make room, or close the file, then have it written: batch-editor results {run}{options}",
        "怎么办：腾出空间或关闭占用的文件，再重新写出：batch-editor results {run}{options}",
    ),
    "night.do_refused": (
        "What to do: mend what is said above, then start the job again. Nothing has changed in the CRM.",
        "怎么办：按上面的原因改好后，重新启动任务。CRM 中没有任何改动。",
    ),
    "night.do_put_again": (
        "What to do: mend the sheet (it is in {went_to} now) or the settings, and put it into {series} again. "
        "Nothing has changed in the CRM.",
        "怎么办：改好表格（已移到 {went_to}）或设置，再把表格放回 {series}。CRM 中没有任何改动。",
    ),
    "night.do_next_pass": (
        "What to do: mend what is said above. What lies in {series} stays there, and the next pass tries again. "
        "Nothing has changed in the CRM.",
        "怎么办：按上面的原因处理。{series} 中的表格不会丢，下一次检查会再试。CRM 中没有任何改动。",
    ),
    "night.do_no_sheet": (
        "What to do: see whether the program that exports the sheets still runs. As soon as one lies in {series}, the next pass "
        "takes it.",
        "怎么办：检查导出表格的程序是否还在运行。表格放入 {series} 后，下一次检查会处理。",
    ),
    "night.do_not_continued": (
        "What to do: go on with it: batch-editor resume {run}{options}, or give it up: batch-editor runs --dismiss {run}{options}",
        "怎么办：接着做：batch-editor resume {run}{options}；不再需要：batch-editor runs --dismiss {run}{options}",
    ),
    "night.do_look": (
        "What to do: look at what was sent, in the CRM and by batch-editor show {run}{options}. If it is right, go on: "
        "batch-editor resume {run}{options}",
        "怎么办：到 CRM 中核对已发送的内容，也可以用 batch-editor show {run}{options} 查看；没有问题再继续："
        "batch-editor resume {run}{options}",
    ),
    "night.do_stopped": (
        "What to do: once the cause is gone, go on: batch-editor resume {run}{options} (to start the same sheet again does it as well)",
        "怎么办：原因消除后接着做：batch-editor resume {run}{options}（重新运行同一张表格也会接着做）",
    ),
    "night.do_stopped_inbox": (
        "What to do: once the cause is gone, the next pass goes on by itself; or at once: batch-editor resume {run}{options}",
        "怎么办：原因消除后，下一次检查会自动接着做；想马上接着做：batch-editor resume {run}{options}",
    ),
    "night.do_until": (
        "What to do: go on when there is time: batch-editor resume {run}{options}",
        "怎么办：在合适的时间接着做：batch-editor resume {run}{options}",
    ),
    "night.do_until_inbox": (
        "What to do: nothing, since the next pass goes on by itself; or at once: batch-editor resume {run}{options}",
        "怎么办：不用处理，下一次检查会自动接着做；想马上接着做：batch-editor resume {run}{options}",
    ),
    "night.do_stopped_unknown": (
        "What to do: once the cause is gone, start the job again, or wait for its next time.",
        "怎么办：原因消除后重新启动任务，或等它下次运行。",
    ),
    "night.do_under_way": (
        "What to do: wait. If this is said again, look for a process that hangs.",
        "怎么办：等它结束；如果一直收到这条消息，请检查是否有卡住的进程。",
    ),
    "night.do_crash": (
        "What to do: look at the error output of the job, and start it again: nothing is sent twice.",
        "怎么办：查看任务的错误输出后重新启动，不会重复发送。",
    ),
    "night.do_interrupted": (
        "What to do: start the job again, if nobody has stopped it on purpose.",
        "怎么办：如果不是有人特意终止的，请重新启动任务。",
    ),
    "night.do_unfinished": (
        "What is not finished: go on with it: batch-editor resume {run}{options}, look at it: batch-editor show {run}{options}, or "
        "give it up: batch-editor runs --dismiss {run}{options}",
        "没做完的：接着做：batch-editor resume {run}{options}；先看看：batch-editor show {run}{options}；"
        "不再需要：batch-editor runs --dismiss {run}{options}",
    ),
    "night.do_cut_off": (
        "What to do: see why that process ended. What it had to do is done by now, or was begun anew tonight.",
        "怎么办：查一下那次为什么被中断；它没做完的，本次已经做完或重新开始。",
    ),
    "night.do_nothing": ("Nothing is to be done.", "无需处理。"),
    # --- telling it
    "telling.cut": (
        "(… more than this robot takes: the rest is left out here)",
        "（……内容超出机器人的长度限制，其余已略去）",
    ),
    "telling.untold": (
        "Target {number} of notify ({kind}) could not be told of this night: {reason:sentence} The run is not concerned. "
        "batch-editor notify test tries it again.",
        "没能通知 notify 的第 {number} 个目标（{kind}）：{reason:sentence}运行本身不受影响。可以用 batch-editor notify test 再试。",
    ),
    "telling.unheard": (
        "The heartbeat was not heard: {reason:sentence} The run is not concerned.",
        "心跳没有送达：{reason:sentence}运行本身不受影响。",
    ),
    "telling.stopped": ("it was not tried, since the program was told to stop", "程序被要求停止，没有发送"),
    "telling.redirected": (
        "it answered with a redirect (HTTP {status}), which is not followed; give the address that it leads to",
        "对方要求跳转（HTTP {status}），程序不会跟随；请填写跳转后的网址",
    ),
    "telling.status": (
        "it answered HTTP {status}; see whether the address is right, and whether that server is well",
        "对方返回 HTTP {status}；请检查网址是否正确、对方服务是否正常",
    ),
    "telling.no_robot": (
        'what answered is no robot ("{start}"); is the address whole, and is a proxy or a login page in the way?',
        "答复不是机器人发来的（“{start}”）；请检查网址是否完整，是否被代理或登录页面拦住",
    ),
    "telling.refused": ("the robot refused it with {code}{words}{hint}", "机器人拒绝了，返回码 {code}{words}{hint}"),
    "telling.words": (" ({words})", "（{words}）"),
    "telling.nothing": (
        "what answered is no robot, since it said nothing; is the address whole?",
        "答复不是机器人发来的（没有任何内容）；请检查网址是否完整",
    ),
    "telling.too_many": (
        " - too many messages within a minute",
        "——一分钟内的消息太多",
    ),
    "telling.wrong_address": (
        " - the address is wrong, or the robot was removed; copy its address once more",
        "——网址不对，或机器人已被删除，请重新复制网址",
    ),
    "telling.wrong_content": (" - it does not take this content", "——内容不被接受"),
    "telling.dingtalk_security": (
        " - the robot asks for a signature (secret), a keyword (keyword), or has a list of IP addresses without that of this machine",
        "——机器人设置了加签（填 secret）、自定义关键词（填 keyword）或 IP 白名单",
    ),
    "telling.feishu_sign": (
        " - the signature is wrong: is the secret right, and the clock of this computer?",
        "——签名不对：请检查 secret，以及本机时间是否准确",
    ),
    "telling.feishu_ip": (" - the robot does not take messages from this address", "——本机地址不在机器人的 IP 白名单中"),
    "telling.feishu_keyword": (
        " - the robot asks for a keyword: write it as keyword",
        "——机器人设置了自定义关键词，请填写 keyword",
    ),
    "telling.mail_refused": ("the mail server refused it: {code} {words}", "邮件服务器拒绝了：{code} {words}"),
    "telling.mail_login": (
        "the mail server did not take user and password ({answer}); many want a password of its own for programs",
        "邮件服务器不接受用户名和密码（{answer}）；许多邮箱要求使用专门的授权码",
    ),
    "telling.mail_no_tls": (
        "the mail server offers no STARTTLS; use port 465, if it has that",
        "邮件服务器不支持 STARTTLS；如果它支持 465 端口，请改用 465",
    ),
    "telling.mail_no_login": (
        "the mail server takes no login here; leave user and password out, or see whether host and port are right",
        "邮件服务器在这个端口不支持登录；请检查 host 和 port，或去掉 user 和 password",
    ),
    "telling.mail_no_way": (
        "the mail server offers no way to log in that this program knows (CRAM-MD5, PLAIN, LOGIN)",
        "邮件服务器没有本程序支持的登录方式（CRAM-MD5、PLAIN、LOGIN）",
    ),
    "telling.mail_ascii": (
        "the user and the password may hold Latin letters, digits and signs only; many mail boxes give out a password of its own for programs",
        "用户名和密码（user、password）只能包含英文字母、数字和符号；许多邮箱提供专门的授权码",
    ),
    "telling.mail_refused_for": ("{answer} (for {names})", "{answer}（收件人 {names}）"),
    "telling.no_mail_server": (
        "what answered is no mail server; see whether host and port are right",
        "对方不是邮件服务器；请检查 host 和 port",
    ),
    "telling.broken": (
        "the program itself broke down at it ({kind}); please hand that on to whoever looks after it",
        "程序自身在发送时出错（{kind}），请转告程序的维护者",
    ),
    "telling.out_of_time": (
        "it was not tried, since telling has already kept this night waiting for {minutes:minute}",
        "没有发送，因为发通知已占用 {minutes} 分钟",
    ),
    # --- trying it out
    "telling.sample": (
        "A test of batch-editor: this is where nights are told",
        "batch-editor 测试消息：夜间任务的结果会发到这里",
    ),
    "telling.sample_of": ("Sent by {machine} at {time}", "由 {machine} 发送，{time}"),
    "telling.sample_do": ("Nothing is to be done.", "收到即可，无需处理。"),
    "telling.none": (
        "The settings name no target: write some under notify (batch-editor guide notify).",
        "设置中没有任何通知目标，请在 notify 下填写（见 batch-editor guide notify）。",
    ),
    "telling.line_ok": ("{number}. {kind}: ok", "{number}. {kind}：成功"),
    "telling.line_bad": ("{number}. {kind}: {reason:sentence}", "{number}. {kind}：{reason:sentence}"),
}
