"""What ``doctor`` says of each part of a set-up: what it has seen, and below ``.next`` what to do now.

Each text in English and Chinese.
"""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "doctor.line": ("{sign} {name}: {text}", "{sign} {name}：{text}"),
    "doctor.next": ("→ {text}", "→ {text}"),
    "doctor.sign.ok": ("[ ok ]", "[正常]"),
    "doctor.sign.warning": ("[note]", "[注意]"),
    "doctor.sign.bad": ("[MEND]", "[要改]"),
    "doctor.sign.not_looked_at": ("[ -- ]", "[未查]"),
    "doctor.all_well": ("All is well.", "一切正常。"),
    "doctor.to_mend": (
        "To mend: {count:thing}. What to do stands behind each → above.",
        "有 {count} 项需要处理，做法见上面各个 → 之后。",
    ),
    "doctor.waits": ("{first} has to be mended first", "请先解决“{first}”"),
    "doctor.name.settings": ("Settings", "设置"),
    "doctor.name.secrets": ("Credentials", "凭证"),
    "doctor.name.disk": ("Disks", "磁盘"),
    "doctor.name.rate": ("Rate", "速率"),
    "doctor.name.journal": ("Journal", "运行记录"),
    "doctor.name.runs": ("Runs", "运行"),
    "doctor.name.proxy": ("Proxy", "代理"),
    "doctor.name.address": ("Address", "地址"),
    "doctor.name.certificate": ("Certificate", "证书"),
    "doctor.name.clock": ("Clock", "时钟"),
    "doctor.name.token": ("Token", "访问凭证"),
    "doctor.name.clue": ("Clue", "线索"),
    "doctor.name.inbox": ("Inbox", "收件文件夹"),
    "doctor.name.notify": ("Notifications", "通知"),
    "doctor.name.heartbeat": ("Heartbeat", "心跳"),
    "doctor.name.timezone": ("Time zone", "时区"),
    "doctor.name.python": ("Program", "程序"),
    # --- settings
    "doctor.settings.file": ("{file} is read", "读取的是 {file}"),
    "doctor.settings.file_and_variables": (
        "{file} is read, and above it the variables of the environment",
        "读取的是 {file}，环境变量优先于它",
    ),
    "doctor.settings.variables": (
        "there is no settings file; the variables of the environment count",
        "没有设置文件，以环境变量为准",
    ),
    "doctor.settings.none": (
        "there is no settings file in {folder}, and no variable of the environment says anything",
        "{folder} 中没有设置文件，环境变量也没有任何设置",
    ),
    "doctor.settings.none.next": (
        "name the file: --config FILE; or make one: batch-editor settings --example > config.yaml",
        "请用 --config 指明设置文件；或者新建一份：batch-editor settings --example > config.yaml",
    ),
    # --- credentials; no text shows any part of one
    "doctor.secrets.token": (
        "a fixed access token, from {source}; it is good for about two hours",
        "固定的访问凭证，来自 {source}；约两小时有效",
    ),
    "doctor.secrets.app": ("app_id and app_secret; the secret comes from {source}", "app_id 和 app_secret；密钥来自 {source}"),
    "doctor.secrets.none": ("there is neither an access token nor an app", "既没有访问凭证，也没有应用"),
    "doctor.secrets.none.next": (
        "set WSHOTO_APP_ID and WSHOTO_APP_SECRET in the environment, or api.app_id and api.app_secret in the settings",
        "请设置环境变量 WSHOTO_APP_ID 和 WSHOTO_APP_SECRET，或在设置中填写 api.app_id 和 api.app_secret",
    ),
    "doctor.secrets.half": ("there is {there} without {lacking}", "有 {there}，但缺少 {lacking}"),
    "doctor.secrets.half.next": (
        "give both, as the CRM shows them on the page of the app",
        "两者都要填，见 CRM 中该应用的页面",
    ),
    "doctor.secrets.both": (
        "there are an access token (from {source}) and an app: the token wins, and after about two hours it is refused",
        "既有访问凭证（来自 {source}）又有应用：以访问凭证为准，约两小时后会失效",
    ),
    "doctor.secrets.both.next": (
        "take the token out, so that tokens are fetched by the app",
        "请去掉访问凭证，让程序用应用自动获取",
    ),
    "doctor.secrets.same": ("app_id and app_secret are the same text", "app_id 和 app_secret 的内容相同"),
    "doctor.secrets.same.next": ("copy each from its own line on the page of the app", "请在应用的页面上分别复制这两项"),
    "doctor.secrets.empty": ("{name} (from {source}) is empty", "{name}（来自 {source}）是空的"),
    "doctor.secrets.empty.next": ("fill it in, or remove it", "请填写，或删除它"),
    "doctor.secrets.placeholder": (
        "{name} (from {source}) is a text that stands for one: it was not filled in",
        "{name}（来自 {source}）是示例文字，还没有填写",
    ),
    "doctor.secrets.placeholder.next": ("put in the real one", "请填写真实的内容"),
    "doctor.secrets.bearer": (
        'in front of {name} (from {source}) stands "Bearer": it does not belong to it',
        "{name}（来自 {source}）前面带有“Bearer”，这不是它的一部分",
    ),
    "doctor.secrets.bearer.next": ("take the word and the blank behind it away", "请删除这个词和它后面的空格"),
    "doctor.secrets.named": (
        "{name} (from {source}) was copied together with its name, or with the JSON around it",
        "{name}（来自 {source}）连同名称或外面的 JSON 一起复制了",
    ),
    "doctor.secrets.named.next": ("leave nothing but the text itself", "请只保留内容本身"),
    "doctor.secrets.quoted": (
        "{name} (from {source}) stands in quotation marks of its own; they are taken off here, but not by other programs",
        "{name}（来自 {source}）带有引号；本程序会去掉，其他程序不会",
    ),
    "doctor.secrets.quoted.next": ("take the quotation marks away", "请删除引号"),
    "doctor.secrets.half_quoted": (
        "{name} (from {source}) begins or ends with a quotation mark",
        "{name}（来自 {source}）的开头或结尾有引号",
    ),
    "doctor.secrets.half_quoted.next": ("copy it once more, without quotation marks", "请重新复制，不要带引号"),
    "doctor.secrets.wide": (
        "{name} (from {source}) holds full-width or Chinese characters: it was typed with an input method, or is not what was meant",
        "{name}（来自 {source}）含有全角字符或汉字：可能是用输入法打出来的，或者填错了",
    ),
    "doctor.secrets.wide.next": ("copy it once more from the page of the app", "请从应用的页面重新复制"),
    "doctor.secrets.broken": (
        "a line break stands in the middle of {name} (from {source})",
        "{name}（来自 {source}）中间有换行",
    ),
    "doctor.secrets.broken.next": ("write it on one line", "请写成一行"),
    "doctor.secrets.blank": ("a blank stands in the middle of {name} (from {source})", "{name}（来自 {source}）中间有空格"),
    "doctor.secrets.blank.next": ("copy it once more", "请重新复制"),
    "doctor.secrets.unseen": (
        "{name} (from {source}) holds a character that cannot be seen",
        "{name}（来自 {source}）含有看不见的字符",
    ),
    "doctor.secrets.unseen.next": ("delete it and type or copy it once more", "请删除后重新输入或复制"),
    "doctor.secrets.foreign": (
        "{name} (from {source}) holds characters other than letters, digits and signs of ASCII",
        "{name}（来自 {source}）含有英文字母、数字、符号以外的字符",
    ),
    "doctor.secrets.foreign.next": ("copy it once more from the page of the app", "请从应用的页面重新复制"),
    "doctor.secrets.line_end": (
        "{name} (from {source}) ends in a line break; it is taken off here, but not by other programs",
        "{name}（来自 {source}）末尾有换行；本程序会去掉，其他程序不会",
    ),
    "doctor.secrets.line_end.next": (
        "write it without the line break, as with printf instead of echo",
        "请去掉换行，例如用 printf 代替 echo 写入",
    ),
    "doctor.secrets.blank_around": (
        "blanks stand around {name} (from {source}); they are taken off here, but not by other programs",
        "{name}（来自 {source}）前后有空格；本程序会去掉，其他程序不会",
    ),
    "doctor.secrets.blank_around.next": ("take the blanks away", "请删除空格"),
    "doctor.secrets.readable": (
        "{file} holds secrets, and everybody on this computer can read it",
        "{file} 含有密钥，而本机的所有人都能读取",
    ),
    "doctor.secrets.readable.next": ("let only its owner read it: chmod 600 {file}", "请改为只有所有者可读：chmod 600 {file}"),
    # --- disks
    "doctor.disk.free": ("everything can be written; at least {megabytes} MB are free", "可以写入；至少有 {megabytes} MB 可用"),
    "doctor.disk.little": (
        "only {megabytes} MB are free for {which}, {folder}",
        "{which}（{folder}）所在磁盘只剩 {megabytes} MB",
    ),
    "doctor.disk.little.next": ("make room there, or name another folder", "请清理磁盘，或指定另一个文件夹"),
    "doctor.disk.full": ("the disk of {which}, {folder}, is full", "{which}（{folder}）所在磁盘已满"),
    "doctor.disk.full.next": ("make room there, or name another folder", "请清理磁盘，或指定另一个文件夹"),
    "doctor.disk.unwritable": (
        "nothing can be written to {which}, {folder} ({reason})",
        "无法写入 {which}（{folder}）：{reason}",
    ),
    "doctor.disk.unwritable.next": (
        "let the user that runs this program write there, or name another folder (state_dir in the settings; TMPDIR or TEMP for temporary files)",
        "请让运行本程序的用户可以写入，或指定另一个文件夹（设置中的 state_dir；临时文件用环境变量 TMPDIR 或 TEMP）",
    ),
    "doctor.disk.slow": ("{folder} did not answer within {seconds} s", "{folder} 在 {seconds} 秒内没有响应"),
    "doctor.disk.slow.next": ("see whether the disk, or the share, is there", "请检查磁盘或网络共享是否可用"),
    # --- the permitted rate
    "doctor.rate.good": ("{limits}; its record can be read, and locks hold", "{limits}；记录可读，文件锁有效"),
    "doctor.rate.new": ("there is no record yet; the first request makes it", "还没有记录，第一次请求时建立"),
    "doctor.rate.no_limit": ("no limit is set: nothing holds a run back", "没有设置速率限额，运行不受限制"),
    "doctor.rate.share": (
        "its record is in {folder}, on a network share ({kind}), where locks may not hold",
        "记录在 {folder}，位于网络共享（{kind}），文件锁可能无效",
    ),
    "doctor.rate.share.next": (
        "name a folder on a disk of this computer with state_dir",
        "请用 state_dir 指定本机磁盘上的文件夹",
    ),
    "doctor.rate.no_locks": (
        "locks do not hold in {folder}: two runs would exceed the permitted rate together",
        "{folder} 中的文件锁无效：两次运行合起来会超过允许的速率",
    ),
    "doctor.rate.no_locks.next": (
        "name a folder on a disk of this computer with state_dir",
        "请用 state_dir 指定本机磁盘上的文件夹",
    ),
    "doctor.rate.stuck": ("a process keeps the record {file} locked", "记录 {file} 一直被某个进程锁定"),
    "doctor.rate.stuck.next": (
        "look for a process of this program that is suspended (Ctrl-Z) or hangs, and end it",
        "请查找被挂起（Ctrl-Z）或卡住的 batch-editor 进程并结束它",
    ),
    "doctor.rate.damaged": (
        "the record {file} is damaged; the next run begins it anew and waits a minute first",
        "记录 {file} 已损坏；下一次运行会重新建立，并先等待一分钟",
    ),
    "doctor.rate.damaged.next": (
        "nothing, if the disk was full or the computer lost its power; else have the disk checked",
        "如果磁盘曾满或曾断电，无需处理；否则请检查磁盘",
    ),
    "doctor.rate.unusable": ("the record {file} cannot be used ({reason})", "无法使用记录 {file}（{reason}）"),
    "doctor.rate.unusable.next": (
        "let the user that runs this program read and write it, or name another folder with state_dir",
        "请让运行本程序的用户可以读写，或用 state_dir 指定另一个文件夹",
    ),
    # --- the journal
    "doctor.journal.good": ("{path} is sound ({megabytes} MB)", "{path} 完好（{megabytes} MB）"),
    "doctor.journal.long": (
        "{path} ({megabytes} MB) is sound as far as it was looked through in a few seconds",
        "{path}（{megabytes} MB）在几秒内检查过的部分完好",
    ),
    "doctor.journal.new": ("there is none yet; the first run makes {path}", "还没有，第一次运行时建立 {path}"),
    "doctor.journal.older": (
        "{path} is of an older version; the next command brings it up to this one and keeps a copy",
        "{path} 由旧版本写入；下一条命令会升级它并保留一份副本",
    ),
    "doctor.journal.share": (
        "{path} is on a network share ({kind}): it can be damaged there",
        "{path} 位于网络共享（{kind}），在那里可能损坏",
    ),
    "doctor.journal.share.next": (
        "name a folder on a disk of this computer with state_dir",
        "请用 state_dir 指定本机磁盘上的文件夹",
    ),
    "doctor.journal.no_file": ("{path} is no file", "{path} 不是文件"),
    "doctor.journal.no_file.next": (
        "move it away, or name another folder with state_dir",
        "请把它移走，或用 state_dir 指定另一个文件夹",
    ),
    "doctor.journal.no_access": ("{path} may not be read and written by this user", "当前用户没有读写 {path} 的权限"),
    "doctor.journal.no_access.next": (
        "run this program as the user that owns it, or name another folder with state_dir",
        "请以其所有者的身份运行本程序，或用 state_dir 指定另一个文件夹",
    ),
    "doctor.journal.damaged": ("{path} is damaged ({reason})", "{path} 已损坏（{reason}）"),
    "doctor.journal.damaged.next": (
        "bring its folder back from a backup, or name another one with state_dir: that one knows nothing of earlier runs",
        "请用备份恢复它所在的文件夹，或用 state_dir 指定另一个文件夹：新的文件夹里没有以前运行的记录",
    ),
    "doctor.journal.unreadable": ("{path} cannot be read ({reason})", "无法读取 {path}（{reason}）"),
    "doctor.journal.unreadable.next": (
        "see that its folder is there and may be read and written",
        "请检查它所在的文件夹是否存在、是否可读写",
    ),
    "doctor.runs.none": ("no run has stopped early", "没有中途停止的运行"),
    "doctor.runs.older": ("the journal is of an older version", "运行记录由旧版本写入"),
    "doctor.runs.unfinished": ("{count:run} stopped early: {names}", "有 {count} 次运行中途停止：{names}"),
    "doctor.runs.unfinished.next": (
        "go on with it: batch-editor resume {latest}; or look at all of them: batch-editor runs",
        "继续运行：batch-editor resume {latest}；查看全部：batch-editor runs",
    ),
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
        "{target} {host} was reached in {milliseconds} ms; nothing was sent",
        "{target} {host} 可以连接，用时 {milliseconds} 毫秒；没有发送消息",
    ),
    "doctor.target.mail_reached": ("{target} {host} answers; nothing was sent", "{target} {host} 有应答；没有发送邮件"),
    "doctor.target.of": ("{target} {host} cannot be reached: {text}", "{target} {host} 无法连接：{text}"),
    "doctor.target.address": (
        "correct its address in the settings; or ask whoever looks after the network to let this computer through",
        "请更正设置中它的地址；或请网络管理员放行",
    ),
    "doctor.target.slow": ("{host} did not answer within {seconds} s", "{host} 在 {seconds} 秒内没有响应"),
    "doctor.target.slow.next": (
        "correct its address in the settings; or ask whoever looks after the network to let this computer through",
        "请更正设置中它的地址；或请网络管理员放行",
    ),
    "doctor.target.no_starttls": ("{target} {host} offers no encryption (STARTTLS)", "{target} {host} 不支持加密（STARTTLS）"),
    "doctor.target.no_starttls.next": (
        "correct the port: 587 is usual for STARTTLS, 465 for TLS from the first byte on",
        "请更正端口：STARTTLS 通常为 587，直接加密通常为 465",
    ),
    "doctor.target.mail": (
        "{target} {host} is no mail server that can be used ({reason})",
        "{target} {host} 不是可用的邮件服务器（{reason}）",
    ),
    "doctor.target.mail.next": (
        "correct host and port of the mail server in the settings",
        "请更正设置中邮件服务器的地址和端口",
    ),
    # --- the inbox
    "doctor.inbox.good": (
        "{folder} can be read and written; it holds {sheets:sheet}, and by their names {others:file} that are none",
        "{folder} 可以读写；其中有 {sheets} 个表格，另有 {others} 个从名称看不是表格的文件",
    ),
    "doctor.inbox.share": (
        "{folder} can be read and written, on a network share ({kind}); it holds {sheets:sheet}, and by their names {others:file} that are none",
        "{folder} 可以读写，位于网络共享（{kind}）；其中有 {sheets} 个表格，另有 {others} 个从名称看不是表格的文件",
    ),
    "doctor.inbox.missing": ("there is no folder {folder}", "没有文件夹 {folder}"),
    "doctor.inbox.missing.next": ("make it, or see whether the share is there", "请新建它，或检查网络共享是否可用"),
    "doctor.inbox.no_folder": ("{folder} is no folder", "{folder} 不是文件夹"),
    "doctor.inbox.no_folder.next": ("name the folder in which the sheets land", "请指定表格所在的文件夹"),
    "doctor.inbox.unreadable": ("{folder} cannot be read ({reason})", "无法读取 {folder}（{reason}）"),
    "doctor.inbox.unreadable.next": ("let the user that runs this program read it", "请让运行本程序的用户可以读取"),
    "doctor.inbox.unwritable": ("nothing can be written to {folder} ({reason})", "无法写入 {folder}（{reason}）"),
    "doctor.inbox.unwritable.next": (
        "let the user that runs this program write there: sheets are moved away once they are done",
        "请让运行本程序的用户可以写入：表格处理后会移走",
    ),
    "doctor.inbox.no_moves": ("files cannot be moved within {folder} ({reason})", "无法在 {folder} 内移动文件（{reason}）"),
    "doctor.inbox.no_moves.next": (
        "let the user that runs this program rename files there",
        "请让运行本程序的用户可以在那里重命名文件",
    ),
    "doctor.inbox.slow": ("{folder} did not answer within {seconds} s", "{folder} 在 {seconds} 秒内没有响应"),
    "doctor.inbox.slow.next": ("see whether the share is there", "请检查网络共享是否可用"),
    "doctor.inbox.other_settings": (
        "{file} lies in the inbox and is not read; the settings are those of {read}",
        "收件文件夹中有 {file}，但没有读取；当前设置来自 {read}",
    ),
    "doctor.inbox.other_settings.next": ("if it is meant, name it with --config", "如果要用它，请用 --config 指明"),
    # --- the rest
    "doctor.timezone.known": ("{zone}, where it is {time} now", "{zone}，当前时间 {time}"),
    "doctor.python.versions": (
        "batch_editor {version}, Python {python}, httpx {httpx}, {ssl}, {system}",
        "batch_editor {version}、Python {python}、httpx {httpx}、{ssl}，运行于 {system}",
    ),
}
