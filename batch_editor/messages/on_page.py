"""What texts say on the page that elsewhere tell what to type: each by the key of the other text behind ``on_page.``.

Each text in English and Chinese. Those of the steps stand with the words of their step.
"""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- the sheet
    "on_page.encoding.option": ("the encoding in step 1", "第 1 步的“文字编码”"),
    "on_page.delimiter.option": ("the separator in step 1", "第 1 步的“分隔符”"),
    "on_page.csv.encoding_other": ("{path} is not in the encoding {encoding}: it is {real}. Choose that one in step 1.", "{path} 的编码不是 {encoding}，而是 {real}。请在第 1 步改选后者。"),
    "on_page.csv.encoding_misfit": ("{path} is not in the encoding {encoding}, or it is damaged: line {line} holds bytes that are no character of it. Choose another encoding in step 1, or export the file again.", "{path} 的编码不是 {encoding}，或者文件已损坏：第 {line} 行有该编码中不存在的字节。请在第 1 步换一种编码，或重新导出文件。"),
    "on_page.json.delimiter": ("{path} is JSON, in which nothing stands between columns: leave the separator in step 1 as it was.", "{path} 是 JSON 文件，没有列分隔符。请在第 1 步恢复原来的选择。"),
    "on_page.sheet.no_names": ('A file of text holds one sheet, which has no name, and none is called "{name}".', "文本文件只有一个工作表，没有名称，因此没有名为“{name}”的工作表。"),
    "on_page.sheet.unknown": ('There is no sheet "{name}" in this file. It has: {names}. Choose one of them in step 1.', "文件中没有工作表“{name}”。现有工作表：{names}。请在第 1 步选择其中一个。"),
    "on_page.sheet.merged_damaged": ("The sheet {sheet} names merged cells that overlap or do not exist, so nobody can say which rows they span. Unmerge them in Excel, save the sheet, and hand it in again.", "工作表 {sheet} 中记录的合并单元格相互重叠或不存在，无法确定它们跨越哪些行。请在 Excel 中取消合并并保存，再重新提交。"),
    "on_page.headings.wrong": ("The headings cannot be used, and nothing was sent:\n{lines}\nSay in step 1 what such a column means, or leave it out.", "列标题有问题，未发送任何数据：\n{lines}\n请在第 1 步说明这一列是什么，或选择不用这一列。"),
    "on_page.only_failed.no_results": ("Only a results sheet can be used in this way, and this sheet has no column result_status. Hand in the results of the earlier run.", "只有结果表才能这样使用，而该表没有“结果·状态”（result_status）列。请提交上次运行的结果文件。"),
    "on_page.only_failed.no_reference": ("This needs the columns result_run and result_row, which say of each row which row of which run it is, and this sheet does not have both. Nothing was sent. Open the run in the history and download its results again.", "这里需要“结果·批次”和“结果·行号”两列，它们说明每一行是哪次运行的哪一行，而该表没有。未发送任何数据。请在历史记录中打开那次运行，重新下载结果。"),
    "on_page.only_failed.unknown": ("Which rows of this results sheet are updated is not known here: {reason}. Nothing was sent. Hand in the results of a run that the history lists.", "无法得知此结果表中哪些行已更新：{reason}。未发送任何数据。请提交历史记录中某次运行的结果。"),
    "on_page.row.unknown": ("whether this row is updated is not known here: {reason}. It was not sent. If it is not wanted, delete it in the sheet", "无法得知该行是否已更新：{reason}。该行没有发送。如不需要，请在表中删除该行"),
    "on_page.row.undone": ("not sent: {reason}. To send this row once more, hand it in as a sheet of its own", "未发送：{reason}。如需再次发送该行，请把它放入单独的表格提交"),
    "on_page.row.other_meaning": ("asks for something else than it did in the run {run}, since the settings or the choices of step 1 are other ones, and that was not sent. To send what it asks for now, hand it in as a sheet of its own", "由于设置或第 1 步的选择不同，其含义与运行 {run} 中的不同，没有发送。如需按现在的含义发送，请把它放入单独的表格提交"),
    "on_page.row.altered": ("says something else than it did when this row was updated, so that the row was not sent: was it copied, or filled down? To send it as it is now, hand it in as a sheet of its own; if it is not wanted, delete it", "与该行更新时的内容不同，该行没有发送；是否复制或下拉填充过？如需按现在的内容发送，请把它放入单独的表格提交；如不需要，请删除该行"),
    "on_page.row.lacking": ("{field} is required and missing; fill it in, or have a default set under defaults: in the settings", "缺少必填项 {field}；请填写，或请管理员在设置的 defaults: 中给出默认值"),
    "on_page.edit.not_editable": ("{name} tells who edits or which clue it is, and cannot be changed.", "{name} 只表示操作人或是哪条线索，不能修改。"),
    "on_page.edit.not_in_sheet": ("The sheet has no column {keys}. Its headings are: {headings}.", "表中没有列 {keys}。表中的列标题有：{headings}。"),
    "on_page.settings.edit_option": ("the choice of columns", "所选的列"),
    # --- cells, of which nobody who mends them can change the settings
    "on_page.cell.ambiguous_date": ('must be a date such as 1990-05-01; it holds "{value}", which can be read in two ways: write the year first', "应为日期，如 1990-05-01；单元格里的“{value}”分不清哪个是月、哪个是日：请按年-月-日填写"),
    "on_page.cell.other_order": ('must be a date in the order {order}; it holds "{value}": write it as 1990-05-01', "应为 {order} 顺序的日期；单元格里是“{value}”：请写成 1990-05-01 的形式"),
    "on_page.cell.not_person": ('must be the id of an employee (20 and more letters, digits, _ and -, or 16 to 19 digits); it holds "{value}". Copy the id from the CRM; or ask whoever looks after this program to have names understood here', "应为员工ID（20 个以上的字母、数字、_ 和 -，或 16 到 19 位数字）；单元格里是“{value}”。请从 CRM 复制员工ID；想直接填姓名，可请管理这个程序的人设置"),
    "on_page.cell.not_tag": ('must be ids of tags (20 and more letters, digits, _ and -, or 16 to 19 digits) with a comma or 、 between them; it holds "{value}". Copy the ids from the CRM; or ask whoever looks after this program to have names understood here', "应为标签ID（20 个以上的字母、数字、_ 和 -，或 16 到 19 位数字），多个之间用逗号或顿号分隔；单元格里是“{value}”。请从 CRM 复制标签ID；想直接填标签名称，可请管理这个程序的人设置"),
    # --- the settings
    "on_page.settings.missing": ("There is no settings file {path} any more. Whoever looks after this program has to put it back.", "找不到设置文件 {path}。请让管理这个程序的人恢复该文件。"),
    "on_page.settings.unreadable": ("The settings file {path} cannot be read: {reason}. It has to be a text file in UTF-8 that may be read.", "无法读取设置文件 {path}：{reason}。它应是有读取权限的 UTF-8 文本文件。"),
    "on_page.settings.invalid_lines": ("These settings cannot be used:\n{lines}\nThe cause may be in these lines of {path}:\n{faults}", "以下设置有误：\n{lines}\n原因可能在 {path} 的以下各行：\n{faults}"),
    "on_page.settings.invalid": ("These settings cannot be used:\n{lines}", "以下设置有误：\n{lines}"),
    "on_page.settings.no_credentials": ("There is no access to the CRM. Whoever looks after this program writes app_id and app_secret, or access_token, under api: in the settings file and saves it; a restart is not needed.", "没有 CRM 的访问凭证。请让管理这个程序的人在设置文件的 api: 下填写 app_id 和 app_secret（或 access_token）并保存；不用重启。"),
    # --- the CRM, a run and its end
    "on_page.halt.certificate": ("Stopped: {reason}. What stays unsent can be sent once that is mended. If your company's network or a security program checks connections, the file with its certificates belongs into the settings (api.ca_file); otherwise ask whoever looks after the network: somebody may be listening in.", "已停止：{reason}。解决后可以继续发送其余的行。如果公司网络或安全软件会检查连接，请管理员在设置 api.ca_file 中填写其证书文件；否则请询问网络管理员：连接可能被他人监听。"),
    "on_page.token.unobtainable": ("No access token could be fetched: {reason}. Check api.base_url and the network.", "无法获取访问凭证：{reason}。请检查 api.base_url 和网络。"),
    "on_page.live.no_tags": ("the CRM does not show {field} of this clue, so none can be added or removed; choose in step 1 to replace them", "CRM 没有返回该线索的{field}，无法增减标签；可在第 1 步选择整体替换"),
    "on_page.tags.no_column": ("Tags are to be added or removed, and the sheet has no column 标签 or 业务标签. Add one, or choose otherwise in step 1.", "要增减标签，但表中没有“标签”或“业务标签”列。请添加该列，或在第 1 步重新选择。"),
    "on_page.proof.was_refuted": ("The first edit of this sheet did not prove right in the run {run}. Nothing was sent. Open that run in the history to see what differed; look at that clue and at the settings before you hand in the sheet again.", "此表格的第一条编辑在运行 {run} 中验证不正确。未发送任何数据。请在历史记录中打开那次运行查看不同之处，检查该线索和设置后再重新提交。"),
    "on_page.proof.not_put_back": ("What the run {run} changed for the proof of this sheet was not put back. Nothing was sent. Open that run in the history and undo it first.", "运行 {run} 为验证此表格所做的修改尚未恢复。未发送任何数据。请先在历史记录中打开那次运行并撤销。"),
    "on_page.resume.proof_not_put_back": ("The run {run} was for the proof of one edit, and what that changed was NOT put back. Nothing was sent. Open it in the history and undo it.", "运行 {run} 只用于验证一条编辑，它所做的修改尚未恢复。未发送任何数据。请在历史记录中打开它并撤销。"),
    "on_page.resume.proof_half": ("The run {run} was for the proof of one edit, and the undo of it stopped early. Nothing was sent. Open the run {undo} in the history and go on with it.", "运行 {run} 只用于验证一条编辑，对它的撤销没有完成。未发送任何数据。请在历史记录中打开运行 {undo} 并继续。"),
    "on_page.resume.proof_kept": ("The run {run} was for the proof of one edit, and what that changed was not put back wholly. Nothing was sent. Open the run {undo} in the history, and look at its clue in the CRM.", "运行 {run} 只用于验证一条编辑，它所做的修改没有全部恢复。未发送任何数据。请在历史记录中打开运行 {undo} 查看，并到 CRM 中检查该线索。"),
    "on_page.resume.other_app": ("The run {run} belongs to another app ({theirs}) than the settings ({ours}). Nothing was sent. It can be gone on with under the settings that it was started with.", "运行 {run} 属于另一个应用（{theirs}），与当前设置（{ours}）不同。未发送任何数据。换回启动该运行时的设置后可以继续。"),
    "on_page.undo.nothing": ("Nothing of the run {run} can be put back, and nothing was sent. It updated no row, or it was sent without reading the clues first.\n{notes}", "运行 {run} 没有可以恢复的内容，未发送任何数据。它没有更新任何行，或者发送前没有读取线索的原值。\n{notes}"),
    "on_page.undo.not_changed": ("The run {run} has not changed all that was chosen. Nothing was sent; choose what it has changed:\n{lines}", "运行 {run} 并没有修改过所选的全部内容。未发送任何数据；请只选择它修改过的内容：\n{lines}"),
    "on_page.halt.patience": ('Stopped: the CRM keeps answering "too fast" after pauses of {seconds:second} in all (the next pause would be {asked:second}). Go on later; or have a lower rate set under rate: limits in the settings.', "已停止：共暂停 {seconds} 秒后 CRM 仍提示“请求过快”（下一次需暂停 {asked} 秒）。请稍后继续，或请管理员在设置的 rate: limits 中降低速率。"),
    "on_page.notice.full": ("The permitted rate of a longer time is used up: everything waits for {time}. You can stop it and go on later.", "较长时间的限额已用完：需等待{time}。可以先停止，以后再继续。"),
    "on_page.notice.once_more": ("{rows:row} never reached the CRM. In {time} this is tried once more. You can stop it and go on later.", "有 {rows} 行未能到达 CRM。{time}后再试一次。可以先停止，以后再继续。"),
    "on_page.notice.reading_old_values": ("Reading the old values of {clues:clue} first, so that this run can be undone: {time} at the permitted rate. Nothing is sent yet.", "先读取 {clues} 条线索的原值，以便本次运行可以撤销，按允许的速率需要{time}。此时不发送任何数据。"),
    "on_page.notice.stopping": ("Stopping: what is on its way finishes first.", "正在停止：先等待已发出的请求完成。"),
    "on_page.note.finished_failed": ("THIS SHEET WAS FINISHED BEFORE, by the run {run} at {time}: everything would be sent once more. {failed} of its rows failed; to send only those, open that run in the history.", "此表格之前已完成（运行 {run}，{time}）：将全部重新发送。其中 {failed} 行失败；如果只想发送这些行，请在历史记录中打开那次运行。"),
    "on_page.journal.locked": ("The journal {path} is locked by another program, such as a backup, a virus scanner or a program that shows databases. Wait until that has finished, or have it closed; then try again. A run that was under way can be gone on with.", "运行记录 {path} 被其他程序锁定，例如备份、杀毒软件或查看数据库的程序。请等它结束或将其关闭，然后重试；中断的运行可以继续。"),
    "on_page.journal.older_is_driven": ("The journal {path} is of an older version of this program, which is at work on the run {run}. Wait for its end, or have it stopped there, then try again.", "运行记录 {path} 由旧版本的程序写入，该版本正在进行运行 {run}。请等待它结束，或在那里停止后重试。"),
    "on_page.run.under_way": ("The run {run} is under way: somebody else, or another window, is at work on it. Look at its progress, and stop it there if need be.", "运行 {run} 正在进行：别人或另一个窗口正在操作。可以查看它的进度，需要时在那里停止。"),
    "on_page.run.unknown": ('There is no run "{run}". The history lists all of them; perhaps it was removed.', "没有名为“{run}”的运行，可能已被删除。历史记录中可以看到所有运行。"),
    "on_page.run.too_old": ("The run {run} of this sheet stopped early, and was started more than {hours:.0f} hours ago ({started}): its values may be out of date. Nothing was sent. To go on with it nevertheless, open it in the history.", "此表格的运行 {run} 提前停止，且开始于 {hours:.0f} 小时以前（{started}），其内容可能已经过时。未发送任何数据。如果仍要继续，请在历史记录中打开它。"),
    "on_page.results.not_written": ("The results sheet {path} could not be written ({reason}). Nothing is lost: the results can be downloaded here.", "结果表 {path} 写入失败（{reason}）。数据没有丢失，可以在这里下载结果。"),
    "on_page.results.folder": ("The results cannot be written to the folder {folder} ({reason}). Nothing was sent.", "无法把结果写入文件夹 {folder}（{reason}）。未发送任何数据。"),
    "on_page.output.not_written": ("{path} could not be written ({reason}). Have room made on that disk, then try again.", "{path} 写入失败（{reason}）。请清理磁盘空间后重试。"),
    "on_page.output.replaced": ("{path} held the results of the run {run} and was replaced. Those can be downloaded from the history.", "{path} 原为运行 {run} 的结果，已被替换。那次的结果可以在历史记录中下载。"),
}  # fmt: skip
