"""What is said of an inbox: of sheets that are left, refused or moved, and of passes."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- the folder
    "inbox.no_folder": (
        "{path} is no folder. Name the folder in which the sheets land.",
        "{path} 不是文件夹。请指定表格落入的文件夹。",
    ),
    "inbox.gone": (
        "There is no folder {path}. If it lies on another machine, see whether the network drive is connected; a sheet that was being "
        "sent is gone on with by the next pass.",
        "找不到文件夹 {path}。如果它在另一台机器上，请检查网络驱动器是否已连接；正在发送的表格由下一次检查继续。",
    ),
    "inbox.unreadable": (
        "The folder {path} cannot be looked into: {reason}. Give the user of this job the right to read and to change it.",
        "无法查看文件夹 {path}：{reason}。请给运行此任务的用户读取和修改它的权限。",
    ),
    "inbox.under_way": (
        "Another process is at work on the inbox {path}. Wait for its end; the next pass takes what it leaves.",
        "另一个进程正在处理收件文件夹 {path}。请等它结束；留下的表格由下一次检查处理。",
    ),
    "inbox.no_room": (
        "Nothing can be put into {folder}: {reason}. Make room there, or give the user of this job the right to write; the next pass "
        "goes on where this one stopped.",
        "无法写入 {folder}：{reason}。请腾出空间，或给运行此任务的用户写入权限；下一次检查会从这里继续。",
    ),
    "inbox.none_came": (
        "No sheet has come into {path} since {since}, which is longer than guards.max_age ({most}) allows. The program that exports "
        "the sheets may have failed: see whether it still runs.",
        "自 {since} 起没有新表格进入 {path}，已超过 guards.max_age（{most}）。导出表格的程序可能出错了，请检查它是否仍在运行。",
    ),
    # --- sheets that are left
    "inbox.looks_again": (
        "Looking again in {seconds} s whether the sheets are finished.",
        "{seconds} 秒后再看一次，确认表格已经写完。",
    ),
    "inbox.growing": (
        "{sheet} is still being written, and is left for the next pass.",
        "{sheet} 还在写入，留给下一次检查。",
    ),
    "inbox.broken": (
        "{sheet} cannot be read to its end yet: it is still being copied, another program has it open, or its copy has broken off. It "
        "is left for the next pass.",
        "{sheet} 还读不到结尾：可能仍在复制、被其他程序打开，或复制中断了。留给下一次检查。",
    ),
    "inbox.empty": (
        "{sheet} is empty so far, and is left for the next pass: the program that exports it may not be done.",
        "{sheet} 目前是空的，留给下一次检查：导出程序可能还没写完。",
    ),
    "inbox.forbidden": (
        "{sheet} may not be read by the user of this job, and is left for the next pass. Give that user the right to read it.",
        "运行此任务的用户没有读取 {sheet} 的权限，留给下一次检查。请给该用户读取权限。",
    ),
    "inbox.no_marker": (
        "{sheet} has no marker beside it yet that says that it is finished, and is left.",
        "{sheet} 旁边还没有表示写完的标记文件，暂不处理。",
    ),
    "inbox.not_taken": (
        "{sheet} cannot be taken out of the inbox: {reason}. Close it where it is open, or give the user of this job the right to "
        "change the folder; the next pass tries again.",
        "无法从收件文件夹取出 {sheet}：{reason}。如果它在别处打开着，请关闭；或给运行此任务的用户修改该文件夹的权限。下一次检查会再试。",
    ),
    "inbox.not_tried": (
        "{sheets:sheet} {sheets:is/are} not tried in this pass, and {sheets:stays/stay}: {names}.",
        "本次没有处理 {sheets} 张表格，仍留在文件夹中：{names}。",
    ),
    "inbox.strange": (
        "No sheets by their names, and left as they are: {names}.",
        "从名称看不是表格，未处理：{names}。",
    ),
    "inbox.link": (
        "Links, and what is no file, are left as they are: {names}. Put the sheets themselves into the inbox.",
        "链接以及不是普通文件的内容不处理：{names}。请把表格文件本身放进来。",
    ),
    "inbox.alone": (
        "Markers without a sheet, left as they are: {names}.",
        "标记文件没有对应的表格，未处理：{names}。",
    ),
    "inbox.held": (
        "{sheet} was taken by {owner}, and lies in {folder}. If that machine is at work, nothing has to be done; if it is gone for "
        "good, put the sheet back into the inbox.",
        "{sheet} 已被 {owner} 取走，在 {folder} 中。如果那台机器仍在工作，不用管它；如果它不会再恢复，请把表格放回收件文件夹。",
    ),
    # --- what became of a sheet
    "inbox.sheet": ("{sheet}:", "{sheet}："),
    "inbox.went_to": ("The sheet is in {path}", "表格已移到 {path}"),
    "inbox.stays": (
        "The sheet is kept in {path}; the next pass goes on with it.",
        "表格保留在 {path}，下一次检查继续处理。",
    ),
    "inbox.reason_file": ("The reason is beside it: {path}", "原因写在旁边：{path}"),
    "inbox.gone_on_with": (
        "{sheet} was begun by an earlier pass: run {run} is gone on with.",
        "{sheet} 在之前的检查中已开始：继续运行 {run}。",
    ),
    "inbox.only_moved": (
        "{sheet} was sent before, by run {run}; only its files were brought away.",
        "{sheet} 之前已由运行 {run} 发送，本次只移动了文件。",
    ),
    "inbox.changed": (
        "{sheet} was written to while it was at work. It is back in the inbox, and the next pass takes it as it is then.",
        "{sheet} 在处理期间又被写入。它已放回收件文件夹，下一次检查按那时的内容处理。",
    ),
    "inbox.dismissed": (
        "Somebody has decided that run {run} of this sheet is not gone on with.",
        "有人决定不再继续此表格的运行 {run}。",
    ),
    "inbox.too_old": (
        "Run {run} of this sheet has stopped, and was begun at {started}, more than {hours:hour} ago: it is not gone on with unasked. "
        "To go on:\n  batch-editor resume {run}{options}\nIf it is not wanted any more, so that the sheet is refused:\n"
        "  batch-editor runs --dismiss {run}{options}",
        "此表格的运行 {run} 已停止，开始于 {started}，超过 {hours} 小时，不会自动继续。要继续：\n  batch-editor resume {run}{options}\n"
        "不再需要的话（表格会移到 refused）：\n  batch-editor runs --dismiss {run}{options}",
    ),
    "inbox.refuted": (
        "The first edit of run {run} did not prove right, and nothing further is sent before somebody has looked: {reason}\n"
        "To go on then:\n  batch-editor resume {run}{options}\nIf it is not wanted any more, so that the sheet is refused:\n"
        "  batch-editor runs --dismiss {run}{options}",
        "运行 {run} 的第一条编辑核对不符，在有人查看之前不再发送：{reason}\n处理后要继续：\n  batch-editor resume {run}{options}\n"
        "不再需要的话（表格会移到 refused）：\n  batch-editor runs --dismiss {run}{options}",
    ),
    # --- the text beside a sheet that was refused
    "inbox.refused_head": ("{sheet} was not sent ({time}).", "{sheet} 没有发送（{time}）。"),
    "inbox.refused_check": (
        "The rows of the sheet, and what would be sent for each of them, are in {name}.",
        "表格各行以及每行将发送的内容见 {name}。",
    ),
    "inbox.refused_next": (
        "Mend the sheet, or the settings, and put the sheet into the inbox again.",
        "请修改表格或设置，再把表格放回收件文件夹。",
    ),
    # --- the pass
    "inbox.beat": ("{sheet}: exit code {exit_code} {reason}", "{sheet}：退出码 {exit_code} {reason}"),
    "inbox.none": ("No finished sheet is in {path}.", "{path} 中没有写完的表格。"),
    "inbox.watching_until": (
        "Looking into {path} every {seconds} s until {until}, or until Ctrl-C.",
        "每 {seconds} 秒查看一次 {path}，到 {until} 结束；按 Ctrl-C 也可结束。",
    ),
    "inbox.watching": (
        "Looking into {path} every {seconds} s until Ctrl-C.",
        "每 {seconds} 秒查看一次 {path}，按 Ctrl-C 结束。",
    ),
}
