"""What is said to people who mend the cells of a run that waits."""

from __future__ import annotations

TEXTS = {
    "mend.changed": (
        "Nothing was mended: {cells:cell} no longer {cells:holds/hold} what you have seen, somebody else was faster.\n"
        "{lines}\nLook at the rows once more, and mend them then.",
        "没有改动：有 {cells} 个单元格的内容已经不是您刚才看到的，别人先改过了。\n{lines}\n请重新看一下这些行，再改。",
    ),
    "mended.was": ("{heading}: {text}", "{heading}：{text}"),
    "mended.was_blank": ("{heading}: (blank)", "{heading}：（空白）"),
    "mend.now": ('{place} holds "{value}" by now', "{place} 现在是“{value}”"),
    "mend.no_field": (
        "Nothing was mended: no column of the sheet is {field}.",
        "没有改动：表格里没有 {field} 这一列。",
    ),
    "mend.nothing_to_find": (
        "Nothing was mended: nobody has said which text is to be replaced.",
        "没有改动：没有说明要查找的文字。",
    ),
    "mend.lost_digits": (
        "Excel and WPS keep 15 digits of a number: what they have cut off cannot be guessed. Look the id up in the CRM and put it in "
        "here, or export the sheet again with the ids as text.",
        "Excel 和 WPS 的数字只保留 15 位，后面的数字已经丢失，没有办法猜出来。请到 CRM 里查到这个ID填在这里，或者以文本格式重新导出表格。",
    ),
    "mend.no_row": (
        "Nothing was mended: the run {run} has no row {rows}. A blank row of a sheet is none.",
        "没有改动：任务 {run} 里没有第 {rows} 行。表格里的空行不算一行。",
    ),
    "mend.no_cell": (
        "Nothing was mended: there is no cell {place} below a heading of the sheet.",
        "没有改动：表格的标题下面没有 {place} 这个单元格。",
    ),
    "mend.not_kept": (
        "The cells of the run {run} cannot be mended: they are kept only of a sheet that waits for somebody to agree. "
        "Mend the sheet itself, and start it anew.",
        "任务 {run} 的单元格不能在这里改：只有等待确认的表格才留着原来的单元格。请改原表，再重新开始。",
    ),
    "mend.not_planned": (
        "The run {run} no longer waits for somebody to agree, so its cells cannot be mended any more. "
        "What was not updated can be mended in its results, and sent from there.",
        "任务 {run} 已经不在等待确认，单元格不能再改了。没有更新成功的行，可以在它的结果里改好再发送。",
    ),
}
