"""What is said of a journal in a PostgreSQL database, and of bringing a journal up to this version. Each text in English and
Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- the settings
    "setting.database_kind": (
        "must be the address of a PostgreSQL database that begins with postgresql://; leave it out for a file in state_dir",
        "应为以 postgresql:// 开头的 PostgreSQL 数据库地址；用 state_dir 中的文件时请不要填写",
    ),
    "setting.database_url": (
        "must have the form postgresql://user:password@host:5432/database; signs such as @ : / ? # % in a password are written "
        "as %40 %3A %2F %3F %23 %25",
        "应写成 postgresql://用户:密码@主机:5432/数据库；密码中的 @ : / ? # % 要写成 %40 %3A %2F %3F %23 %25",
    ),
    "settings.foreign_journal": (
        "The settings file beside the sheet, {path}, names a database that would hold all rows (journal), but the access token (or "
        "the app) comes from elsewhere, so nothing was sent. If you trust this file, name it: --config. Else delete that line.",
        "表格旁的设置文件 {path} 指定了保存所有行的数据库（journal），而访问凭证（或应用）来自别处，因此未发送任何数据。如果信任该文件，"
        "请用 --config 指明它；否则请删除这一行。",
    ),
    # --- opening it
    "journal.no_driver": (
        "The setting journal names a PostgreSQL database, and what is needed for that is not installed. Install it: "
        "pip install 'batch-editor[cluster]'",
        "设置 journal 指定了 PostgreSQL 数据库，但所需的组件没有安装。请安装：pip install 'batch-editor[cluster]'",
    ),
    "journal.no_address": (
        "The address under journal in the settings, {path}, is none that PostgreSQL understands. See what stands behind its question "
        "mark, or leave that away, then try again.",
        "PostgreSQL 无法理解设置 journal 中的地址 {path}。请检查问号后面的内容或将其去掉，然后重试。",
    ),
    "journal.no_server": (
        "The journal {path} cannot be reached ({reason}). See that the server runs and can be reached from here, that the database "
        "is there, and that user and password under journal in the settings are right; then try again.",
        "无法连接运行记录 {path}（{reason}）。请检查服务器是否在运行、从本机能否连通、数据库是否存在，以及设置 journal 中的用户和密码是否正确，然后重试。",
    ),
    "journal.unusable_there": (
        "The journal {path} cannot be used ({reason}). Whoever looks after the database must let this user read and write its tables; "
        "then try again.",
        "无法使用运行记录 {path}（{reason}）。请让数据库管理员允许该用户读写其中的表，然后重试。",
    ),
    "journal.unwritable_there": (
        "Stopped: the journal {path} can no longer be written ({reason}). See that the database is there, has room and may be written "
        "to, then go on.",
        "已停止：无法继续写入运行记录 {path}（{reason}）。请检查数据库是否可用、空间是否足够、是否可写，然后继续。",
    ),
    "journal.unreadable_there": (
        "The journal {path} can no longer be read ({reason}). See that the database is there and may be read.",
        "无法读取运行记录 {path}（{reason}）。请检查数据库是否可用、是否可读。",
    ),
    "journal.away": (
        "Stopped: the journal {path} could not be reached for {time} ({reason}). See that its server runs and can be reached from here, "
        "then go on.",
        "已停止：运行记录 {path} 已有{time}无法访问（{reason}）。请检查服务器是否在运行、从本机能否连通，然后继续。",
    ),
    "journal.away_kept": (
        "Stopped: the journal {path} could not be reached for {time} ({reason}). What became of the last rows is kept in {file}, and "
        "is written down by the next command that opens this journal on this computer. See that the server runs and can be reached "
        "from here, then go on.",
        "已停止：运行记录 {path} 已有{time}无法访问（{reason}）。最后几行的结果保存在 {file} 中；下次在本机打开该运行记录的命令会自动写入。"
        "请检查服务器是否在运行、从本机能否连通，然后继续。",
    ),
    "journal.busy": (
        "The journal {path} is kept busy by another process of batch_editor. Wait until that has finished, then try again.",
        "运行记录 {path} 正被另一个 batch_editor 进程占用。请等它完成后重试。",
    ),
    "journal.not_migrated": (
        "The database {path} holds no journal yet. Make it once: batch-editor journal migrate",
        "数据库 {path} 中还没有运行记录。请先建立一次：batch-editor journal migrate",
    ),
    "journal.older_there": (
        "The journal {path} is of an older version of batch_editor. Bring it up to this one, once no older version is at work with "
        "it: batch-editor journal migrate",
        "运行记录 {path} 是旧版本的 batch_editor 建立的。请在没有旧版本使用它时升级一次：batch-editor journal migrate",
    ),
    "journal.newer_there": (
        "The journal {path} is of a newer version of batch_editor, and was left as it is. Update this one.",
        "运行记录 {path} 属于更新版本的 batch_editor，未作任何改动。请更新本程序。",
    ),
    # --- journal migrate
    "journal.migrated_new": (
        "The journal {path} was made. It is ready for use.",
        "已建立运行记录 {path}，可以使用了。",
    ),
    "journal.migrated": (
        "The journal {path} was brought up to this version of batch_editor.",
        "运行记录 {path} 已升级到本程序的版本。",
    ),
    "journal.migrated_copy": (
        "What it was before is kept in {path}. It holds personal data: delete it once everything is as it should be.",
        "升级前的文件保存在 {path}，其中有个人信息；确认一切正常后请删除。",
    ),
    "journal.migrated_already": (
        "The journal {path} is of this version of batch_editor already. There was nothing to do.",
        "运行记录 {path} 已经是本程序的版本，无需升级。",
    ),
    "journal.may_not_migrate": (
        "The user may not make or change the tables of the journal {path} ({reason}). Give it the right to create in the schema, or "
        "run this command once as the owner of the tables.",
        "该用户无权建立或修改运行记录 {path} 的表（{reason}）。请授予它在该模式（schema）中建表的权限，或由表的所有者运行一次本命令。",
    ),
    "journal.not_migrated_now": (
        "The journal {path} could not be brought up to this version ({reason}). It was left as it is. Try again.",
        "运行记录 {path} 未能升级（{reason}），未作任何改动。请重试。",
    ),
    "journal.is_driven_there": (
        "The journal {path} has to be brought up to this version, while an older one is at work on the run {run}. It was left as it "
        "is. Wait for the end of the run, or stop it there with Ctrl-C, then try again.",
        "运行记录 {path} 需要升级，而旧版本正在进行运行 {run}，因此未作任何改动。请等待运行结束，或在那里按 Ctrl-C 停止后重试。",
    ),
    "journal.old_server": (
        "The server of the journal {path} is PostgreSQL {version}, which is too old. Use version 13 or a newer one.",
        "运行记录 {path} 的服务器是 PostgreSQL {version}，版本太旧。请使用 13 或更新的版本。",
    ),
    "journal.no_utf8": (
        "The database {path} holds texts as {encoding}, in which not every character can be written. Make one with the encoding UTF8, "
        "and name that one under journal in the settings.",
        "数据库 {path} 的编码是 {encoding}，不能保存所有文字。请新建一个编码为 UTF8 的数据库，并在设置 journal 中指定它。",
    ),
    "journal.no_schema": (
        "The user has no schema in the database {path} in which tables could be made. Whoever looks after the database can make one, "
        "or set the search_path of the user.",
        "该用户在数据库 {path} 中没有可以建表的模式（schema）。请让数据库管理员建立一个，或设置该用户的 search_path。",
    ),
    "detach.no_server": (
        "A run can be left to workers only where the journal is in a PostgreSQL database, and here it is a file: {place}. Nothing was "
        "sent. Run the sheet without leaving it, or set journal: postgresql://….",
        "只有运行记录存放在 PostgreSQL 数据库中时，才能把运行交给工作进程；这里的运行记录是文件：{place}。未发送任何数据。请不要用交出的方式运行，或设置 journal: postgresql://…。",
    ),
    "detach.stays": (
        "A run that is for the proof of its first edit alone, or that is to stop at some time, cannot be left to workers: somebody has "
        "to stay for that. Nothing was sent. Choose one of the two.",
        "只验证第一条编辑的运行，或要在指定时刻停止的运行，不能交给工作进程：需要有程序留下来处理。未发送任何数据。请二选一。",
    ),
    "journal.not_shared": (
        "The journal is a file here: {place}. Workers send runs only where it is in a PostgreSQL database (journal: postgresql://…).",
        "这里的运行记录是文件：{place}。只有运行记录存放在 PostgreSQL 数据库中（journal: postgresql://…），才能由工作进程发送。",
    ),
}
