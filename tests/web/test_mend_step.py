"""Step 2 as forms over HTTP, without JavaScript: what is shown of wrong rows, and how they are mended."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support import bad_sheet, jobs
from support.mend_pages import PlannedSheet, planned_sheet
from support.pages import Client, Markup

from batch_editor import job
from batch_editor.model import Message
from batch_editor.runs.mending import Mend
from batch_editor.runs.waiting_run import WaitingRun

CLUE = 1591005521987920501


class MendPage(PlannedSheet):
    """A planned sheet, and a browser without JavaScript that mends it."""

    def __init__(self, planned: PlannedSheet, client: Client) -> None:
        super().__init__(planned.run, planned.settings, planned.server)
        self.client = client

    def get(self, query: str = "") -> str:
        answer = self.client.get(self.address + query)
        assert answer.status_code == 200, answer.text
        assert Markup(answer.text).faults == []
        return answer.text

    def cells(self, page: str) -> dict[str, str]:
        """What the controls of a page hold, by row and place, as a browser would send it."""
        controls = Controls()
        controls.feed(page)
        return controls.values

    def form(self, page: str, **typed: str) -> dict[str, str]:
        """All that a browser sends of the form of rows in ``page``, with what was ``typed`` (``r2_8="男"``)."""
        hidden = dict(re.findall(r'<input type="hidden" name="(seen-[0-9-]+)" value="([^"]*)"', page))
        cells = {f"cell-{name}": value for name, value in self.cells(page).items()}
        return hidden | cells | {f"cell-{name[1:].replace('_', '-')}": value for name, value in typed.items()}

    def mend(self, page: str = "", **typed: str) -> str:
        """Types into cells of a page and saves all of it; returns the page that comes back."""
        answer = self.client.submit(self.address, self.form(page or self.get(), **typed))
        assert answer.status_code == 303, answer.text
        return self.client.get(answer.headers["location"]).text


class Controls(HTMLParser):
    """What the controls of cells in a page hold at first."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name") or ""
        if tag in ("input", "select", "textarea") and name.startswith("cell-"):
            self._name = name.removeprefix("cell-") if tag != "input" else ""
            self.values[name.removeprefix("cell-")] = values.get("value") or ""
        elif tag == "option" and self._name and "selected" in values:
            self.values[self._name] = values["value"] or ""

    def handle_data(self, data: str) -> None:
        if self._name and self.lasttag == "textarea":
            self.values[self._name] += data.replace("\r\n", "\n").removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self._name = ""


OpenPage = Callable[..., MendPage]


@pytest.fixture
def page_of(tmp_path: Path) -> Iterator[OpenPage]:
    """Plans a sheet and opens a browser on it: ``page_of("clue_id,gender\\n1,先生\\n")``."""
    with ExitStack() as opened:

        def open_page(sheet: str | Path, **settings: object) -> MendPage:
            planned = opened.enter_context(planned_sheet(tmp_path, sheet, **settings))
            return MendPage(planned, opened.enter_context(planned.server.client()))

        yield open_page


def genders(rows: int, *wrong: int, value: str = "先生") -> str:
    lines = [f"{CLUE + row * 3},{value if row in wrong else '男'},备注{row}" for row in range(2, rows + 2)]
    return "\n".join(["clue_id,性别,备注", *lines, ""])


def row_numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<tr id="row-([0-9]+)"', page)]


def test_rows_with_problems_are_shown_with_their_reasons_and_all_others_when_asked_for(page_of: OpenPage) -> None:
    page = page_of(genders(6, 3, 5))
    first = page.get()
    assert row_numbers(first) == [3, 5]
    assert "4 rows can be sent, 2 rows wait to be mended" in first
    assert "性别 must be 男 or 女" in first
    reason = re.search(r'aria-describedby="(why-3-1)"', first)
    assert reason and f'id="{reason[1]}"' in first
    assert row_numbers(page.get("?status=all")) == [2, 3, 4, 5, 6, 7]
    assert row_numbers(page.get("?status=pending")) == [2, 4, 6, 7]
    assert row_numbers(page.get("?field=remark")) == []
    assert row_numbers(page.get("?field=gender&problem=cell.gender")) == [3, 5]
    assert row_numbers(page.get("?problem=cell.email")) == []


