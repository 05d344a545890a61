"""The words of who may use the page, and how it is reached: log-in, passwords, TLS. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "page.log_in": ("Log in", "登录"),
    "page.log_out": ("Log out", "退出登录"),
    "page.log_in_name": ("Name", "用户名"),
    "page.log_in_password": ("Password", "密码"),
    "page.log_in_help": (
        "Nobody has given you a name, or you have forgotten the password? Ask whoever looks after this page.",
        "没有用户名，或者忘记了密码？请联系管理这个网页的同事。",
    ),
    "page.log_in_wrong": (
        "The name or the password is not right. Check both (also whether the keyboard types capital letters), and try again.",
        "用户名或密码不正确。请检查后再试（注意大小写锁定）。",
    ),
    "page.log_in_wait": (
        "There were too many attempts. Wait {seconds:second}, then try again.",
        "尝试次数太多，请 {seconds} 秒后再试。",
    ),
    "page.log_in_again": (
        "This page was open for a long time. Type your name and password once more.",
        "这个页面打开太久了，请重新输入用户名和密码。",
    ),
    "page.log_in_ended": (
        "You are not logged in, or no longer. Nothing was saved: copy what you have typed, reload the page and log in.",
        "尚未登录，或登录已失效，刚才的内容没有保存。请先复制已输入的内容，刷新页面并重新登录。",
    ),
    "page_error.408": (
        "What was sent came too slowly, and was not taken. Check the connection and try again.",
        "提交的内容传得太慢，没有收下。请检查网络后再试。",
    ),
    "page.file_damaged": (
        "{path} is damaged, so that nobody can use the page from another machine. Restore it from a backup, or move it away: people "
        "are then added anew with --add-user, and everybody has to log in again.",
        "{path} 已损坏，其他电脑暂时无法使用网页。请从备份恢复，或把它移走；移走后需要用 --add-user 重新添加用户，所有人需要重新登录。",
    ),
    "page.file_unusable": (
        "{path} cannot be read or written: {reason}. See to it that this account may write in that folder.",
        "无法读写 {path}：{reason}。请确认当前账号可以写入该文件夹。",
    ),
    "people.unknown": (
        "Nobody is called {name}. These people may use the page:\n{names}",
        "没有名为“{name}”的用户。现有用户：\n{names}",
    ),
    "people.name": (
        '"{name}" cannot be a name: it needs 1 to {most} characters, all of them visible.',
        "“{name}”不能用作用户名：请使用 1 到 {most} 个可见的字符。",
    ),
    "people.short_password": (
        "The password is too short: it needs at least {fewest} characters. Some words in a row are easy to remember.",
        "密码太短：至少需要 {fewest} 个字符。可以用几个词连在一起，便于记忆。",
    ),
    "people.long_password": ("The password is too long: at most {most} characters.", "密码太长：最多 {most} 个字符。"),
    "people.weak_password": (
        "This password is guessed at once: it is the name, or one or two characters over and over. Choose another one.",
        "这个密码太容易被猜到（与用户名相同，或只是一两个字符的重复）。请换一个。",
    ),
    "usage.add_or_remove": (
        "Give --add-user or --remove-user, and not both.",
        "--add-user 和 --remove-user 不能同时使用，请只写一个。",
    ),
    "people.differ": (
        "The two passwords differ. Nothing was changed; start again.",
        "两次输入的密码不一致，没有改动。请重新操作。",
    ),
    "people.no_password": (
        "No password was given, and nothing was changed. Type it at a terminal, or hand it in on the first line of the standard input.",
        "没有收到密码，没有改动。请在终端中输入，或从标准输入的第一行传入。",
    ),
    "people.password": ("Password of {name}:", "{name} 的密码："),
    "people.password_again": ("The same password once more:", "请再输入一次："),
    "people.added": (
        "{name} may now use the page. The password is kept in {path}, as a digest from which it cannot be read.",
        "已添加用户 {name}。密码以无法还原的摘要形式保存在 {path}。",
    ),
    "people.changed": (
        "{name} has a new password, and has to log in again everywhere.",
        "已更改 {name} 的密码，该用户需要重新登录。",
    ),
    "people.removed": ("{name} may no longer use the page.", "已移除用户 {name}，不能再使用网页。"),
    "page.tls_half": (
        "A certificate and its key belong together: give both --tls-cert and --tls-key.",
        "证书和私钥要一起提供：请同时给出 --tls-cert 和 --tls-key。",
    ),
    "page.tls_unreadable": (
        "{path} cannot be read: {reason}. Check the path behind --tls-cert or --tls-key, and whether this account may read it.",
        "无法读取 {path}：{reason}。请检查 --tls-cert 和 --tls-key 的路径，以及当前账号是否有权读取。",
    ),
    "page.tls_passphrase": (
        "The key {path} is protected by a passphrase, which nobody can be asked for here. Write it without one into a file that "
        "only this account may read, and give that with --tls-key.",
        "私钥 {path} 设有口令，这里无法询问。请去掉口令后另存为只有当前账号可读的文件，再用 --tls-key 指定。",
    ),
    "page.tls_mismatch": (
        "The key {key} does not belong to the certificate {certificate}. Give with --tls-key the key with which that certificate was "
        "made.",
        "私钥 {key} 与证书 {certificate} 不匹配。请用 --tls-key 指定与该证书对应的私钥。",
    ),
    "page.tls_unusable": (
        "{certificate} and {key} cannot be used for TLS: --tls-cert takes the certificate and --tls-key its key, both as PEM "
        "(text that begins with -----BEGIN).",
        "{certificate} 和 {key} 无法用于 TLS。--tls-cert 应为证书，--tls-key 应为其私钥，两者都是 PEM 格式（以 -----BEGIN 开头的文本）。",
    ),
    "page.needs_tls": (
        "At {host} the page can be reached from other machines, and without TLS everybody on the way could read passwords and sheets. "
        "Give a certificate and its key with --tls-cert and --tls-key; or let a proxy that speaks TLS stand in front, and add "
        "--behind-proxy; or leave --host out to use the page on this computer alone.",
        "在 {host} 上，其他电脑也能打开网页；没有 TLS，途中的人都能看到密码和表格。请用 --tls-cert 和 --tls-key 提供证书和私钥；或者在前面架设支持 TLS 的代理并加上 "
        "--behind-proxy；如果只在本机使用，请去掉 --host。",
    ),
    "page.needs_people": (
        "The page can be reached from other machines, but nobody has a name and a password yet. Add somebody first: batch-editor serve "
        "--add-user NAME",
        "其他电脑也能打开网页，但还没有任何用户。请先添加用户：batch-editor serve --add-user NAME",
    ),
    "page.needs_hosts": (
        "Behind a proxy, the page must know by which name people reach it. Name it in the settings, such as web: {{hosts: "
        "[crm-edit.example.com]}}.",
        "通过代理使用时，需要知道大家用哪个主机名打开网页。请在设置中写明，例如 web: {{hosts: [crm-edit.example.com]}}。",
    ),
}
