"""The kinds of cells that show something else than they hold, as sheets of which ``files/make.py`` writes one in each format.

An .ods holds the text that is shown beside each value, so that nothing of it is uncertain there: ``ods`` says where that makes
a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from xml.sax.saxutils import escape, quoteattr

from files import make

from batch_editor.cell_values import CellError

from .foreign import STYLES, Formula, Page, Styled, bare, number_of, style_of, styled

FORMATS = ("xlsx", "xls", "xlsb", "ods")
_BOOK = "xl/workbook.xml"


@dataclass(frozen=True)
class Kind:
    """One sheet: what the rows below its headings ask for, by their numbers, and the keys of the notes."""

    page: Page
    asked: Mapping[int, str]
    notes: tuple[str, ...] = ()
    ods: Mapping[int, str] = field(default_factory=dict)
    ods_notes: tuple[str, ...] | None = None

    def asked_in(self, suffix: str) -> dict[int, str]:
        return {**self.asked, **(self.ods if suffix == "ods" else {})}

    def notes_in(self, suffix: str) -> tuple[str, ...]:
        return self.ods_notes if suffix == "ods" and self.ods_notes is not None else self.notes


def _page(headings: str, *rows: list[object], from_1904: bool = False) -> Page:
    """A sheet with these headings; each row is that of the next clue, whose id stands before its cells."""
    cells: dict[int, dict[int, object]] = {1: dict(enumerate(["线索ID", *headings.split()]))}
    for number, row in enumerate(rows, 2):
        filled = [f"{make.CLUE}{26 + number}", *row]
        cells[number] = {column: value for column, value in enumerate(filled) if value is not None}
    return Page(cells, from_1904=from_1904)


_DAY, _BORN = datetime(2026, 12, 1), datetime(1990, 5, 1)
_ACCOUNTING = '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ '

KINDS: dict[str, Kind] = {
    "numbers": Kind(
        _page(
            "备注 工单ID",
            [Styled(430, "00000", "00430"), Styled(430, "00000", "00430")],
            [Styled(0.5, "0%", "50%")],
            [Styled(1234.5, "#,##0.00", "1,234.50")],
            [0.1 + 0.2],
            [Styled(500, '0"元"', "500元")],
            [Styled(13800138000, "0.00E+00", "1.38E+10")],
            [None, Styled(1, "0%", "100%")],
            [138001380001],
            [Styled(0, _ACCOUNTING, "-")],
            [Styled(7, "0.0", "7.0"), Styled(7, "0.0", "7.0")],
            [Styled(1200000, "0.0", "1200000.0")],
        ),
        {
            2: "remark=00430 work_id=430",
            3: "remark=50%",
            4: "remark=1,234.50",
            5: "remark=0.3",
            6: "remark=500元",
            7: "B7 cell.number_too_long",
            8: "C8 cell.shown_otherwise",
            9: "remark=138001380001",
            10: "remark=-",
            11: "remark=7.0 work_id=7",
            12: "remark=1200000.0",
        },
        ("note.shown_short", "note.blank_words"),
    ),
    "uncertain_formats": Kind(
        _page(
            "备注",
            [Styled(5, "[DBNum1][$-804]General", "五")],
            [Styled(5, "[DBNum2][$-804]0", "伍")],
            [Styled(_DAY, '[DBNum1][$-804]yyyy"年"m"月"d"日"', "二〇二六年十二月一日")],
            [Styled(0.5, "# ?/?", "1/2")],
            [Styled(5, "0.##", "5")],
            [_DAY],
            [Styled(500, '@"元"', "500")],
            [Styled(datetime(1900, 1, 1, 6), 'd"天"h"小时"', "1天6小时")],
        ),
        {
            **{row: f"B{row} cell.shown_uncertain" for row in (2, 3, 5, 6, 8, 9)},
            4: "remark=2026-12-01",
            7: "remark=2026-12-01",
        },
        ("note.dates_by_country",),
        {
            2: "remark=五",
            3: "remark=伍",
            4: "remark=二〇二六年十二月一日",
            5: "remark=1/2",
            6: "remark=5",
            8: "remark=500",
            9: "remark=1天6小时",
        },
        (),
    ),
    "formats_of_texts": Kind(
        _page(
            "备注 工单ID",
            [Styled("500", '@"元"', "500元")],
            [Styled("秘密", ";;;")],
            [Styled(5, ";;;")],
            [Styled("00123", "@", "00123")],
            [None, Styled(7, ";;;")],
            [Styled("甲", "0;0;0", "甲"), Styled("7", "@", "7")],
        ),
        {2: "remark=500元", 5: "remark=00123", 6: "C6 cell.shown_otherwise", 7: "remark=甲 work_id=7"},
        ("note.hidden_values",),
    ),
    "dates": Kind(
        _page(
            "备注 生日",
            [Styled(_DAY, "yyyy/m/d", "2026/12/1"), Styled(_BORN, 'yyyy"年"m"月"d"日"', "1990年5月1日")],
            [Styled(_DAY, 'yyyy"年"m"月"', "2026年12月")],
            [Styled(timedelta(hours=30), "[h]:mm", "30:00")],
            [Styled(time(9, 5), "h:mm", "9:05")],
            [Styled(time(12), "hh:mm", "12:00")],
            [Styled(_DAY.replace(hour=14, minute=30), "yyyy-mm-dd hh:mm", "2026-12-01 14:30")],
            [None, Styled(_BORN.replace(hour=12), "yyyy-mm-dd", "1990-05-01")],
            [Styled(_DAY, "[$-804]aaaa", "星期二"), Styled(_BORN.replace(year=1991), 'm"月"d"日"', "5月1日")],
        ),
        {
            2: "remark=2026/12/1 birthday=641491200",
            3: "remark=2026年12月",
            4: "remark=30:00",
            5: "remark=9:05",
            6: "remark=12:00",
            7: "remark=2026-12-01 14:30",
            8: "C8 cell.has_time",
            9: "remark=星期二 birthday=673027200",
        },
        ("note.parts_of_dates",),
    ),
    "dates_from_1904": Kind(
        _page(
            "备注 生日",
            [Styled(_DAY, "yyyy/m/d", "2026/12/1"), Styled(_BORN, "yyyy-mm-dd", "1990-05-01")],
            [Styled(timedelta(hours=30), "[h]:mm:ss", "30:00:00")],
            [Styled(time(12), "h:mm", "12:00")],
            from_1904=True,
        ),
        {2: "remark=2026/12/1 birthday=641491200", 3: "remark=30:00:00", 4: "remark=12:00"},
    ),
    "booleans": Kind(
        _page("备注 工单ID 性别 是否加密", [True], [None, False], [None, None, True], [None, None, None, True]),
        {2: "remark=TRUE", 3: "C3 cell.integer", 4: "D4 cell.gender", 5: "E5 cell.flag"},
    ),
    "formulas": Kind(
        _page(
            "备注",
            [Formula("甲")],
            [Formula(3)],
            [Formula(CellError("#REF!"))],
            [Formula("")],
            [Styled(Formula(0.5), "0%", "50%")],
            [Styled(Formula("500"), '@"元"', "500元")],
            [Formula(True)],
        ),
        {
            2: "remark=甲",
            3: "remark=3",
            4: "B4 cell.error",
            6: "remark=50%",
            7: "remark=500元",
            8: "remark=TRUE",
        },
    ),
    "struck_and_white": Kind(
        _page(
            "备注 工单ID",
            ["甲", 1],
            [Styled("乙", struck=True), Styled(2, struck=True)],
            [Styled("丙", struck=True), 3],
            [Styled("丁", white=True), 4],
            [Styled(0.5, "0%", "50%", struck=True)],
        ),
        {
            2: "remark=甲 work_id=1",
            3: "remark=乙 work_id=2",
            4: "remark=丙 work_id=3",
            5: "remark=丁 work_id=4",
            6: "remark=50%",
        },
        ("note.struck", "note.white"),
    ),
    "rich_texts": Kind(
        _page("线索名称 备注", [Styled("王小明", rich=True), Styled("旧 新", rich=True)]), {2: "clue_name=王小明 remark=旧 新"}
    ),
    "signs_of_speech": Kind(_page("线索名称", [Styled("王小明", signs="wang")]), {2: "clue_name=王小明"}),
}


def xlsx_parts(page: Page) -> dict[str, str]:
    """The parts of an .xlsx with this sheet."""
    styles = styled(page)
    lines = ""
    for number, cells in page.rows.items():
        line = "".join(_cell(page, number, column, cell, styles) for column, cell in cells.items())
        lines += f'<row r="{number}">{line}</row>'
    parts = make.parts_of(make.sheet(lines))
    if page.from_1904:
        parts[_BOOK] = parts[_BOOK].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    codes = "".join(
        f"<numFmt numFmtId={quoteattr(str(164 + place))} formatCode={quoteattr(style.code)}/>"
        for place, style in enumerate(styles, 1)
    )
    struck, white = "<strike/>", '<color rgb="FFFFFFFF"/>'
    fonts = "".join(f"<font>{struck * style.struck}{white * style.white}</font>" for style in (Styled(None), *styles))
    used = "".join(f'<xf numFmtId="{number}"/>' for number in STYLES)
    used += "".join(
        f'<xf numFmtId="{164 + place if style.code else 0}" fontId="{place}"/>' for place, style in enumerate(styles, 1)
    )
    parts["xl/styles.xml"] = (
        f'{make.HEAD}<styleSheet xmlns="{make.MAIN}"><numFmts>{codes}</numFmts><fonts>{fonts}</fonts>'
        f"<fills><fill><patternFill/></fill></fills><cellXfs>{used}</cellXfs></styleSheet>"
    )
    return parts


def _cell(page: Page, row: int, column: int, cell: object, styles: list[Styled]) -> str:
    value = bare(cell)
    formula = "<f>A1</f>" if isinstance(value, Formula) else ""
    value = value.value if isinstance(value, Formula) else value
    number = number_of(value, from_1904=page.from_1904)
    place = f'r="{chr(ord("A") + column)}{row}" s="{style_of(cell, styles, number[0] if number else 0)}"'
    if number:
        return f"<c {place}>{formula}<v>{number[1]!r}</v></c>"
    match value:
        case bool():
            return f'<c {place} t="b">{formula}<v>{int(value)}</v></c>'
        case CellError():
            return f'<c {place} t="e">{formula}<v>{value.text}</v></c>'
    if formula:
        return f'<c {place} t="str">{formula}<v>{escape(str(value))}</v></c>'
    spoken = f'<rPh sb="0" eb="1"><t>{cell.signs}</t></rPh>' if isinstance(cell, Styled) and cell.signs else ""
    text = f'<t xml:space="preserve">{escape(str(value))}</t>'
    if isinstance(cell, Styled) and cell.rich:
        first, others = str(value)[0], str(value)[1:]
        text = f'<r><rPr><b/></rPr><t>{first}</t></r><r><t xml:space="preserve">{others}</t></r>'
    return f'<c {place} t="inlineStr"><is>{text}{spoken}</is></c>'
