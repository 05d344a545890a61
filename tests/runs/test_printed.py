"""What Python prints of a report, a preview and a prepared run: ten lines at most, in both languages, in which nothing acts."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support import jobs
from support.crm import Crm, envelope, scripted

from batch_editor import Lang, Preview, Report, Settings, Stop, check, plan, run
from batch_editor.messages.visible import visible_lines

pytestmark = pytest.mark.usefixtures("results_as_csv")

SHEET = "clue_id,remark,email,label\n11,a,a@b.cn,et1-tag-of-the-tests\n12,#CLEAR,,\nbad,c,,\n13,d,,\n14,,,\n11,e,,\n"
LANGUAGES: tuple[Lang, ...] = ("en", "zh")


@pytest.fixture
def crm() -> Iterator[Crm]:
    with Crm(scripted({13: [envelope(7, "不行")]})) as serving:
        yield serving


@pytest.fixture(params=LANGUAGES)
def given(request: pytest.FixtureRequest, tmp_path: Path, crm: Crm) -> Settings:
    return jobs.settings(tmp_path, crm.url, lang=request.param)


class Cells(HTMLParser):
    """The texts of the cells of a table, and the tags around them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts = list[str]()
        self.tags = set[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_a_report_is_a_table_of_ten_lines(tmp_path: Path, given: Settings) -> None:
    report = run(jobs.text_file(tmp_path / "edits.csv", SHEET), given)
    printed = str(report).splitlines()
    assert len(printed) <= 10
    values = "\n".join(printed)
    assert str(report.run) in printed[0] and str(tmp_path / "edits.csv") in printed[1]
    expected = {
        "en": ["Rows      6 (updated 3, skipped 1, invalid 1, rejected 1)", "done, but not every row is well", "Why       1 ×"],
        "zh": ["行数    6（已更新 3，跳过 1，内容有误 1，被拒绝 1）", "已完成，但并非每一行都正常", "原因    1 行："],
    }
    for text in (*expected[report.lang], "不行", "A4", str(report.results), f'run("{report.results}", only_failed=True)'):
        assert text in values
    assert repr(report) == f"<Report run={report.run!r} exit_code=1 {report.counts}>"


def test_a_run_that_stopped_says_why_and_how_it_is_gone_on_with(tmp_path: Path, given: Settings) -> None:
    stop = Stop()
    stop.ask()
    report = run(jobs.sheet(tmp_path, [11, 12]), given, stop=stop)
    reason = {"en": "stopped early. Stopped on request.", "zh": "提前停止。已按要求停止。"}[report.lang]
    assert reason in str(report) and f'resume("{report.run}")' in str(report)


def test_a_check_and_a_preview_say_what_would_be_sent(tmp_path: Path, given: Settings) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", SHEET)
    checked = check(edits, given)
    assert {"en": "Rows      6 (skipped 1, invalid 1, to be sent 4)", "zh": "行数  6（跳过 1，内容有误 1，待发送 4）"}[
        checked.lang
    ] in str(checked)
    previews = list[Preview]()
    run(edits, given, confirm=lambda preview: bool(previews.append(preview)) or True)
    with plan(edits, given) as prepared:
        for shown in (previews[0], prepared):
            printed = str(shown)
            assert len(printed.splitlines()) <= 10
            dangers = {
                "en": "CLEARS 1 cell; REPLACES ALL TAGS of a clue in 1 row; 4 rows that cannot be undone",
                "zh": "将清空 1 项；将整体替换线索的标签：1 行；4 行无法撤销",
            }[checked.lang]
            assert dangers in printed and "remark" in printed
        assert str(prepared).splitlines()[0].endswith(prepared.name)
        assert "send(prepared, confirmed=prepared.digest())" in str(prepared)
        assert prepared.name in repr(prepared) and repr(previews[0]) == "<Preview rows=6 calls=4>"


def test_notes_take_the_room_that_is_there(tmp_path: Path, given: Settings) -> None:
    text = "clue_id,remark,mf_a,手机号,创建时间,\n11,a,x,1,2,z\n11,b,x,1,2,\n12,NA,,,,\n13,#N/A,,,,\n14,(无),,,,\nbad,b,,,,\n"
    report = check(jobs.text_file(tmp_path / "edits.csv", text), given)
    printed = str(report).splitlines()
    room = 10 - 6
    assert len(report.notes) > room and len(printed) == 10
    more = {"en": f"Note      {len(report.notes) - room + 1} more", "zh": f"提示  另有 {len(report.notes) - room + 1} 条"}
    assert printed[-1] == more[report.lang]


HOSTILE = "<script>alert(1)</script> & $x$ \x1b[2J\u202e"


def test_nothing_that_comes_from_a_sheet_or_the_crm_acts(tmp_path: Path) -> None:
    name = "<b>e&dits.csv"
    text = f'clue_id,remark\n11,a\n"{HOSTILE}",b\n'
    with Crm(scripted({11: [envelope(7, HOSTILE)]})) as crm:
        given = jobs.settings(tmp_path, crm.url)
        report = run(jobs.text_file(tmp_path / name, text), given)
        with plan(tmp_path / name, given) as prepared:
            shown: list[Report | Preview | object] = [report, report.preview, prepared]
            for one in shown:
                page = one._repr_html_()  # type: ignore[union-attr,attr-defined]
                cells = Cells(page)
                assert cells.tags == {"table", "tr", "th", "td"}
                assert page.startswith('<table class="tex2jax_ignore mathjax_ignore">'), "no formula is made of $x$"
                told = [part for line in str(one).splitlines() for part in line.split("  ") if part.strip()]
                assert "".join(cells.texts).replace(" ", "") == "".join(told).replace(" ", "")
                assert visible_lines(str(one)) == str(one) and "\x1b" not in page
            assert "<script>" in str(report) and name in str(report)
