"""Step 2: the rows with problems, and how they are mended: cell by cell, one value for all rows that hold it, or by replacing
a text in a column.

Every form works without JavaScript, and comes back to the rows from which it was sent. A form with the header ``X-Row`` comes
from ``mend.js``: it is answered by that row alone, drawn again, and by the counts at the top. What a cell means and what
becomes of its row is decided in ``runs/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ..errors import Refused
from ..job import open_journal
from ..journal.mends import KeptMend
from ..model import Message, RowState
from ..runs.waiting_run import WaitingRun, waiting_run
from . import mend_groups
from .mend_counts import MendCounts
from .mend_form import asked_mends, cell_named, taken_back
from .mend_rows import SHOWN, Conflict, Row, Sheet, fingerprint, text_at, unix_lines
from .mend_view import MENDED, View
from .rendering import lang_of, render
from .site import site_of

#: How many rows a page has, and how many columns of a sheet are few.
PAGE, FEW = 50, 3
#: How many characters of a long cell a page of its own shows.
PART = 20_000
#: The most fields of the form with the cells of a page: two for each cell, of a row as wide as a sheet can be as well.
_MOST_FIELDS = 50_000
#: The fields that tell whose row it is.
_IDENTITY = ("clue_id", "clue_name")


class Gone(Exception):
    """The run does not wait for anybody to mend it: ``what`` says why."""

    def __init__(self, what: Message, run: Any = None) -> None:
        super().__init__(what.key)
        self.what = what
        self.run = run


@contextmanager
def opened(request: Request) -> Iterator[WaitingRun]:
    """Opens the run of a request. Raises ``Gone`` where it cannot be mended any more, or never could."""
    with open_journal(site_of(request).settings) as journal:
        try:
            run = waiting_run(journal, request.path_params["run"], site_of(request).settings)
        except Refused as error:
            raise Gone(Message("mending.gone_unknown")) from error
        if not run.is_waiting:
            raise Gone(Message("mending.gone_sent"), run.record)
        if not run.can_be_mended:
            raise Gone(Message("mending.gone_fixed"), run.record)
        yield run


# --- what is shown


def show(request: Request) -> Response:
    """Shows the rows that the address asks for."""
    try:
        with opened(request) as run:
            return _page(request, run, View.of(request.query_params), notice=_notice(request.query_params))
    except Gone as gone:
        return _gone(request, gone)


def show_cell(request: Request) -> Response:
    """Shows all that a cell holds, a part at a time."""
    try:
        with opened(request) as run:
            numbers = View.of({"after": request.query_params.get("row"), "open": request.query_params.get("place")})
            record, sheet = run.row(numbers.after), _sheet(request, run)
            if record is None or numbers.open >= len(sheet.headings):
                raise Gone(Message("mending.gone_unknown"), run.record)
            text = text_at(record, numbers.open)
            start = View.of({"after": request.query_params.get("from")}).after
            return render(
                request,
                "mend_cell.html",
                step=2,
                run=run.record,
                row=numbers.after,
                place=numbers.open,
                heading=sheet.headings[numbers.open],
                length=len(text),
                parts=[text[start : start + PART]],
                before=max(start - PART, 0) if start > 0 else None,
                after=start + PART if start + PART < len(text) else None,
            )
    except Gone as gone:
        return _gone(request, gone)


def _page(
    request: Request,
    run: WaitingRun,
    view: View,
    *,
    conflicts: Mapping[tuple[int, int], Conflict] | None = None,
    notice: Message | None = None,
) -> Response:
    conflicts = conflicts or {}
    sheet = _sheet(request, run)
    page = run.rows(view.filters(), after=view.after, most=PAGE)
    records = {record.row: record for record in page.rows}
    for row, _ in conflicts:  # it is asked about where it is, whether or not it still matches
        if row not in records and (record := run.row(row)):
            records[row] = record
    mended = run.mends_of(list(records))
    shown = _shown(sheet, view)
    rows = [
        _row(sheet, records[row], view, mended, conflicts, index=page.rows_above + index, shown=shown)
        for index, row in enumerate(sorted(records), 1)
    ]
    groups = mend_groups.groups_of(run, sheet, is_all=bool(view.groups))
    counts = MendCounts.of(run)
    return render(
        request,
        "mend.html",
        409 if conflicts else 200,
        step=2,
        **_common(run, sheet, view),
        counts=counts,
        notice=notice,
        has_conflicts=bool(conflicts),
        rows=rows,
        total=page.total,
        shown=shown,
        headings=sheet.headings,
        few=FEW,
        columns=[(key, sheet.headings[place]) for key, place in sheet.places.items()],
        statuses=counts.choices(view, lang_of(request)),
        problems=groups.problems,
        groups=groups.shown,
        more_groups=groups.more,
        kept=groups.kept,
        suggestions=_suggestions(sheet, rows, groups.shown),
        previous=page.previous_after,
        next=page.next_after,
        page_size=PAGE,
    )


def _saved(request: Request, run: WaitingRun, view: View, record: RowState, conflicts: Mapping[Any, Conflict]) -> Response:
    """The row alone, for the page that shows it, and the counts."""
    sheet = _sheet(request, run)
    shown = _shown(sheet, view)
    index = run.count_down_to(record.row, view.filters())
    row = _row(sheet, record, view, run.mends_of([record.row]), conflicts, index=max(index, 1), shown=shown)
    counts = MendCounts.of(run)
    return render(
        request,
        "mend_saved.html",
        409 if conflicts else 200,
        **_common(run, sheet, view),
        counts=counts,
        row=row,
        announcement=_announcement(row, counts, conflicts),
    )


def _announcement(row: Row, counts: MendCounts, conflicts: Mapping[Any, Conflict]) -> Message:
    if conflicts:
        return Message("mending.saved_conflict", {"row": row.number})
    reasons = [*row.reasons, *(reason for cell in row.wrong for reason in cell.reasons)]
    if reasons:
        return Message("mending.saved_bad", {"row": row.number, "reason": reasons[0]})
    if not counts.waiting:
        return Message("mending.saved_last", {"row": row.number, "ready": counts.ready})
    return Message("mending.saved_good", {"row": row.number, "waiting": counts.waiting})


def _common(run: WaitingRun, sheet: Sheet, view: View) -> dict[str, Any]:
    def address(**changes: Any) -> str:
        return view.address(run.record.name, **changes)

    return {"run": run.record, "view": view, "address": address, "marker": sheet.rules.clear_marker}


def _sheet(request: Request, run: WaitingRun) -> Sheet:
    return Sheet(run.record.headings, run.rules, lang_of(request))


def _shown(sheet: Sheet, view: View) -> list[int]:
    """The columns that are shown beside the cells to be mended."""
    if view.columns:
        return list(range(len(sheet.headings)))
    keys = dict.fromkeys((*_IDENTITY, view.field))
    return [sheet.places[key] for key in keys if key in sheet.places]


def _row(
    sheet: Sheet,
    record: RowState,
    view: View,
    mended: Mapping[tuple[int, int], KeptMend],
    conflicts: Mapping[tuple[int, int], Conflict],
    *,
    index: int,
    shown: Iterable[int],
) -> Row:
    return sheet.row(
        record,
        index=index,
        shown=shown,
        is_open=view.open == record.row,
        mended={place: mend for (row, place), mend in mended.items() if row == record.row},
        conflicts={place: conflict for (row, place), conflict in conflicts.items() if row == record.row},
    )


def _suggestions(sheet: Sheet, rows: Iterable[Row], groups: Iterable[Any]) -> list[tuple[str, tuple[str, ...]]]:
    """The words that are suggested to what is typed somewhere on the page, by their fields."""
    controls = [cell.control for row in rows for cell in row.cells] + [group.control for group in groups]
    keys = dict.fromkeys(control.suggestions for control in controls if control and control.suggestions)
    return [(key, sheet.words(key)) for key in keys]


def _notice(values: Mapping[str, Any]) -> Message | None:
    if "changed" not in values:
        return None
    cells = View.of({"after": values["changed"]}).after
    return Message("mending.notice_value", {"cells": cells}) if cells else Message("mending.notice_none")


def _gone(request: Request, gone: Gone, typed: Iterable[str] = ()) -> Response:
    status = 409 if gone.run else 404
    return render(request, "mend_gone.html", status, run=gone.run, what=gone.what, typed=[text[:SHOWN] for text in typed])


# --- what is done


async def mend(request: Request) -> Response:
    """Saves cells: those of one row, or all that were changed on the page; takes one back; or draws a row again."""
    async with request.form(max_fields=_MOST_FIELDS, max_files=0) as form:
        return await run_in_threadpool(_mend, request, form)


def _mend(request: Request, form: FormData) -> Response:
    typed = {name.removeprefix("cell-"): unix_lines(str(text)) for name, text in form.items() if name.startswith("cell-")}
    try:
        with opened(request) as run:
            return _mend_in(request, run, form, typed)
    except Gone as gone:
        changed = (text for name, text in typed.items() if fingerprint(text) != form.get(f"seen-{name}"))
        return _gone(request, gone, changed)


def _mend_in(request: Request, run: WaitingRun, form: FormData, typed: Mapping[str, str]) -> Response:
    view = View.of(form)
    name = cell_named(form.get("back"))
    if name:
        mends = taken_back(run, *name)
        conflicts = dict[tuple[int, int], Conflict]()
    elif form.get("theirs"):
        mends, conflicts = [], {}
    else:
        row = form.get("row") or str(form.get("mine", "")).partition("-")[0]
        mends, conflicts = asked_mends(
            _sheet(request, run), run, form, {n: t for n, t in typed.items() if not row or n.startswith(f"{row}-")}
        )
    if mends:
        try:
            run.mend(mends, person=request.state.person)
        except Refused as error:
            if error.message.key != "mend.changed":
                raise
            mends, conflicts = asked_mends(_sheet(request, run), run, form, typed)  # somebody else was faster by a moment
    alone = request.headers.get("X-Row", "")
    if alone.isdecimal() and (record := run.row(int(alone))):
        return _saved(request, run, view, record, conflicts)
    if conflicts:
        return _page(request, run, view, conflicts=conflicts)
    return RedirectResponse(_back_to(view, run, changed=len(mends)), 303)


def _back_to(view: View, run: WaitingRun, **more: Any) -> str:
    address = view.address(run.record.name)
    return f"{address}{'&' if '?' in address else '?'}" + "&".join(f"{name}={value}" for name, value in more.items())


def _posted(change: Callable[[Request, WaitingRun, FormData], Response]) -> Callable[[Request], Any]:
    """A view of a form that changes a run."""

    def do(request: Request, form: FormData) -> Response:
        try:
            with opened(request) as run:
                return change(request, run, form)
        except Gone as gone:
            return _gone(request, gone)

    async def view(request: Request) -> Response:
        async with request.form(max_files=0) as form:
            return await run_in_threadpool(do, request, form)

    return view


def _mend_value(request: Request, run: WaitingRun, form: FormData) -> Response:
    """Puts one value into all cells of a field that hold another one."""
    view, sheet = View.of(form), _sheet(request, run)
    field, old, new = (str(form.get(name, "")) for name in ("of", "old", "new"))
    is_list = new.startswith(("=", "?")) and "listed" in form
    if field not in sheet.places or (is_list and new.startswith("?")):
        return RedirectResponse(_back_to(view, run, changed=0), 303)
    value = new[1:] if is_list else new
    cells = run.mend_value(field, old, value, person=request.state.person)
    if form.get("keep"):
        run.keep_value(field, old, value, person=request.state.person)
    return RedirectResponse(_back_to(view, run, changed=cells), 303)


def _replace(request: Request, run: WaitingRun, form: FormData) -> Response:
    """Shows what replacing a text in a column would change, or does it once somebody has seen that."""
    sheet = _sheet(request, run)
    field, find, replacement = (unix_lines(str(form.get(name, ""))) for name in ("field", "find", "replacement"))
    if field not in sheet.places:
        return RedirectResponse(_back_to(View(), run, changed=0), 303)
    mends = run.replaced(field, find, replacement) if find else []
    if mends and form.get("confirmed") == str(len(mends)):
        cells = run.mend(mends, person=request.state.person)
        return RedirectResponse(_back_to(View(status=MENDED), run, changed=cells), 303)
    return render(
        request,
        "mend_replace.html",
        step=2,
        run=run.record,
        heading=sheet.headings[sheet.places[field]],
        field=field,
        find=find,
        replacement=replacement,
        total=len(mends),
        examples=[{"row": mend.row, "old": (mend.seen or "")[:SHOWN], "new": mend.value[:SHOWN]} for mend in mends[:20]],
    )


def _forget(request: Request, run: WaitingRun, form: FormData) -> Response:
    run.choices.forget("value", str(form.get("name", "")).replace("\r\n", "\n"))
    return RedirectResponse(View().address(run.record.name), 303)


routes = [
    Route("/runs/{run}/mend", show),
    Route("/runs/{run}/mend/cell", show_cell),
    Route("/runs/{run}/mend", mend, methods=["POST"]),
    Route("/runs/{run}/mend/value", _posted(_mend_value), methods=["POST"]),
    Route("/runs/{run}/mend/replace", _posted(_replace), methods=["POST"]),
    Route("/runs/{run}/mend/forget", _posted(_forget), methods=["POST"]),
]
