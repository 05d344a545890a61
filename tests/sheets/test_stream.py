"""How the XML of a workbook is read: wherever its parts are, however its rows are written, and no further than it must."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

import pytest
from files import make
from hypothesis import given
from hypothesis import strategies as st
from support.workbooks import SHEETS, cells_of, refusal, rows_in, rows_of, shared, written

from batch_editor.cell_values import CellError, Row, Uncomputed
from batch_editor.sheets import markup, read_file, stream, strings, styles, workbook

XLSX = sorted(path for path in SHEETS.glob("xls[xm]_*") if path.name not in ("xlsx_truncated.xlsx", "xlsx_encrypted.xlsx"))


@pytest.mark.parametrize("name", ["xlsx_parts_elsewhere.xlsx", "xlsx_backslashes.xlsx"])
def test_parts_are_found_by_their_relations_whatever_their_names_case_and_slashes(name: str) -> None:
    assert cells_of(SHEETS / name) == ("clue_id", datetime(1990, 5, 1))


def test_hidden_rows_are_read_and_say_so() -> None:
    assert [(row.number, row.hidden) for row in rows_of(SHEETS / "xlsx_hidden_rows.xlsx")] == [
        (1, False),
        (2, True),
        (3, False),
        (4, True),
    ]


def test_what_hides_the_rows_that_are_not_there_hides_none_that_is() -> None:
    """That is what "hide all rows below the data" is saved as: Excel, LibreOffice and xlsxwriter show each row of the file."""
    assert [row.hidden for row in rows_of(SHEETS / "xlsx_hidden_by_default.xlsx")] == [False, False]


def test_a_strict_workbook_writes_its_dates_as_texts() -> None:
    assert cells_of(SHEETS / "xlsx_strict_dates.xlsx") == (
        datetime(1990, 5, 1),
        datetime(1990, 5, 1, 12, 30, 0, 250_000),
        time(6),
        time(6),
        datetime(1990, 5, 1),
    )


def test_sheets_of_charts_dialogs_and_macros_are_no_sheets(tmp_path: Path) -> None:
    parts = make.parts_of(*[make.sheet("")] * 5, names=("a", "b", "c", "d", "e"))
    relations = parts["xl/_rels/workbook.xml.rels"]
    for number, kind in (
        (1, f"{make.OFFICE}/chartsheet"),
        (2, f"{make.OFFICE}/dialogsheet"),
        (4, "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"),
    ):
        relations = relations.replace(f'Id="rId{number}" Type="{make.OFFICE}/worksheet"', f'Id="rId{number}" Type="{kind}"')
    make.pack(tmp_path / "kinds.xlsx", parts | {"xl/_rels/workbook.xml.rels": relations})
    assert [sheet.name for sheet in read_file(tmp_path / "kinds.xlsx")] == ["c", "e"]


def test_the_sheets_are_not_read_before_their_rows_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    good = make.sheet('<row r="1"><c r="A1"><v>1</v></c></row>')
    make.pack(path, make.parts_of("<worksheet", good))
    _, sound = read_file(path)
    assert rows_in(sound) == rows_in(sound) == [(1, (1,))]


def test_of_the_shared_texts_only_those_before_the_last_one_asked_for_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The headings of a large workbook are found in no time."""
    monkeypatch.setattr(markup, "_PIECE", 64)
    sizes = []
    ends = "".join(f"<si><t>text {number}</t></si>" for number in range(1000))
    content = f'<sst xmlns="{markup.MAIN[0]}">{ends}</sst>'.encode()

    class Source:
        place = 0

        def read(self, size: int) -> bytes:
            self.place += size
            sizes.append(size)
            return content[self.place - size : self.place]

    texts = strings.SharedTexts(Source())  # type: ignore[arg-type]
    assert (texts["3"], texts["1"], texts[" 2 "], texts[""]) == ("text 3", "text 1", "text 2", "")
    assert sum(sizes) < 400
    texts.drain()
    assert texts["999"] == "text 999"
    for number in ("1000", "-1", "x", "１"):
        with pytest.raises((IndexError, ValueError)):
            texts[number]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="<&\ufffe\uffff_"))))
def test_shared_texts_come_back_from_a_file_as_from_memory(items: list[str]) -> None:
    content = f'<sst xmlns="{markup.MAIN[1]}">' + "".join(f"<si><t>{item}</t></si>" for item in items) + "</sst>"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markup, "_PIECE", 50)
        patch.setattr(strings, "_IN_MEMORY", 20)
        patch.setattr(strings, "_READY", 2)
        patch.setattr(strings, "_READY_LENGTH", 3)
        texts = strings.SharedTexts(make.io.BytesIO(content.encode()))
        texts.drain()
        assert len(texts) < 10  # and not all of them
        assert [texts[str(place)] for place in range(len(items))] == items
        assert [texts[str(place)] for place in reversed(range(len(items)))] == items[::-1]
        texts.close()


