"""What is said of edits on their way: outcomes, pauses and halts, the wire and tokens. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- outcomes
    "rejected.said": ("the CRM refused the edit ({code}): {msg}", "CRM 拒绝了此次编辑（{code}）：{msg}"),
    "rejected.unconfirmed": (
        "the CRM did not confirm the edit: {msg}",
        "CRM 没有确认此次编辑：{msg}",
    ),
    "rejected.status": (
        "the CRM did not confirm the edit: its answer has the status HTTP {status}, and only HTTP 200 confirms an edit. It may have "
        "been applied: {msg}",
        "CRM 没有确认此次编辑：答复的状态是 HTTP {status}，只有 HTTP 200 才算确认。此次编辑可能已生效：{msg}",
    ),
    "rejected.redirect": (
        "the server answered with a redirect (HTTP {status}), which is never followed since it would carry the token away; check api.base_url",
        "服务器返回了跳转（HTTP {status}），为避免泄露凭证不会跟随跳转；请检查 api.base_url",
    ),
    "rejected.too_fast": (
        '{refusal} - if that means "too fast", put {code} into api.rate_codes in the settings: such edits are then sent again after a pause',
        "{refusal}——如果这表示“请求过快”，请把 {code} 写进设置中的 api.rate_codes：以后会暂停一段时间再重新发送",
    ),
    "rejected.after_lost": (
        "{refusal} (an earlier try of this edit was not answered, and may have been applied)",
        "{refusal}（此次编辑前面有一次尝试没有收到答复，可能已生效）",
    ),
    "row.maybe_applied": (
        "an earlier try of this edit was not answered, and may have been applied",
        "此次编辑前面有一次尝试没有收到答复，可能已生效",
    ),
    "failed.never": (
        "never reached the CRM after {requests:try}: {reason}",
        "尝试 {requests} 次都未能到达 CRM：{reason}",
    ),
    "failed.maybe": (
        "no usable answer after {requests:try}, may have been applied: {reason}",
        "尝试 {requests} 次都没有收到有效答复，可能已生效：{reason}",
    ),
    "failed.not_taken": (
        "the CRM did not take the edit in {requests:try}: {reason}",
        "CRM 没有接受此次编辑（共尝试 {requests} 次）：{reason}",
    ),
    "failed.damaged": (
        "nothing was sent: the journal is damaged, and what it holds for this row is not an edit of its clue ({reason}). Put the row into a new sheet and run that",
        "未发送：日志（journal）已损坏，其中保存的内容不是对该线索的编辑（{reason}）。请把此行放进一个新表格，重新运行",
    ),
    "wire.not_json": ("it cannot be read", "无法读取"),
    "wire.no_list": (
        "it does not say which fields are to be changed, and the CRM would empty all others",
        "没有写明要修改哪些字段，CRM 会清空其他所有字段",
    ),
    "wire.lacking": ("it holds no value for {key}", "缺少 {key} 的值"),
    "wire.other_clue": ("it is not for the clue {clue}", "不是对线索 {clue} 的编辑"),
    "failed.answer": ("{code} {msg}", "{code} {msg}"),
    "failed.stopped": (
        "the run was stopped before the edit could be tried again; it may have been applied",
        "重试之前运行被停止；此次编辑可能已生效",
    ),
    "failed.unread": (
        "the clue could not be read in {requests:try}, so nothing was sent: {reason}",
        "尝试 {requests} 次都无法读取该线索，因此未发送：{reason}",
    ),
    "failed.too_fast": (
        'the CRM kept answering "too fast" to this edit for {seconds:second}; it was not applied',
        "CRM 连续 {seconds} 秒提示此次编辑“请求过快”；未生效",
    ),
    "failed.abandoned": (
        "the run was broken off while this edit was on its way; it may have been applied",
        "运行被强行中止时此次编辑正在发送；可能已生效",
    ),
    "failed.interrupted": (
        "the program ended while this edit was on its way; it may have been applied",
        "程序退出时此次编辑正在发送；可能已生效",
    ),
    # --- halts and notices
    "halt.asked": ("Stopped on request.", "已按要求停止。"),
    "halt.failures": (
        "Stopped: {rows:row} in a row failed, the last one: {last}",
        "已停止：连续 {rows} 行失败，最后一行：{last}",
    ),
    "halt.rejections": (
        "Stopped: the CRM refused {rows:row} in a row for the same reason, the last one: {last}",
        "已停止：CRM 以同一原因连续拒绝了 {rows} 行，最后一行：{last}",
    ),
    "halt.patience": (
        'Stopped: the CRM keeps answering "too fast" after pauses of {seconds:second} in all (the next pause would be {asked:second}). '
        "Try again later, or with a lower --rate.",
        "已停止：共暂停 {seconds} 秒后 CRM 仍提示“请求过快”（下一次需暂停 {asked} 秒）。请稍后再试，或用 --rate 降低速率。",
    ),
    "halt.crm_down": (
        "Stopped: the CRM could not be reached for {time}, the last time: {last}. What is not sent yet is sent when you go on; "
        "batch-editor doctor shows whether it can be reached again.",
        "已停止：无法连接 CRM 已有{time}，最近一次：{last}。尚未发送的行，继续时会发送；可先用 batch-editor doctor 检查是否已恢复。",
    ),
    "halt.crm_unknown": (
        "Stopped: for {time} no request reached the CRM, the last time: {last}. Is the address (api.base_url) right, and is this "
        "computer on the network? batch-editor doctor looks at both. What is not sent yet is sent when you go on.",
        "已停止：{time}内没有一个请求到达 CRM，最近一次：{last}。请检查地址（api.base_url）和本机网络，可用 batch-editor doctor 逐项检查；"
        "尚未发送的行，继续时会发送。",
    ),
    "halt.none_answered": (
        "Stopped: not one of {rows:row} got an answer of the CRM, though it can be reached, the last time: {last}. What was not "
        "answered is sent again when you go on.",
        "已停止：CRM 虽然能连接，但 {rows} 行没有一行得到答复，最近一次：{last}。继续时会重新发送没有得到答复的行。",
    ),
    "asking.crm_down": (
        "The CRM could not be reached for {time}, the last time: {last}. Try again later; batch-editor doctor shows whether it can be "
        "reached again.",
        "无法连接 CRM 已有{time}，最近一次：{last}。请稍后再试，可先用 batch-editor doctor 检查是否已恢复。",
    ),
    "asking.crm_unknown": (
        "For {time} no request reached the CRM, the last time: {last}. Is the address (api.base_url) right, and is this computer on "
        "the network? batch-editor doctor looks at both.",
        "{time}内没有一个请求到达 CRM，最近一次：{last}。请检查地址（api.base_url）和本机网络，可用 batch-editor doctor 逐项检查。",
    ),
    "asking.until": ("It was {time}, until when it was to work.", "已到设定的停止时间 {time}。"),
    "asking.certificate": (
        "{reason:sentence} batch-editor doctor shows who has issued the certificate. If your company's network or a security program checks "
        "connections, name the file with its certificates in the settings as api.ca_file (or in SSL_CERT_FILE); otherwise ask whoever looks "
        "after the network: somebody may be listening in.",
        "{reason:sentence}batch-editor doctor 可显示证书由谁签发。如果公司网络或安全软件会检查连接，"
        "请在设置 api.ca_file（或环境变量 SSL_CERT_FILE）中填写其证书文件；否则请询问网络管理员：连接可能被他人监听。",
    ),
    "halt.lease_lost": (
        "This process sends nothing more of this part of the run: it could not say in time that it is still at work on it, so another worker goes on with it.",
        "本进程不再发送该运行的这一部分：它没能及时续租，将由其他工作进程接着发送。",
    ),
    "halt.until": (
        "Stopped at {time}, as it was told to. What is not sent yet is sent when you go on.",
        "已到设定的停止时间 {time}。尚未发送的行，继续时会发送。",
    ),
    "until.no_time": (
        '"{given}" is no time of day. Say until when it is to work as hours and minutes, such as 06:30.',
        "“{given}”不是有效的时间。请用时:分说明工作到几点，例如 06:30。",
    ),
    "halt.crashed": (
        "Stopped: an error of this program itself ({kind}) ended a part of the run on a worker. Its log says more. What is not sent "
        "yet is sent when you go on; if it happens again, report it.",
        "已停止：某个工作进程上的一部分因程序自身的错误（{kind}）而中断，详情见该进程的日志。尚未发送的行，继续时会发送；如再次出现，请反馈这个问题。",
    ),
    "until.no_zone": (
        "until={given} has no time zone. Give a datetime with one, such as datetime(..., tzinfo=settings.zone).",
        "until={given} 没有时区。请给出带时区的 datetime，例如 datetime(..., tzinfo=settings.zone)。",
    ),
    "halt.certificate": (
        "Stopped: {reason}. What stays unsent can be sent once that is mended. batch-editor doctor shows who has issued the certificate. If your company's network or a security program checks connections, name the file with its certificates in the settings as "
        "api.ca_file (or in SSL_CERT_FILE); otherwise ask whoever looks after the network: somebody may be listening in.",
        "已停止：{reason}。解决后可以继续发送其余的行。batch-editor doctor 可显示证书由谁签发。如果公司网络或安全软件会检查连接，"
        "请在设置 api.ca_file（或环境变量 SSL_CERT_FILE）中填写其证书文件；否则请询问网络管理员：连接可能被他人监听。",
    ),
    "halt.held_back": (
        "Held back, since an earlier row of the same clue failed: {rows:row}.",
        "有 {rows} 行暂未发送，因为同一线索前面的行失败了。",
    ),
    "notice.crm_down": (
        "The CRM cannot be reached: {last}. Everything waits and tries now and then whether it is back, for at most {time}.",
        "无法连接 CRM：{last}。全部暂停，并不时试探是否恢复，最多等待{time}。",
    ),
    "notice.crm_back": ("The CRM can be reached again; it goes on.", "CRM 已恢复连接，继续进行。"),
    "notice.cut_off": (
        "The CRM cannot be reached from {host}, while others are at work: they get what was being sent from there.",
        "{host} 无法连接 CRM，而其他机器正在工作：由它们接着发送。",
    ),
    "notice.journal_away": (
        "The database of the journal ({path}) cannot be reached. Nothing is sent until it is back, and nothing is lost.",
        "目前无法访问保存运行记录的数据库（{path}）。恢复之前不会发送，已发送的结果不会丢失。",
    ),
    "notice.journal_back": (
        "The database of the journal can be reached again; it goes on.",
        "保存运行记录的数据库已恢复，继续进行。",
    ),
    "notice.pause": (
        'The CRM says "too fast": everything waits for {seconds:second}.',
        "CRM 提示“请求过快”：全部暂停 {seconds} 秒。",
    ),
    "notice.slower": (
        'The CRM keeps saying "too fast" although the permitted rate is held: the pace goes down to {percent} % of it.',
        "速率没有超出，但 CRM 仍多次提示“请求过快”：发送速度降至允许速率的 {percent}%。",
    ),
    "notice.full": (
        "The permitted rate of a longer time is used up: everything waits for {time}. To stop here, press Ctrl-C; resume goes on later.",
        "较长时间的限额已用完：需等待{time}。如需停止，请按 Ctrl-C，以后可用 resume 继续。",
    ),
    "notice.once_more": (
        "{rows:row} never reached the CRM. In {time} this is tried once more. To stop here, press Ctrl-C; resume goes on later.",
        "有 {rows} 行未能到达 CRM。{time}后再试一次。如需停止，请按 Ctrl-C，以后可用 resume 继续。",
    ),
    "notice.once_more_failed": (
        "{rows:row} failed without a usable answer. In {time} this is tried once more. To stop here, press Ctrl-C; resume goes on "
        "later.",
        "有 {rows} 行没有得到有效答复而失败。{time}后再试一次。如需停止，请按 Ctrl-C，以后可用 resume 继续。",
    ),
    "notice.pace_lost": (
        "What was sent within the last minute is not all on record: a run without limits keeps no record, and a record may have been "
        "lost or damaged. So that the permitted rate is kept for certain, everything waits for {time}.",
        "最近一分钟内发送了多少没有完整的记录：不限速的运行不做记录，记录也可能已丢失或损坏。为确保不超过允许的速率，需等待{time}。",
    ),
    "notice.reading": (
        "Reading {clues:clue} first, {time} at the permitted rate. Nothing is sent yet.",
        "先读取 {clues} 条线索，按允许的速率需要{time}。此时不发送任何数据。",
    ),
    "notice.reading_old_values": (
        "Reading the old values of {clues:clue} first, so that this run can be undone: {time} at the permitted rate. Nothing is sent "
        "yet. Ctrl-C ends it; --no-snapshot leaves the reading out.",
        "先读取 {clues} 条线索的原值，以便本次运行可以撤销，按允许的速率需要{time}。此时不发送任何数据。按 Ctrl-C 可结束；"
        "加上 --no-snapshot 则不读取。",
    ),
    "reading.without_old_values": (
        "Old values could not be read, and what is sent without them cannot be undone: {reason:sentence}",
        "有原值无法读取，因此发送后不能撤销：{reason:sentence}",
    ),
    "notice.reading_until": (
        "Reading clues first, until {edits:edit} can be sent. Nothing is sent yet.",
        "先读取线索，找出 {edits} 次编辑为止。此时不发送任何数据。",
    ),
    "reading.said": ("the CRM says ({code}): {msg}", "CRM 的答复是（{code}）：{msg}"),
    "reading.nothing": ("the CRM shows nothing of it: {msg}", "CRM 没有返回它的内容：{msg}"),
    "reading.status": (
        "the answer of the CRM has the status HTTP {status}, and only HTTP 200 counts: {msg}",
        "CRM 的答复状态是 HTTP {status}，只有 HTTP 200 才有效：{msg}",
    ),
    "reading.halted": (
        "The clues could not be read, and nothing was sent. {reason:sentence}",
        "无法读取线索，未发送任何数据。{reason:sentence}",
    ),
    "reading.unsure": (
        "{clues:clue} could not be read, and --strict or a guard has to know all of them. Nothing was sent; try again later.",
        "有 {clues} 条线索无法读取，而 --strict 或 guards 需要先读取全部线索。未发送任何数据，请稍后重试。",
    ),
    "notice.as_shown": (
        "The clues were read {time} ago. What was shown to differ is sent as it was shown; what others have changed since is not "
        "compared once more.",
        "线索是在{time}前读取的。显示为有变化的内容按所显示的发送；此后他人所做的修改不再重新比较。",
    ),
    "notice.stopping": (
        "Stopping: what is on its way finishes first (to abandon that too, stop once more, e.g. with Ctrl-C).",
        "正在停止：先等待已发出的请求完成（如需立即放弃，请再停止一次，例如再按 Ctrl-C）。",
    ),
    "notice.token_renewed": ("The access token was refused; a new one was fetched.", "访问凭证失效，已重新获取。"),
    "token.unobtainable": (
        "No access token could be fetched: {reason}. Check api.base_url and the network; batch-editor doctor looks at both.",
        "无法获取访问凭证：{reason}。请检查 api.base_url 和网络，可用 batch-editor doctor 逐项检查。",
    ),
    "token.denied": (
        "The CRM gave no access token ({code}): {msg}. Check app_id and app_secret.",
        "CRM 没有发放访问凭证（{code}）：{msg}。请检查 app_id 和 app_secret。",
    ),
    # --- client and tokens: what happened on the wire (to stand inside of another sentence), and refused tokens
    "net.refused": ("the connection was refused", "连接被拒绝"),
    "net.name": ("the name of the server was not found", "找不到服务器的域名"),
    "net.certificate": ("the server's certificate is not trusted", "服务器的证书不受信任"),
    "net.certificate_expired": (
        "the server's certificate has expired or is not valid yet (or the clock of this computer is wrong)",
        "服务器的证书已过期或尚未生效（也可能是本机时间不对）",
    ),
    "net.certificate_name": ("the server's certificate is for another server", "服务器的证书属于另一个域名"),
    "net.proxy_login": (
        "The proxy on the way wants a user name and a password (HTTP 407). Put them into its address "
        "(HTTPS_PROXY=http://NAME:PASSWORD@SERVER:PORT) and go on, or name the CRM's server in NO_PROXY.",
        "代理服务器要求用户名和密码（HTTP 407）。请写进代理地址（HTTPS_PROXY=http://用户名:密码@服务器:端口）再继续，"
        "或者把 CRM 的服务器写进 NO_PROXY。",
    ),
    "net.unasked": (
        "something came that is no answer to this request, so the connection was closed",
        "收到了不属于该请求的内容，连接已关闭",
    ),
    "net.tls": ("no secure connection could be made", "无法建立安全连接"),
    "net.proxy": ("the proxy made no connection", "代理服务器未能建立连接"),
    "net.connect": ("no connection could be made", "无法建立连接"),
    "net.connect_timeout": ("no connection within {seconds} s", "{seconds} 秒内未能建立连接"),
    "net.timeout": ("no complete answer within {seconds} s", "{seconds} 秒内没有收到完整的答复"),
    "net.lost": ("the connection was lost before an answer came", "收到答复之前连接中断"),
    "net.cut": ("the connection was lost in the middle of the answer", "接收答复的过程中连接中断"),
    "net.address_unusable": (
        '"{address}" cannot be used as the address of the CRM (api.base_url). Give one such as https://open.wshoto.com.',
        "“{address}”不能用作 CRM 的地址（api.base_url）。请使用 https://open.wshoto.com 这样的地址。",
    ),
    "net.proxy_unusable": (
        "The proxy that the environment names (HTTPS_PROXY, HTTP_PROXY or ALL_PROXY) cannot be used: it must be an "
        "address that begins with http:// or https://. Correct it, or name the CRM's server in NO_PROXY.",
        "环境变量（HTTPS_PROXY、HTTP_PROXY 或 ALL_PROXY）指定的代理无法使用：地址必须以 http:// 或 https:// 开头。"
        "请更正，或者把 CRM 的服务器写进 NO_PROXY。",
    ),
    "net.certificates_unusable": (
        "The trusted certificates that the environment names (SSL_CERT_FILE or SSL_CERT_DIR) cannot be read. "
        "Correct the path, or unset the variable.",
        "无法读取环境变量（SSL_CERT_FILE 或 SSL_CERT_DIR）指定的受信任证书。请更正路径，或者取消该变量。",
    ),
    "net.ca_file_unusable": (
        "The file that api.ca_file names, {path}, cannot be read as trusted certificates: it must be a text with lines "
        "-----BEGIN CERTIFICATE-----. Correct the path, or remove the setting.",
        "无法把 api.ca_file 指定的文件 {path} 作为受信任证书读取：它应是含有 -----BEGIN CERTIFICATE----- 的文本文件。请更正路径，或者去掉该设置。",
    ),
    "reply.not_json": (
        "what came back is not an answer of the CRM (no JSON object)",
        "返回的不是 CRM 的答复（不是 JSON 对象）",
    ),
    "reply.key_twice": (
        'what came back names "{key}" twice, so that nobody can know which is meant',
        "返回的内容中“{key}”出现了两次，无法确定以哪个为准",
    ),
    "reply.quoted": ("{trouble}; it begins with: {start}", "{trouble}，开头是：{start}"),
    "reply.no_code": ("the answer holds no code", "答复中没有返回码"),
    "reply.too_long": ("the answer is too long to be the CRM's", "返回内容过长，不是 CRM 的答复"),
    "reply.no_token": ("the answer holds no usable access token", "答复中没有可用的 access token"),
    "token.fixed_refused": (
        "The CRM does not accept the access token of the settings (api.access_token or WSHOTO_ACCESS_TOKEN): it may "
        "have expired. Put in a new one and go on, or set app_id and app_secret to have tokens fetched as needed.",
        "CRM 不接受设置中的 access token（api.access_token 或 WSHOTO_ACCESS_TOKEN），可能已经过期。"
        "请换成新的再继续；或者设置 app_id 和 app_secret，程序会自动获取。",
    ),
    "token.new_refused": (
        "The CRM refused an access token, and then the new one that it gave out as well. Check that app_id and "
        "app_secret are those of the right app and that the app may edit clues, then go on.",
        "CRM 拒绝了 access token，随后又拒绝了它新发放的 access token。请检查 app_id 和 app_secret 是否属于正确的应用、"
        "该应用是否有编辑线索的权限，然后再继续。",
    ),
}
