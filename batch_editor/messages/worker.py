"""What is said of workers and of the queue of their jobs."""

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
}
