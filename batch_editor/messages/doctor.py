"""What ``doctor`` says of what is on this computer: what it has seen, and below ``.next`` what to do now.

Its lines as such and the names of its checks are here as well; what it says of the network is in ``doctor_network``. Each text
in English and Chinese.
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
    "doctor.secrets.half": ("there is {present} without {lacking}", "有 {present}，但缺少 {lacking}"),
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
        "go on with it: batch-editor resume {latest}; or, if it is not wanted any more: batch-editor runs --dismiss {latest}; "
        "all of them: batch-editor runs",
        "继续运行：batch-editor resume {latest}；不再需要：batch-editor runs --dismiss {latest}；查看全部：batch-editor runs",
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
    # --- time zone and program
    "doctor.timezone.known": ("{zone}, where it is {time} now", "{zone}，当前时间 {time}"),
    "doctor.python.versions": (
        "batch_editor {version}, Python {python}, httpx {httpx}, {ssl}, {system}",
        "batch_editor {version}、Python {python}、httpx {httpx}、{ssl}，运行于 {system}",
    ),
}
