"""What is said of runs that are forgotten. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "keep.removed": (
        "Removed what nights have left for more than {days:day} (keep): {files:file}, and {runs:run} with all rows.",
        "已按 keep 删除 {days} 天之前的夜间任务留下的内容：{files} 个文件，{runs} 次运行及其全部行。",
    ),
    "keep.changed": (
        "{path} is older than keep says, but somebody has changed it: it stays, and is yours from now on.",
        "{path} 已超过 keep 规定的保留期限，但有人改动过：文件保留，今后不再由本程序处理。",
    ),
    "keep.not_removed": (
        "{path} is older than keep says, and could not be removed: {reason}. The next night tries again.",
        "{path} 已超过 keep 规定的保留期限，但无法删除：{reason}。下一次夜间任务会再试。",
    ),
    "keep.open": ("a program has it open, or it cannot be read", "文件正被其他程序打开，或无法读取"),
    "keep.failed": (
        "What old nights have left (keep) could not be removed: {reason:sentence} Nothing else is changed by that.",
        "无法按 keep 删除以前的夜间任务留下的内容：{reason:sentence}其他一切不受影响。",
    ),
    "journal.purged": (
        "Removed from the journal, since they are older than {days:day}: {runs:run}.",
        "已从运行记录中删除 {days} 天以前的 {runs} 次运行。",
    ),
    "purge.unfinished": (
        "NOT FINISHED: {runs:run}. After this, they can be neither resumed nor undone:",
        "有 {runs} 次运行没有完成，删除后既不能继续，也不能撤销：",
    ),
    "purge.run": (
        "  {run}  {state}: {unsent} of {rows:row} still to be sent, from {source}",
        "  {run}  {state}：共 {rows} 行，还有 {unsent} 行待发送，来自 {source}",
    ),
    "purge.under_way": ("Kept, since they are under way: {runs}", "以下运行仍在进行中，保留：{runs}"),
    "purge.copies": (
        "Removed as well, since they hold the runs of that time: the copies of the journal from before an update ({files})",
        "运行记录在升级前的副本含有当时的运行，也会一并删除：{files}",
    ),
    "purge.mended": (
        "Stays where it is, since it is open or somebody has changed it: {path}",
        "已有人修改过或正被打开，保留：{path}",
    ),
    "purge.results": (
        "These runs have {files:results sheet} that nobody has changed.",
        "这些运行有 {files} 份没有改动过的结果表。",
    ),
    "purge.runs": (
        "To be forgotten, since they are older than {days:day}: {runs:run} with {rows:row}, from {oldest} to {newest}.",
        "将删除 {days} 天以前的 {runs} 次运行，共 {rows} 行，时间从 {oldest} 到 {newest}。",
    ),
    "purge.needs_yes": (
        "Nothing was forgotten, since nobody can be asked here. Add --yes to forget these runs, and --results to remove their results "
        "sheets too.",
        "没有删除任何内容，因为这里无法询问。加上 --yes 即可删除这些运行，再加 --results 可同时删除它们的结果表。",
    ),
    "purge.declined": ("Nothing was forgotten.", "没有删除任何内容。"),
    "purge.results_removed": ("Removed: {files:results sheet}.", "已删除 {files} 份结果表。"),
    "purge.results_kept": (
        "Not removed, since it is open, cannot be deleted, or was changed by somebody: {path}",
        "未删除（已有人修改过、正被打开或无法删除）：{path}",
    ),
    "prompt.purge": (
        "Forget {runs:run}? They can then no longer be shown, resumed or undone. [y/N]",
        "删除这 {runs} 次运行吗？删除后无法再查看、继续或撤销。（是/否，直接回车：否）[y/N]",
    ),
    "prompt.purge_unfinished": (
        "Forget {runs:run}, {unfinished} of them not finished? They can then no longer be shown, resumed or undone. [y/N]",
        "删除这 {runs} 次运行（其中 {unfinished} 次没有完成）吗？删除后无法再查看、继续或撤销。（是/否，直接回车：否）[y/N]",
    ),
    "prompt.purge_copies": ("Remove these copies? [y/N]", "删除这些副本吗？（是/否，直接回车：否）[y/N]"),
    "prompt.purge_results": (
        "Remove their results sheets as well ({files:file})? [y/N]",
        "同时删除它们的结果表（{files} 份）吗？（是/否，直接回车：否）[y/N]",
    ),
}