def test_a_page_holds_a_window_of_the_rows_and_says_which(page_of: OpenPage) -> None:
    page = page_of(genders(130, *range(2, 132)))
    first = page.get()
    assert row_numbers(first) == list(range(2, 52))
    assert 'aria-rowcount="131"' in first
    after = re.search(r'rel="next" href="([^"]+)"', first)
    assert after and "prev" not in re.findall(r'rel="(\w+)"', first)
    second = page.client.get(unescape(after[1])).text
    assert row_numbers(second) == list(range(52, 102))
    assert re.findall(r'aria-rowindex="([0-9]+)"', second)[:2] == ["1", "52"]
    before = re.search(r'rel="prev" href="([^"]+)"', second)
    assert before and row_numbers(page.client.get(unescape(before[1])).text) == list(range(2, 52))


def test_a_cell_is_mended_by_a_form_and_shows_what_it_was_and_is_taken_back(page_of: OpenPage) -> None:
    page = page_of(genders(4, 3, 5))
    done = page.mend(r3_1="女")
    assert row_numbers(done) == [5]
    assert "3 rows can be sent, 1 row waits" in done
    assert page.texts(3)[1] == "女"
    mended = page.get("?status=mended")
    assert row_numbers(mended) == [3]
    assert re.search(r"Was: <bdi[^>]*>先生</bdi>", mended)
    answer = page.client.submit(page.address, {"back": "3-1", "status": "mended"})
    assert answer.status_code == 303
    assert page.texts(3)[1] == "先生"
    assert row_numbers(page.get("?status=mended")) == []


def test_what_nobody_has_typed_into_is_not_changed_whatever_it_holds(page_of: OpenPage, tmp_path: Path) -> None:
    odd = "a\r\nb", " lead", "tab\there", "=1+1", "'x", "\u200bzero", 'q"q'
    lines = [f'{CLUE + 3 * n},先生,"{text.replace(chr(34), chr(34) * 2)}"' for n, text in enumerate(odd, 2)]
    page = page_of("\n".join(["clue_id,性别,备注", *lines, ""]))
    before = [page.texts(row) for row in range(2, 9)]
    for row in range(2, 9):
        shown = page.get(f"?open={row}")
        page.mend(shown)
        as_browsers_do = {name: text.replace("\n", "\r\n") for name, text in page.form(shown).items()}
        page.client.submit(page.address, as_browsers_do)
    assert [page.texts(row) for row in range(2, 9)] == before


def test_a_rounded_id_is_explained_and_never_offered_to_be_saved(page_of: OpenPage) -> None:
    lines = [f"{CLUE + 3 * row},周五" for row in range(2, 10)]
    page = page_of("\n".join(["clue_id,备注", *lines, "1591005521987900000,周一", "1.59101E+18,周二", ""]))
    first = page.get()
    assert row_numbers(first) == [10, 11]
    assert page.cells(first) == {"10-0": "", "11-0": ""}
    assert "1591005521987900000" in first
    assert first.count("The digits that Excel lost cannot be brought back") == 2
    untouched = page.mend(first)
    assert row_numbers(untouched) == [10, 11]
    assert page.texts(10)[0] == "1591005521987900000"
    done = page.mend(r10_0=str(CLUE + 30), r11_0=str(CLUE + 33))
    assert "No row has a problem" in done
    assert "data-go" not in done, "there is nowhere to go"


def test_a_row_that_is_saved_by_the_script_comes_back_alone_with_the_counts(page_of: OpenPage) -> None:
    page = page_of(genders(4, 3, 5))
    form = {name: value for name, value in page.form(page.get(), r3_1="男").items() if name.endswith("-3-1")}
    answer = page.client.submit(page.address, form, headers={"X-Row": "3"})
    assert answer.status_code == 200
    assert row_numbers(answer.text) == [3]
    assert 'data-announcement="Row 3 is saved and can be sent. 1 row still waits."' in answer.text
    assert "3 rows can be sent, 1 row waits" in answer.text
    assert "<html" not in answer.text
    again = page.client.submit(
        page.address, {"cell-5-1": "x", "seen-5-1": page.form(page.get())["seen-5-1"]}, headers={"X-Row": "5"}
    )
    assert "Row 5 is saved, but something is wrong in it: 性别 must be" in again.text


