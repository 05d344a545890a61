"""What is said of runs: the journal, summaries, results and the demonstration. Each text in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- journal, results, history
    "journal.unusable": (
        "The journal {path} cannot be opened ({reason}). Make room on the disk if it is full; otherwise choose a folder that you may write to with state_dir in the settings.",
        "无法打开运行记录 {path}（{reason}）。磁盘已满时请腾出空间；否则请在设置中用 state_dir 指定一个可写的文件夹。",
    ),
    "journal.no_room": (
        "Temporary files, which are needed here, cannot be written ({reason}). Make room on the disk, or name a folder that you may "
        "write to with the environment variable TMPDIR (on Windows TEMP).",
        "无法写入所需的临时文件（{reason}）。请清理磁盘空间，或用环境变量 TMPDIR（Windows 上为 TEMP）指定一个可写的文件夹。",
    ),
    "journal.locked": (
        "The journal {path} is locked by another program, such as a backup, a virus scanner or a program that shows databases. "
        "Wait until that has finished, or close it; then try again. A run that was under way can be gone on with by resume.",
        "运行记录 {path} 被其他程序锁定，例如备份、杀毒软件或查看数据库的程序。请等它结束或将其关闭，然后重试；中断的运行可用 resume 继续。",
    ),
    "journal.other_machine": (
        "The state folder {folder} is in use by another machine ({name}). Two machines cannot share one: they would see neither each "
        "other's runs nor the rate that is used. Give each its own with state_dir in the settings, or run everything on one of them. "
        "If that machine no longer runs batch_editor, wait a minute and a half, or delete {file}.",
        "状态文件夹 {folder} 正被另一台机器（{name}）使用。两台机器不能共用一个文件夹：它们看不到对方的运行，也不知道已用的速率。"
        "请在设置中用 state_dir 为每台机器指定各自的文件夹，或者都在同一台机器上运行。如果那台机器已不再运行 batch_editor，"
        "请等一分半钟，或删除 {file}。",
    ),
    "journal.newer": (
        "The journal {path} was written by a newer version of batch_editor, and was left as it is. "
        "Update this one, or choose another folder with state_dir in the settings.",
        "运行记录 {path} 由更新版本的 batch_editor 写入，未作任何改动。请更新本程序，或在设置中用 state_dir 指定另一个文件夹。",
    ),
    "journal.not_upgraded": (
        "The journal {path} is of an older version of batch_editor and could not be brought up to this one ({reason}). "
        "It was left as it is. Make as much room on the disk as it takes up twice over, then try again.",
        "运行记录 {path} 由旧版本的 batch_editor 写入，未能升级到当前版本（{reason}），原文件未作任何改动。"
        "请在磁盘上腾出相当于该文件两倍大小的空间后重试。",
    ),
    "journal.older_is_driven": (
        "The journal {path} is of an older version of batch_editor, which is at work on the run {run}. "
        "Wait for its end, or stop it there with Ctrl-C, then try again.",
        "运行记录 {path} 由旧版本的 batch_editor 写入，该版本正在进行运行 {run}。请等待它结束，或在那里按 Ctrl-C 停止后重试。",
    ),
    "journal.unwritable": (
        "Stopped: the journal {path} can no longer be written ({reason}). Make room on the disk, or see that its folder may be written to, then go on.",
        "已停止：无法继续写入运行记录 {path}（{reason}）。请清理磁盘空间，或检查它所在的文件夹是否可写，然后继续。",
    ),
    "journal.unreadable": (
        "The journal {path} can no longer be read ({reason}). See that its folder is there and may be read.",
        "无法读取运行记录 {path}（{reason}）。请检查它所在的文件夹是否存在、是否可读。",
    ),
    "journal.damaged": (
        "The journal is damaged: something in it cannot be read, and nothing is sent on the strength of it. Bring back its folder "
        "(state_dir) from a backup, or name another folder in the settings: that one knows nothing of earlier runs.",
        "运行记录已损坏：其中有内容无法读取，程序不会据此发送任何内容。请用备份恢复它所在的文件夹（state_dir），或在设置中另指定一个文件夹：新的文件夹里没有以前运行的记录。",
    ),
    "pace.unusable": (
        "The record of the rate {path} cannot be opened ({reason}). Make room on the disk if it is full; otherwise choose a folder that you may write to with state_dir in the settings.",
        "无法打开速率记录 {path}（{reason}）。磁盘已满时请腾出空间；否则请在设置中用 state_dir 指定一个可写的文件夹。",
    ),
    "pace.unwritable": (
        "Stopped: the record of the rate {path} can no longer be read or written ({reason}). "
        "See that its folder is there, has room and may be written to, then go on.",
        "已停止：无法继续读写速率记录 {path}（{reason}）。请检查它所在的文件夹是否存在、可写且有剩余空间，然后继续。",
    ),
    "journal.closed": ("Stopped: the journal {path} is closed.", "已停止：运行记录 {path} 已关闭。"),
    "run.under_way": (
        "The run {run} is still under way. Wait for its end, or stop it (Ctrl-C there, or runs --stop {run}); show {run} tells how far "
        "it is.",
        "运行 {run} 仍在进行中。请等待它结束，或停止它（在那里按 Ctrl-C，或用 runs --stop {run}）；用 show {run} 可查看进度。",
    ),
    "run.taken_over": (
        "Somebody else has taken over the run {run} while the journal could not be reached from here, so that nothing more of it is "
        "sent here. To see how far it is: show {run}",
        "在本机无法访问运行记录期间，运行 {run} 已由另一个进程接手，因此本机不再发送。用 show {run} 可查看进度。",
    ),
    "run.stands_still": (
        "The worker {worker} stands still, and had rows of the run {run} on their way: it alone knows what became of them, and to go "
        "on now would send them once more. Let it go on, or end its process; it is waited for up to {time} after it lost them.",
        "工作进程 {worker} 处于停顿状态，运行 {run} 还有行由它发出而未知结果：只有它知道这些行的结果，现在继续会把它们再发送一次。"
        "请让它恢复运行，或结束它的进程；从它失去这些行起，最多等待 {time}。",
    ),
    "run.unknown": (
        'There is no run "{run}". The command runs lists them.',
        "没有名为“{run}”的运行。用 runs 命令可查看所有运行。",
    ),
    "run.too_old": (
        "The run {run} of this sheet stopped early, and was started more than {hours:.0f} hours ago ({started}): its values may be "
        "out of date. Nothing was sent. To go on with it:\n  batch-editor resume {run}\nTo start over, add --new.",
        "此表格的运行 {run} 提前停止，且开始于 {hours:.0f} 小时以前（{started}），其内容可能已经过时。未发送任何数据。"
        "要继续该运行：\n  batch-editor resume {run}\n要重新开始，请加上 --new。",
    ),
    "resume.abandoned": (
        "The run {run} was interrupted before anything was sent. Run its sheet again: {sheet}",
        "运行 {run} 在发送前就已中断，没有发送任何数据。请重新运行它的表格：{sheet}",
    ),
    "resume.planned": (
        "The run {run} was planned at {started}, and nobody has agreed to it yet. Nothing was sent. Look at what it would do, and "
        "agree to that, where it was planned; or run its sheet again.",
        "运行 {run} 于 {started} 准备好，但尚未经人确认。未发送任何数据。请在准备它的地方查看并确认，或重新运行它的表格。",
    ),
    "plan.changed": (
        "What the run {run} would send is no longer what was confirmed: its plan has changed since. Nothing was sent. "
        "Look at it again, and confirm what it says now.",
        "运行 {run} 将要发送的内容已与确认时不同：它的计划在此之后发生了变化。未发送任何数据。请重新查看并确认现在的内容。",
    ),
    "stop.asked": (
        "The run {run} was asked to stop: what is on its way is finished, and the other rows wait for resume.",
        "已要求停止运行 {run}：完成已发出的请求后停止，其余各行可用 resume 继续。",
    ),
    "stop.not_driven": (
        "The run {run} is not under way, so there is nothing to stop.",
        "运行 {run} 未在进行中，没有可停止的内容。",
    ),
    "resume.undone": (
        "The run {run} was undone by the run {undo}: its updates need not hold any more. Nothing was sent. Run its sheet again: {sheet}",
        "运行 {run} 已被运行 {undo} 撤销，它更新的内容可能已不再有效。未发送任何数据。请重新运行它的表格：{sheet}",
    ),
    "resume.redone": (
        "The run {run} was undone by the run {undo}, and that by the run {redo}: its updates may hold again, but need not. "
        "Nothing was sent. For its other rows, run its sheet again: {sheet}",
        "运行 {run} 已被运行 {undo} 撤销，后者又被运行 {redo} 撤销：它更新的内容可能重新有效，但不能确定。未发送任何数据。"
        "如需发送其余的行，请重新运行它的表格：{sheet}",
    ),
    "preview.forces": (
        "OVERWRITES also what somebody has changed since (--force)",
        "之后有人改过的内容也将被覆盖（--force）",
    ),
    "resume.proof": (
        "The run {run} was for the proof of one edit, which was put back. Run its sheet instead: {sheet}",
        "运行 {run} 只用于验证一条编辑，并已恢复原值。请直接运行它的表格：{sheet}",
    ),
    "resume.proof_unsent": (
        "The run {run} was for the proof of one edit, and changed nothing. Run its sheet instead: {sheet}",
        "运行 {run} 只用于验证一条编辑，没有修改任何内容。请直接运行它的表格：{sheet}",
    ),
    "resume.proof_not_put_back": (
        "The run {run} was for the proof of one edit, and what that changed was NOT put back. Nothing was sent. To put it back:\n"
        "  batch-editor undo {run}",
        "运行 {run} 只用于验证一条编辑，它所做的修改尚未恢复。未发送任何数据。要恢复原值：\n  batch-editor undo {run}",
    ),
    "resume.proof_half": (
        "The run {run} was for the proof of one edit, and the undo of it stopped early. Nothing was sent. To put the clue back:\n"
        "  batch-editor resume {undo}",
        "运行 {run} 只用于验证一条编辑，对它的撤销没有完成。未发送任何数据。要恢复原值：\n  batch-editor resume {undo}",
    ),
    "resume.proof_kept": (
        "The run {run} was for the proof of one edit, and what that changed was not put back wholly (show {undo} tells what the undo "
        "came to). Nothing was sent. Look at its clue in the CRM.",
        "运行 {run} 只用于验证一条编辑，它所做的修改没有全部恢复（用 show {undo} 可查看撤销的结果）。未发送任何数据。请到 CRM 中查看该线索。",
    ),
    "resume.other_app": (
        "The run {run} belongs to another app ({theirs}) than the settings ({ours}). Nothing was sent. "
        "Give the settings that it was started with (--config, WSHOTO_APP_ID, WSHOTO_ACCESS_TOKEN).",
        "运行 {run} 属于另一个应用（{theirs}），与当前设置（{ours}）不同。未发送任何数据。"
        "请使用启动该运行时的设置（--config、WSHOTO_APP_ID、WSHOTO_ACCESS_TOKEN）。",
    ),
    "row.changed_since": (
        "not sent: the run {run} has set the same field of this clue since, and an older value never lands on a newer one. "
        "To send it nevertheless, put this row into a sheet of its own and run that",
        "未发送：运行 {run} 之后已设置过该线索的相同字段，旧值不会覆盖新值。如果仍需要写入，请把此行放入单独的表格再运行",
    ),
    "note.other_rules": (
        "An earlier run of this sheet ({run}) stopped early, but with other settings or options: this is a new one.",
        "此表格之前的运行（{run}）提前停止，但当时的设置或选项不同：本次为新的运行。",
    ),
    "note.finished": (
        "THIS SHEET WAS FINISHED BEFORE, by the run {run} at {time}: everything would be sent once more.",
        "此表格之前已完成（运行 {run}，{time}）：将全部重新发送。",
    ),
    "note.sent_before": (
        "ALREADY UPDATED WITH THE SAME VALUES by the run {run}, and to be sent once more, over what others may have changed since: "
        "{rows:row}. To send only the rows that you have mended, mend them in the results sheet of that run and run that with "
        "--only-failed.",
        "其中 {rows} 行已由运行 {run} 以相同的值更新过，现在会再次发送，可能覆盖其间他人的修改。"
        "如果只想发送改正过的行，请在那次运行的结果表中改正，再加 --only-failed 运行。",
    ),
    "note.finished_failed": (
        "THIS SHEET WAS FINISHED BEFORE, by the run {run} at {time}: everything would be sent once more. "
        "{failed} of its rows failed; resume {run} sends only those.",
        "此表格之前已完成（运行 {run}，{time}）：将全部重新发送。其中 {failed} 行失败；用 resume {run} 可只发送这些行。",
    ),
    "results.kind": (
        "The results cannot be written as {path}: the name must end in .xlsx or .csv.",
        "结果不能写成 {path}：文件名必须以 .xlsx 或 .csv 结尾。",
    ),
    "results.folder": (
        "The results cannot be written to the folder {folder} ({reason}). Choose another place with --output. Nothing was sent.",
        "无法把结果写入文件夹 {folder}（{reason}）。请用 --output 指定其他位置。未发送任何数据。",
    ),
    "results.not_written": (
        "The results sheet {path} could not be written ({reason}). Nothing is lost: make room, or choose another place with "
        "batch-editor results RUN --output FILE.",
        "结果表 {path} 写入失败（{reason}）。数据没有丢失：请清理空间，或用 batch-editor results 运行编号 --output 文件 写到其他位置。",
    ),
    "output.not_written": (
        "{path} could not be written ({reason}). Make room, or give another place with --output.",
        "{path} 写入失败（{reason}）。请清理空间，或用 --output 指定其他位置。",
    ),
    # --- summary and history
    "summary.head": ("Run {run}: {rows:row} in {time}", "运行 {run}：共 {rows} 行，用时{time}"),
    "summary.results": ("Results: {path}", "结果：{path}"),
    "summary.check_sheet": ("What is wrong stands beside each row in: {path}", "每一行的问题写在：{path}"),
    "summary.go_on": (
        "Still to be sent: {rows:row}. To go on:\n  batch-editor resume {run}{options}",
        "还有 {rows} 行待发送。要继续发送，请运行：\n  batch-editor resume {run}{options}",
    ),
    "summary.undo": (
        "To put back what this run changed:\n  batch-editor undo {run}{options}",
        "要撤销本次运行的修改，请运行：\n  batch-editor undo {run}{options}",
    ),
    "summary.undo_some": (
        "To put back what this run changed in {rows} of {changed:row} (the old values of the others were not read):\n"
        "  batch-editor undo {run}{options}",
        "要撤销本次运行的修改，请运行（{changed} 行中可恢复 {rows} 行，其余各行没有读取原值）：\n  batch-editor undo {run}{options}",
    ),
    "undoable.rows": ("An undo can put back: {rows} of {changed:row}", "可撤销：{changed} 行中的 {rows} 行"),
    "undoable.some": (
        "An undo can put back: {rows} of {changed:row}; the old values of the others were not read",
        "可撤销：{changed} 行中的 {rows} 行，其余各行没有读取原值",
    ),
    "undoable.put_back": ("Put back by undos: {rows:row}", "已由撤销恢复：{rows} 行"),
    "summary.put_back": (
        "What this edit changed was put back, by the run {run}. To send the sheet, leave --prove-only out.",
        "此次编辑已恢复原值（运行 {run}）。去掉 --prove-only 即可发送整张表。",
    ),
    "summary.not_put_back": (
        "What this edit changed was NOT all put back, by the run {run}:\n  {reason}",
        "此次编辑未能全部恢复原值（运行 {run}）：\n  {reason}",
    ),
    "summary.slowed": (
        'The CRM kept saying "too fast": the pace went down to {percent} % of the permitted rate at times.',
        "CRM 多次提示“请求过快”：发送速度曾降至允许速率的 {percent}%。",
    ),
    "summary.mend": (
        "The column result_message says what is wrong with {rows:row}. Mend that, in the results sheet if it is a cell, then:\n"
        "  batch-editor run {path} --only-failed{options}",
        "有 {rows} 行需要处理，原因见“结果·说明”（result_message）列。处理后（单元格有误的，请直接在结果表中修改）再运行：\n"
        "  batch-editor run {path} --only-failed{options}",
    ),
    "summary.compare": (
        "{rows:edit} may have been applied and will not be sent once more, since retry.ambiguous is false. Look at these clues in the "
        "CRM (in the results sheet they say so); what is still wanted goes into a new sheet.",
        "有 {rows} 次编辑可能已生效，因为 retry.ambiguous 为 false，不会再次发送。请到 CRM 中查看这些线索（结果表中有说明）；仍需写入的内容请放入新的表格。",
    ),
    "summary.mend_afterwards": (
        "After that, mend what is wrong with {rows:row}: the column result_message of the results sheet says what it is.",
        "然后再处理有问题的 {rows} 行：结果表的“结果·说明”（result_message）列写明了原因。",
    ),
    "summary.reason": ("  {rows} ×  {reason}", "  {rows} 行：{reason}"),
    "summary.nothing": ("Nothing to send.", "没有要发送的内容。"),
    "summary.detached": (
        "The workers go on with it from here. So far (show {run} tells how far it is, results {run} writes its results sheet):",
        "已交给工作进程继续发送。目前的情况（用 show {run} 查看进度，用 results {run} 写出结果表）：",
    ),
    "summary.nothing_written": ("Nothing was sent, and nothing was written.", "没有发送任何内容，也没有写出文件。"),
    "status.updated": ("updated", "已更新"),
    "status.unchanged": ("unchanged", "无变化"),
    "status.skipped": ("skipped (nothing to edit)", "跳过（没有要修改的内容）"),
    "status.invalid": ("invalid (not sent)", "内容有误（未发送）"),
    "status.conflict": ("conflict", "有冲突"),
    "status.rejected": ("rejected by the CRM", "被 CRM 拒绝"),
    "status.failed": ("failed (no usable answer)", "失败（没有有效答复）"),
    "status.not_sent": ("not sent", "未发送"),
    "status.pending": ("still to be sent", "待发送"),
    "status.sending": ("on their way", "正在发送"),
    "progress.reading": ("{rows:row} read", "已读取 {rows} 行"),
    "progress.comparing": ("{done} of {total:row} read from the CRM", "已从 CRM 读取 {done} / {total} 行"),
    "progress.sending": ("{done} of {total} sent ({counts})", "已发送 {done} / {total}（{counts}）"),
    "state.planning": ("planning", "准备中"),
    "state.planned": ("planned: waits for somebody to agree", "已准备好，等待确认"),
    "state.reading": ("reading clues", "读取线索中"),
    "state.sending": ("sending", "发送中"),
    "state.interrupted": ("interrupted: its program ended unexpectedly", "意外中断（程序未正常结束）"),
    "state.abandoned": ("interrupted before anything was sent", "发送前中断（未发送任何数据）"),
    "state.finished": ("finished", "已完成"),
    "state.stopped": ("stopped early", "提前停止"),
    "show.run": ("Run", "运行"),
    "show.state": ("State", "状态"),
    "show.planned_by": ("Planned by", "准备人"),
    "show.confirmed_by": ("Agreed by", "确认人"),
    "show.started": ("Started", "开始"),
    "show.finished": ("Ended", "结束"),
    "show.url": ("Address", "地址"),
    "show.app": ("App", "应用"),
    "show.source": ("Sheet", "表格"),
    "show.results": ("Results", "结果"),
    "show.rows": ("{rows:row}:", "共 {rows} 行："),
    "show.options": ("Options", "选项"),
    "show.settings": ("Settings that are not the usual ones (without secrets):", "与默认值不同的设置（不含密钥）："),
    "demo.start": (
        "This is a demonstration: a stand-in of the CRM on this machine ({url}), and the sample sheets.",
        "这是演示：在本机启动了一个模拟 CRM（{url}），并运行示例表格。",
    ),
    "demo.page": (
        "The page of this demonstration works with a stand-in of the CRM at {url}, offline. What is done there stays in {folder}.",
        "演示网页使用 {url} 上的模拟 CRM，不需要联网。操作内容保存在 {folder} 中。",
    ),
    "demo.sheet": ("\n== {name}", "\n== {name}"),
    "demo.clue": ("Clue {clue} ({name}):", "线索 {clue}（{name}）："),
    "demo.field": ("  {key}: {old} → {new}", "  {key}：{old} → {new}"),
    "demo.empty": ("(empty)", "（空）"),
    "demo.folder": (
        "The folder {folder} cannot be made or written ({reason}). Go to another folder and try again.",
        "无法创建或写入文件夹 {folder}（{reason}）。请换到其他文件夹再试。",
    ),
    "demo.end": (
        "\nSheets and results are in {folder}: open a .results.xlsx to see what became of every row.",
        "\n表格和结果都在 {folder}：打开其中的 .results.xlsx 可查看每一行的结果。",
    ),
    "runs.none": ("There are no runs yet.", "还没有任何运行。"),
}
