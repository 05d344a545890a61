"""Step 2 in a real browser: rows are mended by keyboard alone, and nothing that was typed is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import bad_sheet
from support.browser import LAPTOP, PHONE
from support.mend_pages import CLUE, OpenSheet, focus, remarks, told, until

from batch_editor import job
from batch_editor.runs.mending import Mend

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = pytest.mark.slow


def genders(rows: int, *wrong: int) -> str:
    lines = [f"{CLUE + row * 3},{'先生' if row in wrong else '男'},备注{row}" for row in range(2, rows + 2)]
    return "\n".join(["clue_id,性别,备注", *lines, ""])


def test_a_bad_sheet_is_mended_by_keyboard_alone_from_load_to_the_last_row(opened: OpenSheet, tmp_path: Path) -> None:
    sheet, page = opened(bad_sheet.write(tmp_path / "bad.csv"), lang="zh", **bad_sheet.SETTINGS)
    wrong = [number for number in range(2, bad_sheet.ROWS + 2) if bad_sheet.mistake_of(number)]
    page.keyboard.press("F8")
    for row in wrong:
        until(lambda row=row: focus(page).startswith(f"c-{row}-"))
        if page.evaluate("document.activeElement.tagName") == "SELECT":
            while page.evaluate("document.activeElement.value") != bad_sheet.remedy_of(row):
                page.keyboard.press("ArrowDown")
        else:
            page.keyboard.insert_text(bad_sheet.remedy_of(row))
        page.keyboard.press("Enter")
    until(lambda: sheet.statuses() == {"pending": bad_sheet.ROWS})
    page.reload()
    assert f"{bad_sheet.ROWS} 行可以发送" in page.inner_text("#summary")
    assert page.locator(f"#summary a[href='/runs/{sheet.run}/review']").count() == 1


def test_next_and_previous_problem_land_in_the_cell_across_pages(opened: OpenSheet) -> None:
    _, page = opened(genders(120, *range(2, 62)))
    page.keyboard.press("F8")
    assert focus(page) == "c-2-1"
    page.keyboard.press("F8")
    assert focus(page) == "c-3-1"
    page.keyboard.press("Shift+F8")
    assert focus(page) == "c-2-1"
    page.locator("#c-51-1").focus()
    page.keyboard.press("F8")
    until(lambda: focus(page) == "c-52-1")
    page.keyboard.press("Shift+F8")
    until(lambda: focus(page) == "c-51-1")
    page.locator("[data-go='1']").click()
    until(lambda: focus(page) == "c-2-1")


def test_leaving_a_cell_saves_it_and_the_counts_follow(opened: OpenSheet) -> None:
    sheet, page = opened(remarks("#N/A", "#REF!", "好"))
    page.locator("#c-2-1").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("周五")
    page.keyboard.press("Tab")
    until(lambda: "Row 2 is saved" in told(page))
    assert sheet.texts(2)[1] == "周五"
    assert "2 rows can be sent, 1 row waits" in page.inner_text("#summary")
    assert "Was: #N/A" in page.inner_text("#row-2")
    page.locator("#row-2 button[name=back]").click()
    until(lambda: sheet.texts(2)[1] == "#N/A")
    until(lambda: "1 row can be sent" in page.inner_text("#summary"))


def test_a_cell_that_is_reached_by_a_key_is_selected_and_typing_replaces_it(opened: OpenSheet) -> None:
    sheet, page = opened(remarks("#N/A", "好"))
    page.keyboard.press("F8")
    page.keyboard.type("ab")
    assert page.input_value("#c-2-1") == "ab"
    page.keyboard.press("Escape")
    assert page.input_value("#c-2-1") == "#N/A"
    page.keyboard.press("End")
    page.keyboard.type("?")
    assert page.input_value("#c-2-1") == "#N/A?"
    page.keyboard.press("Enter")
    until(lambda: sheet.texts(2)[1] == "#N/A?")


def test_what_is_typed_while_the_row_is_saved_stays(opened: OpenSheet) -> None:
    sheet, page = opened(f"clue_id,性别,邮箱,备注\n{CLUE},先生,li,#N/A\n")
    held: list[Route] = []
    page.route("**/mend", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    page.locator("#c-2-2").fill("li@example.com")
    page.keyboard.press("Tab")
    until(lambda: page.evaluate("1") and held)
    page.locator("#c-2-3").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("周五")
    held.pop().continue_()
    page.unroute("**/mend")
    until(lambda: "Row 2 is saved" in told(page))
    assert sheet.texts(2)[2] == "li@example.com"
    assert page.input_value("#c-2-3") == "周五"
    page.keyboard.type("回访")
    page.keyboard.press("Enter")
    until(lambda: sheet.texts(2)[3] == "周五回访")
    until(lambda: page.locator("#c-2-2[data-bad]").count() == 0)


def test_a_lost_connection_says_not_saved_and_keeps_what_was_typed(opened: OpenSheet) -> None:
    sheet, page = opened(remarks("#N/A", "#REF!"))
    page.route("**/mend", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.locator("#c-2-1").fill("周五")
    page.keyboard.press("Enter")
    until(lambda: "Not saved" in told(page))
    assert page.input_value("#c-2-1") == "周五"
    assert "Not saved" in page.inner_text("#state-c-2-1")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.dismiss()))
    page.locator("#c-2-1").click()
    page.evaluate("setTimeout(() => location.reload())")
    until(lambda: page.evaluate("1") and dialogs == ["beforeunload"])
    page.unroute("**/mend")
    page.locator("#c-2-1").focus()
    page.keyboard.press("Enter")
    until(lambda: "Row 2 is saved" in told(page))
    assert sheet.texts(2)[1] == "周五"
    page.reload()
    assert dialogs == ["beforeunload"]


def test_a_word_is_saved_when_it_is_chosen_with_the_mouse(opened: OpenSheet) -> None:
    sheet, page = opened(genders(3, 2))
    page.locator("#c-2-1").dispatch_event("pointerdown")
    page.select_option("#c-2-1", "女")
    until(lambda: "Row 2 is saved" in told(page))
    assert sheet.texts(2)[1] == "女"


def test_a_cell_that_somebody_else_has_mended_meanwhile_asks_with_both_values(opened: OpenSheet) -> None:
    sheet, page = opened(remarks("#N/A", "#REF!"))
    with job.open_run(sheet.run, sheet.settings) as prepared:
        prepared.mend([Mend(2, 1, "周一"), Mend(3, 1, "周二")], person="张三")
    for row, button, stored in ((2, "mine", "周五"), (3, "theirs", "周二")):
        page.locator(f"#c-{row}-1").fill("周五")
        page.keyboard.press("Enter")
        until(lambda row=row: f"somebody else has changed this cell of row {row}" in told(page))
        assert "张三 has changed this cell" in page.inner_text(f"#row-{row}")
        assert page.input_value(f"#c-{row}-1") == "周五"
        page.locator(f"#row-{row} button[name={button}]").click()
        until(lambda row=row: page.locator(f"#row-{row} button[name=mine]").count() == 0)
        assert sheet.texts(row)[1] == stored


def test_two_tabs_of_one_person_do_not_overwrite_each_other(opened: OpenSheet) -> None:
    sheet, page = opened(remarks("#N/A", "好"))
    other = page.context.new_page()
    other.goto(sheet.server.url + sheet.address)
    other.locator("#c-2-1").fill("二")
    other.keyboard.press("Enter")
    until(lambda: "Row 2 is saved" in told(other))
    page.bring_to_front()
    page.locator("#c-2-1").fill("一")
    page.keyboard.press("Enter")
    until(lambda: "somebody else" in told(page))
    assert sheet.texts(2)[1] == "二"


def test_a_run_that_was_discarded_meanwhile_is_told_and_what_was_typed_stays(opened: OpenSheet) -> None:
    sheet, page = opened(remarks("#N/A", "好"))
    with job.open_run(sheet.run, sheet.settings) as prepared:
        prepared.discard()
    page.locator("#c-2-1").fill("周五")
    page.keyboard.press("Enter")
    until(lambda: "no such run" in told(page))
    assert page.input_value("#c-2-1") == "周五"


@pytest.mark.parametrize(("size", "lang"), [(LAPTOP, "zh"), (PHONE, "en")])
def test_axe_finds_no_violation(opened: OpenSheet, tmp_path: Path, lang: str, size: tuple[int, int]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    planned, page = opened(bad_sheet.write(tmp_path / "bad.csv"), size=size, lang=lang, **bad_sheet.SETTINGS)
    for query in ("", "?open=4&columns=all&groups=all", "?status=all", "?field=remark&problem=cell.email"):
        page.goto(planned.address + query)
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        found = axe.run(page).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_no_id_is_cut_at_any_width_and_the_page_does_not_scroll_sideways(opened: OpenSheet, size: tuple[int, int]) -> None:
    person = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q"
    others = [f"列{number}" for number in range(50)]
    head, cells = ["clue_id", "跟进人ID", "性别", *others], [str(CLUE), person, "先生", *("很长的内容" * 9 for _ in others)]
    text = "\n".join([",".join(head), ",".join(cells), ""])
    _, page = opened(text, size=size, query="?columns=all&open=2", ignore_columns=others)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    parts = "[...document.querySelectorAll('#rows input, td.id')]"
    assert (
        page.evaluate(f"{parts}.filter((part) => part.scrollWidth > part.clientWidth + 1).map((part) => part.outerHTML)") == []
    )
    assert page.input_value("#c-2-1") == person


def test_nothing_that_a_sheet_holds_acts_in_the_browser(opened: OpenSheet) -> None:
    heading = "<b onmouseover=alert(1)>"
    texts = (
        "<script>alert(1)</script>",
        "'><img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        "</textarea><svg onload=alert(1)>",
    )
    lines = [f"{CLUE + 3 * number},{text},{text}" for number, text in enumerate(texts, 2)]
    text = "\n".join([f"clue_id,性别,{heading}", *lines, ""])
    sheet, page = opened(text, query="?columns=all", ignore_columns=[heading])
    acts: list[str] = []
    page.on("dialog", lambda dialog: (acts.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: acts.append(message.text))
    page.on("pageerror", lambda error: acts.append(str(error)))
    page.goto(sheet.address + "?open=3&groups=all")
    for row, typed in enumerate(texts, 2):
        page.goto(sheet.address + f"?open={row}")
        page.locator(f"#c-{row}-2").fill(f"{typed}!")
        page.keyboard.press("Enter")
        until(lambda row=row: f"Row {row} is saved" in told(page))
        assert sheet.texts(row)[2] == f"{typed}!"
        assert typed in page.inner_text(f"#row-{row}")
    assert page.locator("main img, main svg, main script, main b").count() == 0
    assert acts == []