def test_a_text_is_its_runs_without_how_they_are_spoken(tmp_path: Path) -> None:
    spoken = '<rPh sb="0" eb="1"><t>no</t></rPh><phoneticPr fontId="1"/>'
    items = (f"\n<t>上</t>\n{spoken}", f"<r>\n<rPr><b/></rPr><t> 海</t></r>{spoken}\n<r><t>市 </t></r>", "<t/>", "")
    cells = "".join(f'<c t="s"><v>{place}</v></c><c t="inlineStr"><is>{item}</is></c>' for place, item in enumerate(items))
    path = written(tmp_path, f"<row>{cells}<c><v>1</v></c></row>", parts={"xl/sharedStrings.xml": shared(*items)})
    assert cells_of(path) == ("上", "上", " 海市 ", " 海市 ", *[None] * 4, 1)


@pytest.mark.parametrize(
    "content",
    [
        "<si><t>a</t></si><t>b</t><si/>",
        "<si><si><t>a</t></si></si>",
        "<si><t>a<t>b</t></t></si>",
        "<si><t>a<foo/></t></si>",
        "<si><r><r><t>a</t></r></r></si>",
    ],
)
def test_shared_texts_that_are_out_of_place_are_not_read_as_something_else(content: str, tmp_path: Path) -> None:
    part = f'<sst xmlns="{make.MAIN}">{content}</sst>'
    path = written(tmp_path, '<row><c t="s"><v>0</v></c></row>', parts={"xl/sharedStrings.xml": part})
    assert refusal(path).message.key == "xlsx.damaged"


def test_a_text_is_whole_whatever_it_is_made_of(tmp_path: Path) -> None:
    long = "长" * 40_000
    text = f"a&amp;b<![CDATA[<c>&]]>&#x1F600;<!-- no --><?no no?>\n{long}_x000D_ _x005F_x000D_"
    shown = f"a&b<c>&😀\n{long}\r _x000D_"
    path = written(
        tmp_path,
        f'<row><c t="s"><v>0</v></c><c t="str"><v>{text}</v></c><c t="inlineStr"><is><t>{text}</t></is></c></row>',
        parts={"xl/sharedStrings.xml": shared(f"<t>{text}</t>")},
    )
    assert cells_of(path) == (shown,) * 3


def test_blank_cells_hold_nothing_and_all_others_what_they_say(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '<row><c/><c s="1"/><c><v/></c><c t="s"><v></v></c><c t="str"><v></v></c><c t="inlineStr"/><c t="inlineStr"><is/></c>'
        '<c t="b"><v> 1 </v></c><c t="b"><v>false</v></c><c t="e"><v>#REF!</v></c><c t="inlineStr"><v>x</v></c>'
        '<c t="str"><v> </v></c><c t="b"/></row>',
    )
    assert cells_of(path) == (*[None] * 7, True, False, CellError("#REF!"), "x", " ")


def test_formulas_of_every_kind(tmp_path: Path) -> None:
    none = Uncomputed()
    path = written(
        tmp_path,
        '<row><c><f>1</f><v>2</v></c><c><f>1</f></c><c><f>1</f><v/></c><c t="str"><f>1</f><v/></c><c t="str"><f>1</f></c>'
        '<c><f t="array" ref="F1">1</f><v>3</v></c><c><f t="shared" si="0"/></c><c t="e"><f>1</f><v>#N/A</v></c>'
        '<c t="e"><f>1</f><v/></c><c t="b"><f>1</f><v>0</v></c><c><v>4</v><f>1</f></c><c t="s"><f>1</f><v/></c></row>',
    )
    assert cells_of(path) == (2, none, none, None, none, 3, none, CellError("#N/A"), none, False, 4, none)


