"""What ``doctor`` says of a journal in a database and of its workers. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "doctor.name.workers": ("Workers", "工作进程"),
    "doctor.rate.shared": (
        "{limits}; the database of the journal keeps it for all computers",
        "{limits}；由运行记录的数据库为所有电脑统一控制",
    ),
    "doctor.database.good": (
        "{path} is reached, and its tables and its queue are those of this version",
        "{path} 可以访问，表和任务队列与本程序的版本一致",
    ),
    "doctor.database.clock_ahead": (
        "the clock of this computer is {time} ahead of that of the database",
        "本机时钟比数据库的时钟快{time}",
    ),
    "doctor.database.clock_ahead.next": (
        "let the clock be set by the network: until which time a run works is told by this one, all else by that of the database",
        "请让本机时钟与网络同步：运行到几点为止按本机时钟，其余都按数据库的时钟",
    ),
    "doctor.database.clock_behind": (
        "the clock of this computer is {time} behind that of the database",
        "本机时钟比数据库的时钟慢{time}",
    ),
    "doctor.database.clock_behind.next": (
        "let the clock be set by the network: until which time a run works is told by this one, all else by that of the database",
        "请让本机时钟与网络同步：运行到几点为止按本机时钟，其余都按数据库的时钟",
    ),
    "doctor.database.not_durable": (
        "the server of {path} does not wait for its disk (fsync or synchronous_commit is off): a power cut there can lose rows that were sent",
        "{path} 的服务器不等待写盘（fsync 或 synchronous_commit 为 off）：断电时可能丢失已发送的行的记录",
    ),
    "doctor.database.not_durable.next": (
        "have both set to on by whoever looks after the database",
        "请让数据库管理员把这两项都设为 on",
    ),
    "doctor.database.facts": (
        "{file} holds what became of rows of another journal, or could not be written down yet",
        "{file} 中有其他运行记录的行的结果，或尚未写入的结果",
    ),
    "doctor.database.facts.next": (
        "run a command with the settings of that journal on this computer: it writes it down and removes the file",
        "请在本机用那个运行记录的设置执行任一命令：它会写入并删除该文件",
    ),
    "doctor.workers.seen": ("{workers} at work for this tenant and others, on {hosts}", "{workers} 个在工作，位于 {hosts}"),
    "doctor.workers.none": (
        "none was seen within the last minute; a run is then sent by the computer that started it",
        "最近一分钟内没有工作进程；运行由启动它的电脑自己发送",
    ),
    "doctor.workers.not_ours": (
        "none of the {workers} that were seen sends for the tenant of these settings",
        "见到的 {workers} 个工作进程都不为这些设置的租户发送",
    ),
    "doctor.workers.not_ours.next": (
        "name these settings under tenants in those of a worker",
        "请在某个工作进程的设置的 tenants 中列出这份设置",
    ),
    "doctor.workers.version": (
        "one on {host} is of version {theirs}, and this is {ours}",
        "{host} 上的一个是版本 {theirs}，本机是 {ours}",
    ),
    "doctor.workers.version.next": ("bring both to the same version", "请把两者更新到同一版本"),
    "doctor.workers.nobody": (
        "{shards} shards of the run {run} have waited for {time}, and no worker that was seen sends for its tenant",
        "运行 {run} 有 {shards} 个分片已等待{time}，且没有工作进程为其租户发送",
    ),
    "doctor.workers.nobody.next": (
        "start one whose settings name that tenant: batch-editor worker",
        "请启动一个在设置中列出该租户的工作进程：batch-editor worker",
    ),
    "doctor.workers.slow": (
        "{shards} shards of the run {run} have waited for {time} although a worker sends for its tenant",
        "运行 {run} 有 {shards} 个分片已等待{time}，虽然有工作进程为其租户发送",
    ),
    "doctor.workers.slow.next": (
        "look at what that worker says; start it anew if it stands still",
        "请查看该工作进程的输出；如果它没有动静，请重新启动",
    ),
    "doctor.workers.stalled": (
        "{jobs} jobs were begun by workers that are gone",
        "{jobs} 个任务由已消失的工作进程开始",
    ),
    "doctor.workers.stalled.next": (
        "start a worker, which takes them up again: batch-editor worker",
        "请启动一个工作进程，它会接着处理：batch-editor worker",
    ),
}
