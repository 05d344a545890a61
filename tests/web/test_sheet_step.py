"""Step 1 over the wire, without JavaScript: a sheet is handed in, shown, decided on, and planned."""

from __future__ import annotations

import html
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support import corpus, jobs
from support.pages import Client, Markup, PageServer, site_with

import batch_editor
from batch_editor.model import RunState
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings
from batch_editor.web.site import Site

FILES = Path(__file__).parent.parent / "files"
CLUE = "1591005521987921928"
HEAD = "线索ID,备注"


class Walk:
    """A person who walks through step 1."""

    def __init__(self, client: Client, settings: Settings, site: Site) -> None:
        self.client = client
        self.settings = settings
        self.site = site

    def hand_in(self, content: bytes | str, name: str = "客户.csv") -> str:
        """The address of the sheet that was handed in."""
        data = content.encode() if isinstance(content, str) else content
        answer = self.client.submit("/sheets", files={"file": (name, data)})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def paste(self, text: str) -> str:
        answer = self.client.submit("/sheets", files={"text": (None, text.encode())})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert Markup(answer.text).faults == []
        return answer.text

    def form(self, path: str) -> dict[str, Any]:
        """The fields of the form at ``path`` as a browser would send them."""
        text = self.page(path)
        part = text[text.index(f'action="{path.partition("?")[0]}/plan"') :]
        part = part[: part.index("</form>")]
        values = {}
        for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', part, re.DOTALL):
            chosen = re.search(r'<option value="([^"]*)" selected>', options) or re.search(r'<option value="([^"]*)"', options)
            values[name] = html.unescape(chosen[1]) if chosen else ""
        for tag in re.findall(r"<input [^>]*>", part):
            parts = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
            if parts.get("type") == "hidden" or " checked" in tag:
                values[parts["name"]] = html.unescape(parts.get("value", ""))
        values.pop("csrf_token", None)
        return values

    def read(self, path: str, **changed: Any) -> str:
        """Sends the form as it stands but for what is ``changed``; the address to which that led in the end."""
        path = path.partition("?")[0]
        return self.follow(self.client.submit(f"{path}/plan", self.form(path) | changed).headers["location"])

    def follow(self, place: str) -> str:
        """The address to which the page of reading leads in the end."""
        while place.endswith("/reading"):
            answer = self.client.get(place)
            if answer.status_code == 200:
                assert answer.headers["refresh"] == f"1; url={place}"
                time.sleep(0.02)
            else:
                place = answer.headers["location"]
        return place

    def rows(self, place: str) -> list[Any]:
        with batch_editor.open_run(place.split("/")[2], self.settings) as prepared:
            return list(prepared.rows().rows)

    def run(self, place: str) -> Any:
        return batch_editor.get_run(place.split("/")[2], self.settings)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def walk(place: Path) -> Iterator[Walk]:
    """One server for all of these tests: to start a process that reads takes a while."""
    settings = jobs.settings(place, lang="en", web={"max_upload": "1MB"})
    site = site_with(settings)
    with PageServer(site) as server, server.client() as client:
        yield Walk(client, settings, site)


def test_a_good_sheet_goes_on_to_the_review_and_a_bad_one_to_be_mended(walk: Walk) -> None:
    sheet = walk.hand_in(f"{HEAD}\n{CLUE},甲\n", "三月 <b>客户</b>.csv")
    page = walk.page(sheet)
    assert "三月 &lt;b&gt;客户&lt;/b&gt;.csv" in page and CLUE in page
    end = walk.read(sheet)
    assert end.endswith("/review")
    run = walk.run(end)
    assert run.state is RunState.PLANNED and run.title == "三月 <b>客户</b>.csv" and run.planned_by
    assert walk.client.get(f"{sheet}/reading").headers["location"] == end
    assert f"/runs/{run.name}" in walk.page(sheet)
    assert walk.read(walk.hand_in(f"{HEAD}\nnone,甲\n{CLUE},乙\n")).endswith("/mend")


