"""What ``doctor`` says of what other computers answer: proxy, CRM, clue, targets of notifications and heartbeat.

Below ``.next`` stands what to do now. Each text in English and Chinese.
"""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- the way to the CRM
    "doctor.proxy.none": ("there is none on the way to the CRM", "访问 CRM 不经过代理"),
    "doctor.proxy.used": (
        "{proxy} (from {variable}) lets this program through to the CRM",
        "{proxy}（来自 {variable}）可以通往 CRM",
    ),
    "doctor.proxy.of_system": (
        "{proxy} (from the system's settings) lets this program through to the CRM",
        "{proxy}（来自系统设置）可以通往 CRM",
    ),
    "doctor.proxy.name": ("the name of the proxy, {host}, is not known", "找不到代理服务器 {host}"),
    "doctor.proxy.name.next": (
        "correct HTTPS_PROXY, or unset it if no proxy is needed",
        "请更正 HTTPS_PROXY；如果不需要代理，请取消该变量",
    ),
    "doctor.proxy.name_slow": (
        "the name of the proxy, {host}, was not looked up within {seconds} s",
        "{seconds} 秒内未能解析代理服务器 {host}",
    ),
    "doctor.proxy.name_slow.next": (
        "ask whoever looks after the network: the name server does not answer",
        "请询问网络管理员：域名服务器没有响应",
    ),
    "doctor.proxy.refused": ("the proxy {host}:{port} refuses connections", "代理 {host}:{port} 拒绝连接"),
    "doctor.proxy.refused.next": ("correct HTTPS_PROXY, or have the proxy started", "请更正 HTTPS_PROXY，或请管理员启动代理"),
    "doctor.proxy.no_time": (
        "the proxy {host}:{port} did not answer within {seconds} s",
        "代理 {host}:{port} 在 {seconds} 秒内没有响应",
    ),
    "doctor.proxy.no_time.next": (
        "correct HTTPS_PROXY, or ask whoever looks after the network",
        "请更正 HTTPS_PROXY，或询问网络管理员",
    ),
    "doctor.proxy.no_way": ("there is no way to the proxy {host}:{port} ({reason})", "无法到达代理 {host}:{port}（{reason}）"),
    "doctor.proxy.no_way.next": (
        "correct HTTPS_PROXY, or ask whoever looks after the network",
        "请更正 HTTPS_PROXY，或询问网络管理员",
    ),
    "doctor.proxy.silent": ("what answers at {host}:{port} is no proxy", "{host}:{port} 上的程序不是代理"),
    "doctor.proxy.silent.next": ("correct HTTPS_PROXY", "请更正 HTTPS_PROXY"),
    "doctor.proxy.login": (
        "the proxy {host}:{port} wants a user name and a password, or other ones (HTTP 407)",
        "代理 {host}:{port} 要求用户名和密码，或者所给的不对（HTTP 407）",
    ),
    "doctor.proxy.login.next": (
        "put them into its address: HTTPS_PROXY=http://NAME:PASSWORD@{host}:{port}",
        "请写进代理地址：HTTPS_PROXY=http://用户名:密码@{host}:{port}",
    ),
    "doctor.proxy.said_no": (
        "the proxy {host}:{port} lets nobody through to {server} (HTTP {status})",
        "代理 {host}:{port} 不放行到 {server} 的连接（HTTP {status}）",
    ),
    "doctor.proxy.said_no.next": (
        "ask whoever looks after it to let {server} through, or name it in NO_PROXY",
        "请管理员放行 {server}，或者把它写进 NO_PROXY",
    ),
    "doctor.address.reached": ("{url} was reached in {milliseconds} ms", "{url} 可以连接，用时 {milliseconds} 毫秒"),
    "doctor.address.connected": ("{url} was reached", "{url} 可以连接"),
    "doctor.address.path": (
        "api.base_url, {url}, holds more than the address: the program adds the path itself",
        "api.base_url（{url}）含有多余的路径：路径由程序自己添加",
    ),
    "doctor.address.path.next": (
        "leave nothing behind the name of the server: https://open.wshoto.com",
        "请只保留服务器名：https://open.wshoto.com",
    ),
    "doctor.address.name": ("the name {host} is not known", "找不到域名 {host}"),
    "doctor.address.name.next": (
        "correct api.base_url; or see whether this computer is in the network, and needs a proxy (HTTPS_PROXY)",
        "请更正 api.base_url；或检查本机是否联网、是否需要代理（HTTPS_PROXY）",
    ),
    "doctor.address.name_slow": ("the name {host} was not looked up within {seconds} s", "{seconds} 秒内未能解析域名 {host}"),
    "doctor.address.name_slow.next": (
        "ask whoever looks after the network: the name server does not answer",
        "请询问网络管理员：域名服务器没有响应",
    ),
    "doctor.address.refused": ("{host}:{port} refuses connections", "{host}:{port} 拒绝连接"),
    "doctor.address.refused.next": (
        "correct api.base_url (its port as well); or the server is down",
        "请更正 api.base_url（包括端口）；也可能是服务器没有运行",
    ),
    "doctor.address.no_time": ("{host} did not answer within {seconds} s", "{host} 在 {seconds} 秒内没有响应"),
    "doctor.address.no_time.next": (
        "a firewall may keep this computer from it: ask whoever looks after the network to let it through, or for a proxy (HTTPS_PROXY)",
        "可能被防火墙拦截：请网络管理员放行，或询问代理地址（HTTPS_PROXY）",
    ),
    "doctor.address.no_way": ("there is no way to {host} ({reason})", "无法到达 {host}（{reason}）"),
    "doctor.address.no_way.next": ("see whether this computer is in the network", "请检查本机是否联网"),
    "doctor.certificate.none": (
        "the way is not encrypted, or ends at the proxy",
        "连接没有加密，或者由代理加密",
    ),
    "doctor.certificate.trusted": ("it is trusted by this computer", "受本机信任"),
    "doctor.certificate.good": ('it was issued by "{issuer}" and is good until {day}', "由“{issuer}”签发，有效期至 {day}"),
    "doctor.certificate.soon": (
        'it was issued by "{issuer}" and ends on {day}, in {days:day}',
        "由“{issuer}”签发，将于 {day} 到期（还有 {days} 天）",
    ),
    "doctor.certificate.soon.next": ("ask whoever runs the server to renew it in time", "请服务器的管理员及时更新"),
    "doctor.certificate.expired": (
        'it has expired, or the clock of this computer is wrong: it was issued by "{issuer}" and ended on {day}',
        "已过期，或本机时间不对：由“{issuer}”签发，有效期至 {day}",
    ),
    "doctor.certificate.expired.next": (
        "see whether date and time of this computer are right; else tell whoever runs the server",
        "请检查本机的日期和时间；如果正确，请告知服务器的管理员",
    ),
    "doctor.certificate.certificate_expired": (
        "it has expired or is not valid yet, or the clock of this computer is wrong",
        "已过期或尚未生效，或本机时间不对",
    ),
    "doctor.certificate.certificate_expired.next": (
        "see whether date and time of this computer are right; else tell whoever runs the server",
        "请检查本机的日期和时间；如果正确，请告知服务器的管理员",
    ),
    "doctor.certificate.certificate_name": ('it is for "{subject}" and not for {host}', "属于“{subject}”，而不是 {host}"),
    "doctor.certificate.certificate_name.next": (
        "correct the address in the settings; if it is right, do not send anything: somebody else may be answering",
        "请更正设置中的地址；如果地址正确，请不要发送任何内容：应答的可能是别人",
    ),
    "doctor.certificate.certificate": (
        'it was issued by "{issuer}", whom this computer does not trust: probably your company\'s network or a security program checks connections',
        "由“{issuer}”签发，本机不信任它：很可能是公司网络或安全软件在检查连接",
    ),
    "doctor.certificate.certificate.next": (
        "ask whoever looks after the network for the file with the certificate of that issuer, and name it with api.ca_file in the settings (or SSL_CERT_FILE in the environment)",
        "请向网络管理员索取该签发者的证书文件，填写到设置 api.ca_file（或环境变量 SSL_CERT_FILE）",
    ),
    "doctor.certificate.signed_by_itself": (
        'it is signed by nobody but itself ("{subject}")',
        "是自签名证书（“{subject}”）",
    ),
    "doctor.certificate.signed_by_itself.next": (
        "if the server is your company's own, name the file with this certificate with api.ca_file in the settings (or SSL_CERT_FILE in the environment); else do not send anything: somebody else may be answering",
        "如果是贵公司自己的服务器，请把该证书文件填写到设置 api.ca_file（或环境变量 SSL_CERT_FILE）；否则请不要发送任何内容：应答的可能是别人",
    ),
    "doctor.certificate.tls": (
        "{host} answers, but speaks no TLS that this program could use",
        "{host} 有应答，但不支持本程序可用的 TLS",
    ),
    "doctor.certificate.tls.next": (
        "correct the port in the address; or a device on the way interferes: ask whoever looks after the network",
        "请更正地址中的端口；也可能是网络设备在干扰，请询问网络管理员",
    ),
    "doctor.clock.right": (
        "the clock of this computer differs from the server's by less than a minute",
        "与服务器相差不到一分钟",
    ),
    "doctor.clock.unknown": ("the server does not say what time it is", "服务器没有告知时间"),
    "doctor.clock.ahead": ("the clock of this computer is ahead of the server's by {time}", "本机比服务器快{time}"),
    "doctor.clock.behind": ("the clock of this computer is behind the server's by {time}", "本机比服务器慢{time}"),
    "doctor.clock.ahead.next": (
        "have it set by a time server (timedatectl set-ntp true; on Windows: w32tm /resync)",
        "请与时间服务器同步（timedatectl set-ntp true；Windows：w32tm /resync）",
    ),
    "doctor.clock.behind.next": (
        "have it set by a time server (timedatectl set-ntp true; on Windows: w32tm /resync)",
        "请与时间服务器同步（timedatectl set-ntp true；Windows：w32tm /resync）",
    ),
    # --- token and clue
    "doctor.token.fetched": ("one was fetched by the app; it is good for {time}", "已用应用获取，有效{time}"),
    "doctor.token.accepted": ("the CRM accepts it", "CRM 接受该访问凭证"),
    "doctor.token.denied": ("{reason}", "{reason}"),
    "doctor.token.denied.next": (
        "a secret that was renewed in the CRM has to be renewed here as well; copy both from the page of the app",
        "在 CRM 中重置过的密钥，这里也要更新；请从该应用的页面重新复制这两项",
    ),
    "doctor.token.refused": ("the CRM does not accept it: it may have expired", "CRM 不接受该访问凭证，可能已经过期"),
    "doctor.token.refused.next": (
        "put in a new one; better, set app_id and app_secret to have tokens fetched as needed",
        "请换成新的；更好的办法是设置 app_id 和 app_secret，由程序自动获取",
    ),
    "doctor.token.new_refused": ("the CRM refuses the one that it has just given out", "CRM 拒绝了它刚刚发放的访问凭证"),
    "doctor.token.new_refused.next": (
        "see that the app is the right one, and that it may read and edit clues",
        "请检查应用是否正确、是否有读取和编辑线索的权限",
    ),
    "doctor.token.unanswered": ("there was no usable answer: {reason}", "没有得到可用的答复：{reason}"),
    "doctor.token.unanswered.next": (
        "see that api.base_url is the address of the CRM; if so, try again in a while",
        "请检查 api.base_url 是否是 CRM 的地址；如果是，请稍后再试",
    ),
    "doctor.token.slow": ("there was no answer within {seconds} s", "{seconds} 秒内没有答复"),
    "doctor.token.slow.next": (
        "try again in a while; if it stays like that, ask the CRM's support",
        "请稍后再试；如果一直如此，请联系 CRM 客服",
    ),
    "doctor.token.too_fast": (
        'the CRM answers "too fast": somebody else uses up the permitted rate',
        "CRM 答复“请求过快”：允许的速率已被他人用尽",
    ),
    "doctor.token.too_fast.next": (
        "try again in a few minutes; if it stays like that, lower rate.limits",
        "请几分钟后再试；如果一直如此，请调低 rate.limits",
    ),
    "doctor.token.no_permit": (
        "the permitted rate is used up by other runs just now",
        "允许的速率正被其他运行用尽",
    ),
    "doctor.clue.read": ("{clue} can be read", "可以读取 {clue}"),
    "doctor.clue.unknown": (
        "no run has updated one yet; name one with --clue ID",
        "还没有更新过线索；可用 --clue 指定一个",
    ),
    "doctor.clue.no_permit": (
        "the permitted rate is used up by other runs just now",
        "允许的速率正被其他运行用尽",
    ),
    "doctor.clue.refused": ("the CRM does not show {clue}: {reason}", "CRM 不显示 {clue}：{reason}"),
    "doctor.clue.refused.next": (
        "if that clue was deleted, name another one with --clue ID; else see that the app may read clues",
        "如果该线索已删除，请用 --clue 指定另一个；否则请检查应用是否有读取线索的权限",
    ),
    "doctor.clue.unanswered": ("there was no usable answer: {reason}", "没有得到可用的答复：{reason}"),
    "doctor.clue.unanswered.next": (
        "try again in a while; if it stays like that, ask the CRM's support",
        "请稍后再试；如果一直如此，请联系 CRM 客服",
    ),
    "doctor.clue.too_fast": (
        'the CRM answers "too fast": somebody else uses up the permitted rate',
        "CRM 答复“请求过快”：允许的速率已被他人用尽",
    ),
    "doctor.clue.too_fast.next": (
        "try again in a few minutes; if it stays like that, lower rate.limits",
        "请几分钟后再试；如果一直如此，请调低 rate.limits",
    ),
    # --- targets of notifications and the heartbeat, of which no text shows the address
    "doctor.notify.none": ("nobody is told of nights (notify: in the settings)", "没有设置通知（设置中的 notify）"),
    "doctor.heartbeat.none": ("none is set (heartbeat: in the settings)", "没有设置心跳（设置中的 heartbeat）"),
    "doctor.target.reached": (
        "{target} was reached in {milliseconds} ms; nothing was sent",
        "{target} 可以连接，用时 {milliseconds} 毫秒；没有发送消息",
    ),
    "doctor.target.mail_reached": ("{target} answers; nothing was sent", "{target} 有应答；没有发送邮件"),
    "doctor.target.of": ("{target} cannot be reached: {text}", "{target} 无法连接：{text}"),
    "doctor.target.address": (
        "correct its address in the settings; or ask whoever looks after the network to let this computer through",
        "请更正设置中它的地址；或请网络管理员放行",
    ),
    "doctor.target.slow": ("{host} did not answer within {seconds} s", "{host} 在 {seconds} 秒内没有响应"),
    "doctor.target.slow.next": (
        "correct its address in the settings; or ask whoever looks after the network to let this computer through",
        "请更正设置中它的地址；或请网络管理员放行",
    ),
    "doctor.target.no_starttls": ("{target} offers no encryption (STARTTLS)", "{target} 不支持加密（STARTTLS）"),
    "doctor.target.no_starttls.next": (
        "correct the port: 587 is usual for STARTTLS, 465 for TLS from the first byte on",
        "请更正端口：STARTTLS 通常为 587，直接加密通常为 465",
    ),
    "doctor.target.mail": (
        "{target} is no mail server that can be used ({reason})",
        "{target} 不是可用的邮件服务器（{reason}）",
    ),
    "doctor.target.mail.next": (
        "correct host and port of the mail server in the settings",
        "请更正设置中邮件服务器的地址和端口",
    ),
}