def test_rows_and_cells_may_lack_their_addresses_or_be_far_apart(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '<row><c><v>1</v></c></row><row r="5"><c><v>2</v></c><c r="D5"><v>3</v></c><c><v>4</v></c><c r="AA5"><v>5</v></c></row>'
        '<row><c r="b6"><v>6</v></c><c r="XFD6"/></row><row r="1048576"><c r="XFC1048576"><v>7</v></c><c><v>8</v></c></row>',
    )
    first, fifth, sixth, last = rows_of(path)
    assert first == Row(1, (1,))
    assert fifth == Row(5, (2, None, None, 3, 4, *[None] * 21, 5))
    assert sixth == Row(6, (None, 6))
    assert (last.number, len(last.cells), last.cells[-2:]) == (1_048_576, 16_384, (7, 8))


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"/><row r="2"/>',
        '<row r="0"/>',
        '<row r="-1"/>',
        '<row r="1_0"/>',
        '<row r="1048577"/>',
        '<row r="1048576"/><row/>',
        '<row><c r="A1"/><c r="A1"/></row>',
        '<row><c r="B1"/><c r="A1"/></row>',
        '<row><c r="A2"/></row>',  # the cell of another row
        '<row><c r="XFE1"/></row>',
        '<row><c r="XFD1"/><c/></row>',
        '<row><c r="1A"/></row>',
        '<row><c r="A"/></row>',
        '<row><c r=""/></row>',
        "<row><row/></row>",
        "<row><c><c/></c></row>",
        "<row><c><row/></c></row>",
        "<row><c><v>1<v>2</v></v></c></row>",
        "<row><c><v>1</v><v>2</v></c></row>",
        '<row><c t="inlineStr"><is><t>1</t></is><is><t>2</t></is></c></row>',
        "<row><c><v><f/></v></c></row>",
        "<row><c><v><foo/></v></c></row><row/>",
        "<row><c><v>1<extLst/></v></c></row>",
        "<row><v>1</v></row>",
        "<row><f>1</f></row>",
        "<c><v>1</v></c>",
        "<row/><c><v>1</v></c>",
        '<row><c t="inlineStr"><is><t>1<t/></t></is></c></row>',
        '<row><c t="unknown"><v>1</v></c></row>',
        '<row><c t="b"><v>2</v></c></row>',
        '<row><c t="s"><v>0</v></c></row>',
        '<row><c t="s"><v>-1</v></c></row>',
        '<row xmlns:y="urn:y"><y:c r="A1"/></row>',
        "</sheetData><sheetData><row/>",
        "</sheetData><foo/><sheetData><row/>",
    ],
)
def test_what_is_out_of_place_is_not_read_as_something_else(rows: str, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, rows)).message.key == "xlsx.damaged"


@pytest.mark.parametrize(
    "content",
    [
        "<worksheet><sheetData/></worksheet>",  # without a namespace
        f'<chartsheet xmlns="{make.MAIN}"><sheetData/></chartsheet>',
        f'<worksheet xmlns="{make.MAIN}"/>',
        f'<worksheet xmlns="{make.MAIN}"><other><sheetData/></other></worksheet>',
        f'<worksheet xmlns="{make.MAIN}"><sheetData/></worksheet><more/>',
    ],
)
def test_a_part_that_is_no_worksheet_is_not_taken_for_an_empty_one(content: str, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, "", parts={"xl/worksheets/sheet1.xml": content})).message.key == "xlsx.damaged"


def test_what_is_not_known_is_left_out_with_all_that_it_holds(tmp_path: Path) -> None:
    ext = '<extLst><ext uri="x"><row/><c><v>9</v></c><v>9</v></ext></extLst>'
    path = written(
        tmp_path,
        f"<row>\n<c>\n<v>1</v>\n{ext}</c>{ext}\n<c><is><t>9</t></is><v>2</v></c></row>{ext}"
        '<row><c t="str">\n<v>3</v>\n</c></row>',
        before=f'{ext}<cols><col min="1" max="2"/></cols>',
    )
    assert rows_of(path) == [Row(1, (1, 2)), Row(2, ("3",))]


@pytest.mark.parametrize("path", XLSX, ids=lambda path: path.name)
def test_how_the_xml_is_cut_into_pieces_does_not_matter(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> object:
        try:
            return [[(row, row.hidden) for row in sheet.rows()] for sheet in workbook.read_workbook(path)]
        except workbook.SheetError as error:
            return error.message.key

    whole = found()
    for size in (1, 7, 64):
        monkeypatch.setattr(markup, "_PIECE", size)
        assert found() == whole


LINES = st.lists(
    st.sampled_from(
        [
            "<c><v>1</v></c>",
            '<c t="s"><v>0</v></c>',
            '<c t="s"><v>1</v></c>',
            '<c s="1"><v>2.5</v></c>',
            '<c t="str"><v> x </v></c>',
            '<c t="n"><v>-7</v></c>',
            '<c t="e"><v>#N/A</v></c>',
            '<c t="b"><v>1</v></c>',
            '<c t="d"><v>1990-05-01</v></c>',
            '<c t="inlineStr"><v>i</v></c>',
        ]
    ),
    max_size=8,
)


@given(LINES)
def test_a_row_of_values_alone_is_read_as_one_with_other_things_between(cells: list[str]) -> None:
    """Rows that hold nothing but values take a way of their own, the fast one."""
    formats = styles.Formats(styles.moments([0, 1], {0: "General", 1: "h:mm"}, from_1904=False))

    def read(between: str) -> list[Row]:
        row = f"<row>{between.join(['', *cells, ''])}</row>"
        content = f'<worksheet xmlns="{make.MAIN}"><sheetData>{row}{between}</sheetData></worksheet>'.encode()
        texts = strings.SharedTexts(make.io.BytesIO(shared("<t>zero</t>", "<t/>").encode()))
        found = stream.read_rows(make.io.BytesIO(content), texts, formats)
        return list(found)

    assert read("") == read("\n") == read("<extLst/>")
