"""What the results say of each row: the sheet's own cells, and behind them what became of the row (guide: rules).

A problem names its cell where it is to be mended, in the results, and in the sheet that was read as well where it stands
elsewhere there. How a sheet of such rows looks is left to ``rows_page``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..edits.heading_row import without_left_out
from ..edits.headings import Names
from ..edits.result_columns import COLUMNS, MENDED, key_of
from ..messages import Lang, say
from ..messages.visible import visible_lines
from ..model import Message, Problem, RowState, Status
from ..settings.row_rules import RowRules
from ..sheets import address, cell_of
from .rows_page import Line
from .wrong_cells import WrongCells, column_at

#: The longest text that a cell of a workbook can hold; a longer one would be cut.
LONGEST_CELL = 32_767
#: Messages that say already that an edit may have been applied.
_SAY_MAYBE_APPLIED = {
    "failed.maybe",
    "failed.stopped",
    "failed.abandoned",
    "failed.interrupted",
    "rejected.after_lost",
    "rejected.status",
}
#: Messages that name another row of the sheet that was read, and under which name.
_NAME_A_ROW = {"row.overtaken": "later", "row.newer_in_sheet": "newer", "row.under_other_headings": "row"}


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """The sheet that was read: its ``headings``, the ``rules`` by which it was, and the name of its ``file``, if it has one.
    The columns ``left_out`` were not read, whatever their headings."""

    headings: Sequence[str]
    rules: RowRules
    file: str = ""
    left_out: tuple[int, ...] = ()

    @property
    def read_headings(self) -> Sequence[str]:
        """The headings of the columns that were read, with none in the place of those that were not."""
        return without_left_out(self.headings, self.left_out)


def shown_status(status: Status) -> Status:
    """Returns a row's status once its run is over: a pending row was not sent, and one that is still being sent has failed."""
    return {Status.PENDING: Status.NOT_SENT, Status.SENDING: Status.FAILED}.get(status, status)


def shortened(text: str) -> str:
    """Returns as much of ``text`` as a cell can hold, with … for what is left out."""
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def table(
    sheet: ReadSheet,
    records: Iterable[RowState],
    lang: Lang,
    *,
    run: str,
    in_workbook: bool = False,
    with_mends: bool = False,
) -> Iterator[Line]:
    """Yields the results of ``run`` line by line, the headings first. Result columns of an earlier run are dropped. A row that
    the run only keeps stays the row of the run that it was kept from.

    ``in_workbook``, where people look, fields are called as in the sheet, and the wrong cells are known; elsewhere they are
    keys. ``with_mends`` adds a column with what the sheet holds in the cells that somebody has mended.
    """
    kept = [index for index, heading in enumerate(sheet.headings) if not key_of(heading)]
    yield Line([*(sheet.headings[index] for index in kept), *COLUMNS, *([MENDED] if with_mends else [])])
    places = {index: place for place, index in enumerate(kept)}
    was = _Was(sheet, lang) if with_mends else None
    wrong = WrongCells(sheet.read_headings, sheet.rules, lang, places=places, status=len(kept)) if in_workbook else None
    field_names = _FieldNames(sheet, lang) if in_workbook else ",".join
    label = Names(sheet.rules).label
    for number, record in enumerate(records, 2):
        cells = [record.cells[index] if index < len(record.cells) else "" for index in kept]
        attempts = str(record.attempts) if record.attempts else ""
        message = result_message(record, number, places, lang, sheet.file, label=label)
        origin, row = record.kept_from if record.kept_from and record.kept_from[0] else (run, record.row)
        results: list[str] = [record.code, message, field_names(record.fields), attempts, record.time, origin, str(row)]
        if was:
            results.append(was(record))
        line = [*cells, shown_status(record.status), *map(visible_lines, results)]
        yield Line(line, wrong.of(record)) if wrong else Line(line)


def result_message(
    record: RowState, row: int, places: Mapping[int, int], lang: Lang, file: str = "", *, label: Callable[[str], str] = str
) -> str:
    """Returns the text of the column ``result_message``: what the CRM said, or the problems of the row.

    Each problem names its cell in the results, where it is to be mended: ``row`` is the record's row there, ``places`` are the
    columns of the results by those of the sheet that was read. If that is a ``file`` and the cell stands elsewhere in it, it is
    named there too, and so is the record of a DataFrame. ``label`` is what a field is called.
    """
    if record.status is Status.SENDING:
        return say(Message("failed.interrupted"), lang)
    notes = list(record.notes)
    if record.maybe_applied and record.status is not Status.UPDATED and _SAY_MAYBE_APPLIED.isdisjoint(_keys(notes)):
        notes.append(Message("row.maybe_applied"))
    if record.not_set and record.status is Status.UPDATED:
        notes.append(Message("row.not_empty", {"fields": ", ".join(map(label, record.not_set))}))
    moved = file if file and record.row != row else ""
    return shortened("\n".join(say(_placed(note, row, places, file, moved), lang) for note in notes))


class _Was:
    """Says what the sheet holds in the cells of a row that somebody has mended, under which heading."""

    def __init__(self, sheet: ReadSheet, lang: Lang) -> None:
        self._headings = sheet.headings
        self._lang = lang

    def __call__(self, record: RowState) -> str:
        lines = [
            say(
                Message("mended.was" if text else "mended.was_blank", {"heading": self._heading(place), "text": text}),
                self._lang,
            )
            for place, text in sorted(record.was.items())
        ]
        return shortened("\n".join(lines))

    def _heading(self, place: int) -> str:
        return " ".join(self._headings[place].split()) or address("", 1, place)[:-1]


class _FieldNames:
    """Gives fields the headings that they have in a sheet, each list of keys once."""

    def __init__(self, sheet: ReadSheet, lang: Lang) -> None:
        names = Names(sheet.rules)
        headings = {key: " ".join(sheet.headings[index].split()) for key, index in names.places(sheet.read_headings).items()}
        self._heading = lambda key: headings.get(key) or names.by_key(key).title
        self._between = "、" if lang == "zh" else ", "
        self._known: dict[tuple[str, ...], str] = {}

    def __call__(self, keys: tuple[str, ...]) -> str:
        if keys not in self._known:
            self._known[keys] = self._between.join(map(self._heading, keys))
        return self._known[keys]


def _keys(notes: Iterable[Message | Problem]) -> set[str]:
    return {note.key for note in notes if isinstance(note, Message)}


def _placed(note: Message | Problem, row: int, places: Mapping[int, int], file: str, moved: str) -> Message:
    if isinstance(note, Message):
        return _of_both_rows(note, moved)
    there = cell_of(note.address)
    column = column_at(note.address)
    here = there if column is None else address("", row, places.get(column, column))
    at: object = here
    if note.label:
        at = Message("at.record", {"at": here, "record": Message("problem.record", {"label": note.label})})
    elif file and here != there:
        at = Message("at.both", {"at": here, "file": file, "there": there})
    if note.heading:
        return Message("problem", {"at": at, "what": note.sentence})
    return Message("problem", {"at": at, "what": _of_both_rows(note.message, moved)})


def _of_both_rows(message: Message, moved: str) -> Message:
    """The message with the file in which another row has the number that it names, if rows have moved against that."""
    name = _NAME_A_ROW.get(message.key)
    if not moved or name is None or name not in message.values:
        return message
    return Message(message.key, {**message.values, name: Message("at.row", {"row": message.values[name], "file": moved})})
