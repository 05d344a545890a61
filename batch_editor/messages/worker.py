"""What a worker says of itself and its shards, and what is said of the queue of jobs."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- the queue
    "journal.foreign_queue": (
        "The database that journal: names already holds a job queue of another program (procrastinate). Give this journal a database "
        "or a schema of its own.",
        "journal: 指定的数据库中已有其他程序的任务队列（procrastinate）。请为运行记录使用单独的数据库或 schema。",
    ),
    "journal.newer_queue": (
        "The job queue in the database was made by a newer version of procrastinate than the one that is installed here. Update this "
        "program here: pip install -U 'batch-editor[cluster]'.",
        "数据库中的任务队列由更新版本的 procrastinate 建立，这里安装的版本较旧。请更新本机上的程序：pip install -U 'batch-editor[cluster]'。",
    ),
    "journal.old_queue": (
        "The database has no job queue yet, or an older one. Run batch-editor journal migrate once, on any machine.",
        "数据库中还没有任务队列，或队列版本较旧。请在任意一台机器上运行一次 batch-editor journal migrate。",
    ),
    "on_page.journal.old_queue": (
        "The database has no job queue yet, or an older one. Whoever looks after this program has to bring the database up to date.",
        "数据库中还没有任务队列，或队列版本较旧。请让管理这个程序的人更新数据库。",
    ),
    "journal.no_queue": (
        "The job queue in the database cannot be reached: {reason}. See whether the database runs and can be reached from here.",
        "无法连接数据库中的任务队列：{reason}。请检查数据库是否在运行、从这里能否连上。",
    ),
    # --- what a worker has
    "worker.no_journal": (
        "A worker sends the runs of a journal that several machines share, and the settings name none. Set journal: to the address of a "
        "PostgreSQL database, such as postgresql://user:password@db.example.com/edits, and run batch-editor journal migrate once.",
        "工作进程发送的是多台机器共享的运行记录中的运行，而设置中没有指定。请把 journal: 设为 PostgreSQL 数据库的地址，例如 "
        "postgresql://user:password@db.example.com/edits，再运行一次 batch-editor journal migrate。",
    ),
    "worker.same_tenant": (
        "The tenants {first} ({file}) and {second} ({other_file}) are one and the same: their address and app are, so they would share "
        "one rate and one pause. Remove one of them; if they are two tenants, give each a name of its own as api.tenant in its file.",
        "租户 {first}（{file}）和 {second}（{other_file}）其实是同一个：地址和应用都相同，会共用一个限额和暂停。请删除其中一个；如果确实是两个租户，"
        "请在各自的文件中用 api.tenant 取不同的名称。",
    ),
    "worker.other_kind": (
        "tenants: was added or removed; that counts from the next start of the worker on",
        "tenants: 被新增或删除，重新启动工作进程后才生效",
    ),
    "worker.migrated": (
        "The database has been migrated for another version of this program while the worker was running. What was in flight has ended, "
        "and its shards are left to others. Install the same version here, and start the worker again.",
        "工作进程运行期间，数据库已迁移到本程序的另一个版本。正在发送的已结束，其分片交给其他工作进程。请在这里安装同一版本，再启动工作进程。",
    ),
    "worker.started": (
        "Worker {worker} is ready; it sends for: {tenants}. Ctrl-C ends it.",
        "工作进程 {worker} 已就绪，为以下租户发送：{tenants}。按 Ctrl-C 结束。",
    ),
    "worker.started_for_nobody": (
        "Worker {worker} is ready, but sends for nobody: no settings file of a tenant can be used yet. Ctrl-C ends it.",
        "工作进程 {worker} 已就绪，但目前没有可用的租户设置文件，不会发送。按 Ctrl-C 结束。",
    ),
    "worker.tenant_broken": (
        "Nothing is sent for the tenant {tenant} until its settings file {path} can be used; the others go on. {reason:sentence}",
        "租户 {tenant} 的设置文件 {path} 不可用，修正之前不为它发送，其他租户照常。{reason:sentence}",
    ),
    "worker.settings_broken": (
        "The settings file {path} has changed and cannot be used; the worker goes on as before. {reason:sentence}",
        "设置文件 {path} 已改动，但不可用；工作进程照旧继续。{reason:sentence}",
    ),
    "worker.tenant_read": (
        "The settings file of the tenant {tenant} was read again: {path}.",
        "已重新读取租户 {tenant} 的设置文件：{path}。",
    ),
    "worker.settings_read": (
        "The settings file was read again: {path}.",
        "已重新读取设置文件：{path}。",
    ),
    # --- shards
    "worker.taken": (
        "Taken: shard {shard} of the run {run} ({tenant}).",
        "领取：运行 {run} 的分片 {shard}（{tenant}）。",
    ),
    "worker.ended": (
        "Ended: shard {shard} of the run {run} ({tenant}), {rows:row}.",
        "完成：运行 {run} 的分片 {shard}（{tenant}），{rows} 行。",
    ),
    "worker.shard_halted": (
        "Stopped: shard {shard} of the run {run} ({tenant}) after {rows:row}. {reason:sentence}",
        "停止：运行 {run} 的分片 {shard}（{tenant}），已发送 {rows} 行。{reason:sentence}",
    ),
    "worker.lost": (
        "Lost: shard {shard} of the run {run} ({tenant}). This worker was cut off or stood still for longer than worker.lease; another "
        "one goes on with it.",
        "失去：运行 {run} 的分片 {shard}（{tenant}）。本工作进程断线或停顿的时间超过了 worker.lease，由其他工作进程接着做。",
    ),
    "worker.given_back": (
        "Given back: shard {shard} of the run {run} ({tenant}) after {rows:row}; others go on with it.",
        "交还：运行 {run} 的分片 {shard}（{tenant}），已发送 {rows} 行，由其他工作进程接着做。",
    ),
    "worker.cut_off": (
        "Given back: shard {shard} of the run {run} ({tenant}) after {rows:row}, since the CRM cannot be reached from here while others "
        "are at work. For {time} nothing of this tenant is taken here, so that they get it; then it is tried again.",
        "交还：运行 {run} 的分片 {shard}（{tenant}），已发送 {rows} 行。从这里无法连接 CRM，而其他进程正在工作，由它们接着做；"
        "{time}内不再从这里领取该租户的分片，之后再试。",
    ),
    "worker.made_room": (
        "Given back: shard {shard} of the run {run} ({tenant}) after {rows:row}, since nothing goes out for this tenant now while other "
        "tenants wait. For {time} nothing of it is taken here.",
        "交还：运行 {run} 的分片 {shard}（{tenant}），已发送 {rows} 行。该租户目前无法发送，而其他租户在等待；{time}内不再从这里领取它的分片。",
    ),
    "worker.put_off": (
        "Put off: shard {shard} of the run {run} ({tenant}) after {rows:row}. A worker that stands still may know what became of its last "
        "rows; it is looked at again soon.",
        "暂缓：运行 {run} 的分片 {shard}（{tenant}），已发送 {rows} 行。另有一个停顿的工作进程可能知道最后几行的结果，稍后再查看。",
    ),
    "worker.refused": (
        "Nothing can be sent for the tenant {tenant} from here; it is tried again in a minute. {reason:sentence}",
        "目前无法从这里为租户 {tenant} 发送，一分钟后重试。{reason:sentence}",
    ),
    "worker.notice": (
        "{tenant}: {notice}",
        "{tenant}：{notice}",
    ),
    "worker.crashed": (
        "A mistake of this program has ended a piece of work ({kind} at {place}); the rest goes on.",
        "程序出错，一项工作中断（{kind}，{place}），其余照常进行。",
    ),
    "worker.summary": (
        "Being sent: {shards:shard}, {rate} rows a second.",
        "正在发送 {shards} 个分片，每秒 {rate} 行。",
    ),
    # --- the database and the end
    "worker.waits_for_database": (
        "The worker waits for its database. {reason:sentence}",
        "工作进程正在等待数据库。{reason:sentence}",
    ),
    "worker.database_away": (
        "The database cannot be reached. Nothing new is sent until it is back; what becomes of edits on their way is kept.",
        "无法连接数据库。恢复之前不再发送新的内容；已发出的编辑的结果会保留。",
    ),
    "worker.database_back": (
        "The database can be reached again; the worker goes on.",
        "数据库已恢复连接，工作进程继续。",
    ),
    "worker.stopping": (
        "Stopping: what is in flight is ended ({shards:shard}). Once more leaves at once.",
        "正在停止：等待已发出的编辑结束（{shards} 个分片）。再按一次立即退出。",
    ),
    "worker.has_ended": (
        "The worker has ended; it has sent {rows:row}.",
        "工作进程已结束，共发送 {rows} 行。",
    ),
}
