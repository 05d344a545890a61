"""What is said of runs that several machines share, and of bringing them together. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- a run that several machines send
    "shared.rows": (
        "Sent in shards: {rows_done} of {rows:row} done; {done} of {shards:shard} ended",
        "分片发送：共 {rows} 行，已完成 {rows_done} 行；共 {shards} 个分片，已结束 {done} 个",
    ),
    "shared.at_work": ("At work: {shards:shard}, on {hosts}", "正在发送：{shards} 个分片，在 {hosts}"),
    "shared.queued": ("Waiting for a worker: {shards:shard}", "等待工作进程：{shards} 个分片"),
    "shared.cut_off": (
        "Of these, given back since the CRM could not be reached from where they were sent: {shards:shard}",
        "其中因所在机器无法连接 CRM 而交还的：{shards} 个分片",
    ),
    "shared.unserved": (
        "Nobody is at work on it: {shards:shard} {shards:waits/wait} for a worker that has the access data of its tenant, and none was "
        "seen within the last minute. Start one (batch-editor worker), or send the rest from here with batch-editor resume.",
        "没有人在处理：{shards} 个分片等待持有该租户凭证的工作进程，而最近一分钟内没有这样的工作进程。请启动一个（batch-editor worker），或在这里用 batch-editor resume 发送其余各行。",
    ),
    "shared.stopping": (
        "It was asked to stop: what is on its way is finished, and nothing else is sent.",
        "已要求停止：正在完成已发出的请求，不再发送其他内容。",
    ),
    "on_page.shared.unserved": (
        "Nobody is at work on it: {shards:shard} {shards:waits/wait} for a worker that has the access data of its tenant, and none was "
        "seen within the last minute. Whoever looks after this program has to start one.",
        "没有人在处理：{shards} 个分片等待工作进程，而最近一分钟内没有任何工作进程。请让管理这个程序的人启动一个。",
    ),
    # --- journal copy
    "copy.no_database": (
        "The settings name no database into which runs could be copied. Put its address under journal, for example "
        "journal: postgresql://batch_editor@db.example.com/batch_editor (batch-editor guide cluster).",
        "设置中没有指定要复制到的数据库。请在 journal 中写明地址，例如 journal: postgresql://batch_editor@db.example.com/batch_editor"
        "（见 batch-editor guide cluster）。",
    ),
    "copy.no_file": (
        "There is no file {path}. A journal lies in the state folder (state_dir) and is called journal.sqlite3.",
        "没有文件 {path}。运行记录在 state_dir 文件夹中，文件名是 journal.sqlite3。",
    ),
    "copy.no_journal": (
        "{path} is no journal of batch_editor. A journal lies in the state folder (state_dir) and is called journal.sqlite3.",
        "{path} 不是 batch_editor 的运行记录。运行记录在 state_dir 文件夹中，文件名是 journal.sqlite3。",
    ),
    "copy.under_way": (
        "Somebody is at work on the run {run} of {path}, so that nothing was copied. Wait for its end, or stop it, then try again.",
        "{path} 中的运行 {run} 正在进行，因此没有复制。请等它结束或停止它，然后重试。",
    ),
    "copy.unreadable": (
        "The journal {path} cannot be read ({reason}). It was left as it is. What was copied before is whole; the same command goes "
        "on with the other runs.",
        "无法读取运行记录 {path}（{reason}）。文件没有改动。已经复制的运行是完整的；再次执行同一命令会继续复制其余的运行。",
    ),
    "copy.unwritten": (
        "The journal {path} can no longer be written ({reason}). What was copied before is whole; the same command goes on with the "
        "other runs.",
        "无法继续写入运行记录 {path}（{reason}）。已经复制的运行是完整的；再次执行同一命令会继续复制其余的运行。",
    ),
    "copy.no_room": (
        "Nothing was copied: too many runs of {path} began between runs that are there already, so that which values are newer could "
        "no longer be told. Go on with these runs in their file.",
        "没有复制：{path} 中有太多运行的开始时间夹在数据库已有的运行之间，会分不清哪个值更新。请继续用原来的文件处理这些运行。",
    ),
    "copy.begins": ("Copying {runs:run} with {rows:row} …", "正在复制 {runs} 次运行，共 {rows} 行……"),
    "copy.done": (
        "Copied to {place}: {runs:run} with {rows:row}.",
        "已复制到 {place}：{runs} 次运行，共 {rows} 行。",
    ),
    "copy.nothing": ("There was no run to copy to {place}.", "没有需要复制到 {place} 的运行。"),
    "copy.beside": (
        "Copied as well: {nights:night}, {files:file}, {choices:choice}, and what is remembered of {clues:clue}.",
        "同时复制：{nights} 个夜间任务，{files} 个文件的记录，{choices} 项选择，以及关于 {clues} 条线索的记忆。",
    ),
    "copy.there": ("There already, and left as they are: {runs:run}.", "已经在那里、保持不变的：{runs} 次运行。"),
    "copy.gone_on": (
        "The run {run} was gone on with in {path} after it was copied. What happened there since is not in the database: look at it "
        "there, and use one of the two only.",
        "运行 {run} 复制之后又在 {path} 中继续过，此后的情况不在数据库里：请在那里查看，今后只使用其中一处。",
    ),
    "copy.foreign": (
        "The run {run} was not copied: the database holds another run of the same name.",
        "运行 {run} 没有复制：数据库中有另一次同名的运行。",
    ),
    "copy.nights_aside": (
        "Not copied, since they began between nights that are there already: {nights:night}.",
        "有 {nights} 个夜间任务夹在已有的夜间任务之间，没有复制。",
    ),
}