def test_a_cell_that_somebody_else_has_mended_meanwhile_is_asked_about_with_both_values(page_of: OpenPage) -> None:
    page = page_of(genders(4, 3, 5))
    mine = page.get()
    with job.open_run(page.run, page.settings) as prepared:
        prepared.mend([Mend(3, 1, "女")], person="张三")
    answer = page.client.submit(page.address, page.form(mine, r3_1="男", r5_1="女"))
    assert answer.status_code == 409
    assert page.texts(3)[1] == "女"
    assert page.texts(5)[1] == "女", "what nobody else has touched is saved"
    assert "张三 has changed this cell to “女”" in answer.text
    assert "You typed “男”" in answer.text
    assert page.cells(answer.text).get("3-1") == "男"
    kept = page.client.submit(page.address, page.form(answer.text) | {"theirs": "3-1"})
    assert kept.status_code == 303
    assert page.texts(3)[1] == "女"
    saved = page.client.submit(page.address, page.form(answer.text) | {"mine": "3-1"})
    assert saved.status_code == 303
    assert page.texts(3)[1] == "男"


def test_what_was_not_touched_on_an_old_page_is_no_conflict(page_of: OpenPage) -> None:
    page = page_of(genders(4, 3, 5))
    mine = page.get()
    with job.open_run(page.run, page.settings) as prepared:
        prepared.mend([Mend(3, 1, "女")])
    page.mend(mine, r5_1="男")
    assert (page.texts(3)[1], page.texts(5)[1]) == ("女", "男")


def test_a_run_that_was_discarded_or_sent_meanwhile_says_so_and_shows_what_was_typed(page_of: OpenPage) -> None:
    page = page_of(genders(4, 3))
    form = page.form(page.get(), r3_1="女性")
    with job.open_run(page.run, page.settings) as prepared:
        prepared.run.set_state(job.RunState.FINISHED)
    for query in ("", "/cell?row=3&place=1"):
        assert page.client.get(page.address + query).status_code == 409
    answer = page.client.submit(page.address, form)
    assert answer.status_code == 409
    assert "was sent, or is being sent" in answer.text
    assert "You typed: 女性" in answer.text
    assert f'href="/runs/{page.run}"' in answer.text
    gone = page.client.submit("/runs/20200101-000000-0000/mend", form)
    assert gone.status_code == 404
    assert "no such run" in gone.text


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "{{ 7 * 7 }}",
    "${7*7}",
    "</textarea><b>",
)


def test_nothing_that_a_sheet_holds_is_markup_or_hides(page_of: OpenPage) -> None:
    lines = [
        f'{CLUE + 3 * n},"{text.replace(chr(34), chr(34) * 2)}","{text.replace(chr(34), chr(34) * 2)}"'
        for n, text in enumerate(HOSTILE, 2)
    ]
    heading = "<b>头</b>"
    page = page_of("\n".join([f'clue_id,性别,"{heading}"', *lines, ""]), ignore_columns=[heading])
    for query in ("", "?columns=all", "?open=3", "?status=all&columns=all&groups=all"):
        shown = page.get(query)
        assert not re.search("<script>alert|<img|<b>", shown)
        assert "\x1b" not in shown
        assert "49" not in re.sub("[a-f0-9]{20,}|[0-9]{5,}", "", shown).replace("249", "")
        outside = re.sub(r'value="[^"]*"', "", shown)
        assert "\u202e" not in outside
    assert "\\u202egnp.exe" in page.get()


def test_a_text_of_ten_million_characters_is_shown_in_parts(page_of: OpenPage, tmp_path: Path) -> None:
    long = "长" * 2_000_000
    rows = [{"clue_id": CLUE, "性别": "先生", "备注": long}, {"clue_id": CLUE + 3, "性别": long, "备注": "短"}]
    page = page_of(jobs.text_file(tmp_path / "sheet.json", json.dumps(rows, ensure_ascii=False)))
    shown = page.get("?columns=all&groups=all")
    assert len(shown.encode()) < 100_000
    assert "2,000,000 characters" in shown
    cell = page.client.get(page.address + "/cell?row=2&place=2").text
    assert len(cell.encode()) < 100_000
    assert "from=20000" in cell
    assert row_numbers(page.mend(r2_1="男", r3_1="女")) == []