def test_what_the_address_names_is_shown_again_and_each_sheet_of_a_workbook_can_be_chosen(walk: Walk, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    for title in ("一月", "<script>"):
        page = book.create_sheet(title)
        page.append(["名单"])
        page.append(["线索ID", "备注"])
        page.append([CLUE, title])
    buffer = io.BytesIO()
    book.save(buffer)
    sheet = walk.hand_in(buffer.getvalue(), "book.xlsx")
    assert "✓ <bdi>一月</bdi>" in walk.page(sheet)
    other = f"{sheet}?sheet=%3Cscript%3E&heading_row=2"
    assert "✓ <bdi>&lt;script&gt;</bdi>" in walk.page(other) == walk.page(other)
    end = walk.follow(walk.client.submit(f"{sheet}/plan", walk.form(other)).headers["location"])
    assert walk.run(end).sheet == "<script>"
    wrong = walk.page(f"{sheet}?sheet=none")
    assert "There is no sheet" in wrong


def test_an_unknown_heading_is_mapped_left_out_or_asked_for_again_with_nothing_lost(walk: Walk) -> None:
    sheet = walk.hand_in(f"线索ID,备注2,随便,,性别\n{CLUE},甲,x,a@example.com,男\n")
    form = walk.form(sheet)
    assert form["field-1"] == form["field-2"] == "" and form["field-3"] == "ignore"
    assert walk.read(sheet, **{"field-1": "remark", "use-4": "context"}) == sheet
    form = walk.form(sheet)
    assert (form["field-1"], form["use-4"], form["field-2"]) == ("remark", "context", "")
    assert 'aria-invalid="true"' in walk.page(sheet)
    end = walk.read(sheet, **{"field-2": "ignore", "field-3": "email"})
    assert end == sheet and "whether it changes the CRM" in walk.page(sheet), "nobody has said what the column does"
    assert walk.form(sheet)["use-3"] == "edits"
    end = walk.read(sheet)
    (row,) = walk.rows(end)
    assert row.fields == ("remark", "email")


def test_two_columns_of_one_field_are_told_and_one_of_them_counts(walk: Walk) -> None:
    sheet = walk.hand_in(f"线索ID,备注,描述\n{CLUE},甲,乙\n")
    assert "Column B stands for the same field" in walk.page(sheet)
    (row,) = walk.rows(walk.read(sheet, **{"field-1": "ignore", "field-2": "remark"}))
    assert row.fields == ("remark",) and row.cells == (CLUE, "甲", "乙")


@pytest.mark.parametrize(
    ("heading", "value", "question", "answer", "fields", "tags"),
    [
        ("跟进人ID", "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q", "owner", "edits", ("follow_user_id",), None),
        ("线索池ID", "1591005280874161218", "pool", "edits", ("clue_pool_id",), None),
        ("标签", "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q", "tags", "add", ("label",), "add"),
        ("标签", "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q", "tags", "replace", ("label",), None),
        ("标签", "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q", "tags", "context", (), None),
    ],
)
def test_owner_pool_and_tags_are_asked_for(
    walk: Walk, heading: str, value: str, question: str, answer: str, fields: tuple[str, ...], tags: str | None
) -> None:
    sheet = walk.hand_in(f"线索ID,备注,{heading}\n{CLUE},甲,{value}\n")
    assert walk.read(sheet) == sheet, "nothing is planned before it is answered"
    assert f"ask-{question}" in walk.page(sheet)
    end = walk.read(sheet, **{f"ask-{question}": answer})
    (row,) = walk.rows(end)
    assert row.fields == ("remark", *fields)
    assert walk.run(end).options["tags"] == tags


def test_what_the_settings_say_is_the_default(walk: Walk, tmp_path: Path) -> None:
    settings = jobs.settings(tmp_path, context_columns=["follow_user_id"], ignore_columns=["随便"], columns={"说法": "remark"})
    with PageServer(site_with(settings)) as server, server.client() as client:
        other = Walk(client, settings, walk.site)
        sheet = other.hand_in(f"线索ID,说法,随便,跟进人ID\n{CLUE},甲,x,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q\n")
        form = other.form(sheet)
        assert (form["field-1"], form["field-2"], form["ask-owner"]) == ("remark", "ignore", "context")
        (row,) = other.rows(other.read(sheet))
        assert row.fields == ("remark",)


def test_what_is_kept_for_headings_is_offered_and_never_used_by_itself(walk: Walk) -> None:
    heads = "线索ID,客户说法,旧跟进"
    first = walk.hand_in(f"{heads}\n{CLUE},甲,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q\n")
    chosen = {"field-1": "remark", "field-2": "follow_user_id"}
    assert walk.read(first, keep="yes", **chosen) == first
    assert walk.read(first, keep="yes", **{"ask-owner": "context"}).endswith("/review")
    same = walk.hand_in(f"旧跟进,客户说法,线索ID\nwovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,乙,{CLUE}\n")
    assert walk.form(same)["field-1"] == "", "it is offered alone"
    assert "choices were kept" in walk.page(same)
    used = walk.form(f"{same}?kept=yes")
    assert (used["field-0"], used["field-1"], used["ask-owner"]) == ("follow_user_id", "remark", "context")
    assert walk.client.submit(f"{same}/plan", used).headers["location"].endswith("/reading")
    assert "choices were kept" not in walk.page(walk.hand_in(f"{heads},别的\n{CLUE},甲,x,y\n"))
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', walk.page(first))
    assert digest and walk.client.submit(f"{first}/forget", {"digest": digest[1]}).status_code == 303
    assert "choices were kept" not in walk.page(first)


def test_a_results_sheet_is_never_taken_for_a_new_one_by_itself(walk: Walk) -> None:
    end = walk.read(walk.hand_in(f"{HEAD}\nnone,甲\n{CLUE},乙\n"))
    run = walk.run(end).name
    lines = [f"{HEAD},result_status,result_message,result_run,result_row"]
    lines += [f"none,甲,invalid,<b>no id</b>,{run},2", f"{CLUE},乙,not_sent,,{run},3"]
    sheet = walk.hand_in("\n".join(lines) + "\n")
    page = walk.page(sheet)
    assert "results sheet of an earlier run" in page and "&lt;b&gt;no id&lt;/b&gt;" in page
    assert walk.form(sheet)["earlier"] == "failed"
    assert walk.run(walk.read(sheet)).options["only_failed"] is True
    assert walk.run(walk.read(sheet, earlier="all")).options["only_failed"] is False


def test_hidden_rows_are_left_out_if_somebody_says_so(walk: Walk) -> None:
    sheet = walk.hand_in((FILES / "clues_hidden_rows.xlsx").read_bytes(), "a.xlsx")
    assert (
        walk.read(sheet, visible_only="yes") and walk.run(walk.read(sheet, visible_only="yes")).options["visible_only"] is True
    )


def test_rows_from_the_clipboard_are_what_was_seen(walk: Walk) -> None:
    sheet = walk.paste(f'线索ID\t备注\t邮箱\r\n{CLUE}\t"一\r\n二 ""三"""\t\r\n{CLUE}\t"好的"\ta@example.com\r\n')
    first, second = walk.rows(walk.read(sheet))
    assert first.cells == (CLUE, '一\n二 "三"') and second.cells == (CLUE, '"好的"', "a@example.com")
    ruined = walk.paste("线索ID\t备注\n1.59101E+18\t甲\n")
    assert "1.23457E+18" in walk.page(ruined)
    assert walk.read(ruined).endswith("/mend")


@pytest.mark.parametrize("name", [name for name in corpus.REFUSED if not name.endswith((".xls", ".xlsb", ".ods"))])
def test_what_the_command_line_refuses_is_refused_in_the_same_words(walk: Walk, name: str) -> None:
    page = walk.page(walk.hand_in((FILES / name).read_bytes(), name))
    key = corpus.REFUSED[name]
    assert str(walk.settings.state_dir) not in page and "--" not in re.sub(r"<!--.*?-->", "", html.unescape(page)).replace(
        "--csrf", ""
    )
    if key.startswith(("file.", "csv.", "xlsx.", "foreign.")):
        assert html.unescape(page).count(name) >= 2, "the file is called as its person calls it"


@pytest.mark.parametrize(
    "name", ["x" * 300, "ohne Endung", "\u202egpj.xlsx", "../../etc/passwd", "a\\b\\c.csv", ".csv", "<img src=x>.csv"]
)
def test_a_name_of_any_kind_is_text_and_names_nothing(walk: Walk, name: str) -> None:
    sheet = walk.hand_in(f"{HEAD}\n{CLUE},甲\n", name)
    assert walk.read(sheet).endswith("/review")
    names = {path.name for path in (walk.settings.state_dir / "uploads").rglob("*")}
    assert all(re.fullmatch(r"[0-9a-f]{32}|record\.json|(~\$)?sheet(\.[a-z0-9]{1,8})?", known) for known in names)
    assert "\u202e" not in walk.page(sheet) and "<img" not in walk.page(sheet)


def test_a_sheet_that_nobody_knows_is_no_page(walk: Walk) -> None:
    for path in ("/sheets/none", f"/sheets/{'0' * 32}", f"/sheets/{'0' * 32}/reading", "/sheets/../record.json"):
        assert walk.client.get(path).status_code in (400, 404)


def test_the_template_is_handed_out(walk: Walk) -> None:
    answer = walk.client.get("/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert "线索ID" in str(book.worksheets[0]["A1"].value) and "attachment" in answer.headers["content-disposition"]


def test_thousands_of_unknown_columns_stay_readable_and_can_be_left_out_together(walk: Walk) -> None:
    headings = ["线索ID", "备注", *(f"未知列{number}" for number in range(900))]
    sheet = walk.hand_in(",".join(headings) + f"\n{CLUE},甲{',x' * 900}\n")
    page = walk.page(sheet)
    assert len(page) < 1_000_000 and page.count("<select") <= 600
    unknown = {f"field-{number}": "ignore" for number in range(2, 300)}
    (row,) = walk.rows(walk.read(sheet, rest="yes", **unknown))
    assert row.fields == ("remark",)


def test_the_choices_outlive_the_server(walk: Walk) -> None:
    sheet = walk.hand_in(f"线索ID,说法,别的\n{CLUE},甲,x\n")
    walk.read(sheet, **{"field-1": "remark"})
    with PageServer(site_with(walk.settings)) as server, server.client() as client:
        assert Walk(client, walk.settings, walk.site).form(sheet)["field-1"] == "remark"


@pytest.mark.parametrize("name", sorted(name for name, key in corpus.REFUSED.items() if key.startswith("csv.")))
def test_whatever_form_of_a_text_file_a_message_suggests_can_be_chosen(walk: Walk, name: str) -> None:
    page = walk.page(walk.hand_in((FILES / name).read_bytes(), name))
    said = " ".join(Markup(page).texts)
    suggested = [
        *re.findall(r"(\w[\w-]*) \([^)]*\)(?:,|\. Name the encoding)", said),
        *re.findall(r"letters and signs \((.*?)\)", said),
    ]
    assert {*suggested} <= {*re.findall(r'<option value="([^"]+)"', page)}
    assert "that sign with" not in said, "no sign can be typed there"


def test_the_results_of_a_sheet_come_in_again_with_what_was_chosen_for_it(tmp_path: Path) -> None:
    with Sandbox([{"clue_id": int(CLUE), "clue_name": "王"}], access_token=jobs.TOKEN) as crm:
        settings = jobs.settings(tmp_path, crm.url, lang="en", compare_columns=[])
        with PageServer(site_with(settings)) as server, server.client() as client:
            walk = Walk(client, settings, site_with(settings))
            sheet = walk.hand_in(f"线索ID,线索名称,说法,标签\n{CLUE},王,甲,etvvCXcAAAZHYVzWCdeC\n{CLUE[:-1]}9,李,乙,\n")
            chosen = {"use-1": "context", "field-2": "remark", "use-2": "edits", "ask-tags": "add"}
            run = walk.read(sheet, **chosen).split("/")[2]
            with batch_editor.open_run(run, settings) as prepared:
                batch_editor.send(prepared, confirmed=prepared.digest())
            results = walk.hand_in(client.get(f"/runs/{run}/results.xlsx").content, "results.xlsx")
            assert "in that run is filled in below" in walk.page(results)
            form = walk.form(results)
            assert {name: form[name] for name in chosen} == chosen
            again = walk.read(results, earlier="failed")
            updated, other = walk.rows(again)
            assert (updated.status, other.status) == ("updated", "pending")
            assert "the choices of step 1" not in client.get(again, follow_redirects=True).text
            changed = walk.read(
                walk.hand_in(client.get(f"/runs/{run}/results.xlsx").content, "r.xlsx"),
                **chosen | {"use-1": "edits"},
                earlier="failed",
            )
            assert "the choices of step 1 are other ones" in walk.client.get(changed, follow_redirects=True).text
