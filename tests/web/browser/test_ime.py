"""Chinese is typed by an input method: what is stored is 女, and never the letters that were typed on the way.

A composition is made by the protocol of the developer tools. The key that ends it comes while it is under way (Windows, Linux),
or after it has ended (macOS), where it still belongs to the input method by its code, 229.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.mend_pages import OpenSheet, PlannedSheet, asked, focus, remarks, told, until

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page, Route

pytestmark = pytest.mark.slow

ERROR = "#N/A"


class InputMethod:
    """An input method at work in a page."""

    def __init__(self, page: Page) -> None:
        self.protocol: CDPSession = page.context.new_cdp_session(page)

    def compose(self, letters: str) -> None:
        """Letters are shown in the cell, and are not its text yet."""
        for end in range(1, len(letters) + 1):
            self.protocol.send("Input.imeSetComposition", {"text": letters[:end], "selectionStart": end, "selectionEnd": end})

    def commit(self, text: str) -> None:
        """What was chosen takes the place of the letters."""
        self.protocol.send("Input.insertText", {"text": text})

    def enter(self, code: int = 13, text: str = "") -> None:
        """The key Enter goes down and up, with the code that a browser gives it; by ``text`` it acts in a form as well."""
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            key = {"type": kind, "key": "Enter" if code == 13 else "Process", "code": "Enter", "windowsVirtualKeyCode": code}
            self.protocol.send("Input.dispatchKeyEvent", key | ({"text": text} if text and kind != "keyUp" else {}))


Typing = tuple[PlannedSheet, "Page", InputMethod]


@pytest.fixture
def cell(opened: OpenSheet) -> Typing:
    sheet, page = opened(remarks(ERROR, "#REF!", "好"))
    page.keyboard.press("F8")
    return sheet, page, InputMethod(page)


def test_enter_while_letters_are_composed_neither_saves_nor_moves(cell: Typing) -> None:
    sheet, page, method = cell
    method.compose("nv")
    for code in (229, 13):
        method.enter(code)
    assert focus(page) == "c-2-1"
    method.commit("女")
    assert page.input_value("#c-2-1") == "女"
    assert (sheet.texts(2)[1], told(page)) == (ERROR, "")
    method.enter()
    until(lambda: "Row 2 is saved" in told(page))
    assert sheet.texts(2)[1] == "女"


def test_enter_that_comes_after_the_composition_has_ended_is_none_where_its_code_says_so(
    cell: Typing,
) -> None:
    sheet, page, method = cell
    method.compose("nv")
    method.commit("女")
    method.enter(229)
    assert (focus(page), sheet.texts(2)[1], told(page)) == ("c-2-1", ERROR, "")
    method.enter()
    until(lambda: sheet.texts(2)[1] == "女")
    until(lambda: focus(page) == "c-3-1")


def test_letters_that_are_meant_are_saved_by_a_second_enter(cell: Typing) -> None:
    sheet, _, method = cell
    method.compose("nv")
    method.enter(229)
    method.commit("nv")
    assert sheet.texts(2)[1] == ERROR
    method.enter()
    until(lambda: sheet.texts(2)[1] == "nv")


def test_a_composition_that_is_broken_off_by_a_click_elsewhere_is_not_saved(cell: Typing) -> None:
    sheet, page, method = cell
    method.compose("nv")
    page.locator("#c-3-1").click()
    until(lambda: "Not saved" in page.inner_text("#state-c-2-1") or page.input_value("#c-2-1") == ERROR)
    page.wait_for_timeout(300)
    assert sheet.texts(2)[1] == ERROR


def test_what_is_composed_in_a_cell_that_is_only_selected_takes_the_place_of_its_text(
    cell: Typing,
) -> None:
    sheet, page, method = cell
    method.compose("zhou")
    method.commit("周")
    method.compose("wu")
    method.commit("五")
    page.keyboard.press("F8")
    until(lambda: sheet.texts(2)[1] == "周五")
    assert focus(page) == "c-3-1"


def test_a_row_that_is_drawn_again_does_not_break_off_a_composition(opened: OpenSheet) -> None:
    sheet, page = opened("clue_id,邮箱,备注\n1591005521987920501,li,#N/A\n")
    method = InputMethod(page)
    held: list[Route] = []
    page.route("**/mend", lambda route: held.append(route))
    page.locator("#c-2-1").fill("li@example.com")
    page.locator("#c-2-2").focus()
    page.keyboard.press("Control+A")
    method.compose("zhou")
    until(lambda: page.evaluate("1") and held)
    held.pop().continue_()
    page.unroute("**/mend")
    until(lambda: "Row 2 is saved" in told(page))
    method.commit("周五")
    assert page.input_value("#c-2-2") == "周五"
    page.keyboard.press("Enter")
    until(lambda: sheet.texts(2)[2] == "周五")
    assert sheet.texts(2)[1] == "li@example.com"


@pytest.mark.parametrize("place", ["#groups input[name=new]", "#r-find", "#r-replacement"])
def test_enter_that_ends_a_composition_sends_no_form(opened: OpenSheet, place: str) -> None:
    sheet, page = opened(remarks(ERROR, ERROR, "好"))
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    page.fill("#r-find", "好")
    page.locator(place).focus()
    method = InputMethod(page)
    method.compose("nv")
    for code in (13, 229):
        method.enter(code, text="\r")
    method.commit("女")
    method.enter(229, text="\r")
    page.wait_for_timeout(300)
    assert page.evaluate(f"document.activeElement.matches('{place}')")
    assert (page.evaluate("location.pathname").split("/")[-1], sheet.texts(2)[1]) == ("mend", ERROR)
    assert page.input_value(place).endswith("女")
    method.enter(text="\r")
    until(lambda: sheet.texts(2)[1] == "女" or asked(page, "location.pathname").endswith("/replace"))