def test_an_id_is_shown_with_every_digit(page_of: OpenPage) -> None:
    person = "wo" + "x" * 400
    page = page_of(f"clue_id,跟进人ID,性别\n{CLUE},{person},先生\n")
    assert person in page.get("?columns=all")


def test_no_address_and_no_form_of_nonsense_does_any_harm(page_of: OpenPage) -> None:
    page = page_of(genders(4, 3))
    for query in (
        "?after=-1&open=x",
        "?after=99999999999999999999",
        "?status=%00&field=%25&problem=%27",
        "?field=a%2Cb",
        "?open=3&columns=<",
    ):
        assert page.client.get(page.address + query).status_code == 200
    for place in ("row=3&place=99", "row=99&place=0", "row=&place=", "row=3&place=2&from=999999999"):
        assert page.client.get(f"{page.address}/cell?{place}").status_code in (200, 409)
    forms = [
        {"cell-3-99": "x"},
        {"cell-99-1": "x", "seen-99-1": ""},
        {"cell-3": "x"},
        {"cell-３-１": "x"},
        {"back": "3-1"},
        {"mine": "9-9"},
        {},
    ]
    for form in forms:
        assert page.client.submit(page.address, form).status_code in (303, 409)
    assert page.texts(3)[1] == "先生"


def value_form(page: str, value: str) -> dict[str, str]:
    """The form that changes all rows that hold a value."""
    form = next(part for part in page.split("<form ")[1:] if "/mend/value" in part and f'name="old" value="{value}"' in part)
    return {name: unescape(text) for name, text in re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', form)}


def test_one_value_is_put_in_place_of_another_in_all_rows_that_hold_it(page_of: OpenPage) -> None:
    page = page_of(genders(9, 2, 3, 4).replace("男,备注9", " 先生 ,备注9"))
    first = page.get()
    assert '先生</bdi> <span class="times">× 4</span>' in first
    assert "Change all 4" in first
    form = value_form(first, "先生")
    untouched = page.client.submit(page.address + "/value", form | {"new": "?"})
    assert "changed=0" in untouched.headers["location"]
    done = page.client.submit(page.address + "/value", form | {"new": "=男"})
    assert "changed=4" in done.headers["location"]
    assert "Changed: 4 cells." in page.client.get(done.headers["location"]).text
    assert page.statuses() == {"pending": 9}


def test_a_value_can_be_left_blank_or_cleared_only_where_that_is_chosen_in_words(page_of: OpenPage) -> None:
    page = page_of(genders(6, 2, 3))
    first = page.get()
    assert 'value="=#CLEAR">(empty the field in the CRM)' in first
    form = value_form(first, "先生")
    page.client.submit(page.address + "/value", form | {"new": "="})
    assert page.texts(2)[1] == page.texts(3)[1] == ""
    page.client.submit(page.address + "/value", form | {"old": "男", "new": "=#CLEAR"})
    with job.open_run(page.run, page.settings) as prepared:
        assert prepared.preview.counts.clears == {"gender": 4}


def test_a_change_is_kept_for_the_next_sheet_suggested_and_applied_only_when_somebody_says_so(page_of: OpenPage) -> None:
    page = page_of(genders(6, 2, 3))
    page.client.submit(page.address + "/value", value_form(page.get(), "先生") | {"new": "=男", "keep": "yes"})
    again = page_of(genders(7, 5))
    shown = again.get()
    assert again.statuses() == {"pending": 6, "invalid": 1}
    assert "Chosen before: 男" in shown
    assert '<option value="=男" selected>' in shown
    name = re.search(r'name="name" value="([^"]+)"', shown)
    assert name
    again.client.submit(again.address + "/forget", {"name": unescape(name[1]).replace("\n", "\r\n")})
    assert "Chosen before" not in again.get()


def test_ids_are_never_changed_for_several_rows_at_once(page_of: OpenPage) -> None:
    page = page_of(
        "\n".join(["clue_id,备注", *(f"线索甲,{number}" for number in range(4)), *(f",{number}" for number in range(4)), ""])
    )
    shown = page.get("?groups=all")
    assert "/mend/value" not in shown
    assert shown.count("Each of these rows needs an id of its own") == 2


def test_a_text_is_replaced_in_a_column_once_it_was_seen_how_many_cells_change(page_of: OpenPage) -> None:
    page = page_of(genders(6, 2).replace("备注3", "b.*[3]"))
    form = {"field": "remark", "find": "备注", "replacement": "说明"}
    looked = page.client.submit(page.address + "/replace", form)
    assert looked.status_code == 200
    assert "5 cells would change" in looked.text
    assert Markup(looked.text).faults == []
    assert page.texts(4)[2] == "备注4"
    done = page.client.submit(page.address + "/replace", form | {"confirmed": "5"})
    assert "changed=5" in done.headers["location"]
    assert (page.texts(4)[2], page.texts(3)[2]) == ("说明4", "b.*[3]")
    assert row_numbers(page.client.get(done.headers["location"]).text) == [2, 4, 5, 6, 7]
    literal = page.client.submit(page.address + "/replace", {"field": "remark", "find": ".*", "replacement": ""})
    assert "1 cell would change" in literal.text
    more = page.client.submit(
        page.address + "/replace", {"field": "remark", "find": "说", "replacement": "解", "confirmed": "1"}
    )
    assert "5 cells would change" in more.text, "it is done only for what somebody has seen"
    for nothing in ({"find": ""}, {"find": "没有"}, {"field": "nonsense", "find": "x"}):
        assert page.client.submit(page.address + "/replace", form | nothing).status_code in (200, 303)
    page.client.submit(page.address, {"back": "4-2"})
    assert page.texts(4)[2] == "备注4"


def test_a_row_that_something_speaks_against_says_why(page_of: OpenPage) -> None:
    page = page_of(genders(4, 3))
    with job.open_run(page.run, page.settings) as prepared:
        prepared.run.planning.conflict([(4, Message("row.newer_in_sheet", {"newer": "9"}))])
    shown = page.get()
    assert "Not to be sent, since something speaks against it: 1 row." in shown
    against = page.get("?status=conflict")
    assert row_numbers(against) == [4]
    assert "row 9 of this sheet, of the same clue, sets the same field and is newer" in against


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_kind_of_mistake_is_mended_to_the_last_one(page_of: OpenPage, tmp_path: Path, lang: str) -> None:
    page = page_of(bad_sheet.write(tmp_path / "bad.csv"), lang=lang, **bad_sheet.SETTINGS)
    while rows := row_numbers(shown := page.get()):
        wrong = {row: re.findall(rf'name="cell-({row}-[0-9]+)"', shown) for row in rows}
        assert all(len(cells) == 1 for cells in wrong.values()), wrong
        page.mend(shown, **{f"r{cells[0].replace('-', '_')}": bad_sheet.remedy_of(row) for row, cells in wrong.items()})
    assert page.statuses() == {"pending": bad_sheet.ROWS}
    assert f"/runs/{page.run}/review" in shown


def test_a_row_of_many_cells_is_saved_whole_and_read_once(page_of: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [f"mf_{number}" for number in range(600)]
    page = page_of("\n".join([",".join(["clue_id", "性别", *keys]), ",".join([str(CLUE), "先生", *["x"] * len(keys)]), ""]))
    read: list[int] = []
    row_of = WaitingRun.row
    monkeypatch.setattr(WaitingRun, "row", lambda run, row: read.append(row) or row_of(run, row))
    page.mend(page.get("?open=2"), r2_601="y")
    assert page.texts(2)[601] == "y" and len(read) < 5


def test_no_reason_names_a_setting_and_no_two_kinds_of_problems_read_alike(tmp_path: Path) -> None:
    owners = "clue_id,birthday,follow_user_id,label\n"
    sheet = owners + f"{CLUE},05/06/1990,小王,重点\n{CLUE + 1},1992-02-30,,\n{CLUE + 2},05/06/1990,,\n"
    for lang in ("zh", "en"):
        folder = tmp_path / lang
        folder.mkdir()
        with planned_sheet(folder, sheet, lang=lang) as planned, planned.server.client() as client:
            page = unescape(client.get(planned.address).text)
        assert not re.search("date_order|lookups|ids.people|in the settings|在设置", page)
        options = re.findall(r'<select[^>]*name="problem".*?</select>', page, re.DOTALL)[0]
        words = re.findall(r"<option[^>]*>([^<]+)", options)
        assert len({*words}) == len(words) > 3
