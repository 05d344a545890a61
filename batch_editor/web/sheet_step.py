"""Step 1: a sheet is handed in, shown as it is understood, and planned as its person has chosen.

Every choice is kept with the upload, so that reload, back and another browser show the same, and so does a server that was
started anew. What a sheet means is decided by ``look_at`` and ``plan``, in a process of their own (``readings``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from .. import job
from ..edits.heading_row import ColumnUse
from ..errors import Refused
from ..journal.columns import message_from_json, message_to_json
from ..journal.journal import Journal
from ..messages import say
from ..model import Message, RunState
from ..runs.kept_columns import forget_columns, keep_columns, kept_columns
from ..runs.sheet_choices import SheetChoices
from ..runs.sheet_look import MOST_COUNTED, SheetLook, field_labels
from ..sheets import address, cell_of
from .reading_child import Look, PlanSheet
from .readings import Reading
from .receiving import receive
from .rendering import lang_of, render
from .sheet_form import ANSWERS, MOST_COLUMNS, QUESTIONS, Chosen, answers_of, chosen_in, lacking, questions_of
from .site import site_of
from .uploads import Upload, Uploads, in_words, keep

#: The most fields of the form of step 1: two for each column that has a choice of its own, and some more.
_MOST_FIELDS = 2 * MOST_COLUMNS + 40
#: So many of the columns that are left out together are named.
_MOST_NAMED = 12
#: Encodings and delimiters that somebody can choose, where those of a text file are not certain: all that a message suggests.
_ENCODINGS = (
    *("utf-8", "gb18030", "big5", "utf-16", "shift_jis", "euc_jp", "euc_kr", "windows-1252", "windows-1251", "windows-1253"),
    *("koi8-r", "utf-7", "hz", "iso2022_jp_2", "iso2022_kr"),
)
_DELIMITERS = ("comma", "tab", "semicolon", "bar")


def home_values(request: Request) -> dict[str, Any]:
    """Returns what the block of this part on the home page shows."""
    return {"max_upload": _most(request), "max_size": in_words(_most(request))}


async def hand_in(request: Request) -> Response:
    """Takes a file or pasted rows, and shows them."""
    site_of(request).readings.warm()
    uploads = await run_in_threadpool(_tidied, request)
    try:
        upload = await receive(request, uploads, request.state.person, _most(request))
    except Refused as error:
        status = 413 if error.message.key == "upload.too_large" else 400
        return await run_in_threadpool(render, request, "sheet_refused.html", status, step=1, what=error.message)
    return RedirectResponse(f"/sheets/{upload.number}", 303)


def show(request: Request) -> Response:
    """Shows what a sheet is understood as, with what was chosen of it so far."""
    upload = _upload(request)
    chosen = _chosen(request, upload)
    settings = site_of(request).settings
    try:
        look = _look(request, upload, chosen)
    except Refused as error:
        return _unread(request, upload, chosen, error.message)
    with job.open_journal(settings) as journal:
        kept = kept_columns(journal, settings, look)
        runs = _runs_of(upload, journal.runs())
        before = None if chosen.is_sent else _chosen_before(request, journal, look)
    if before:
        chosen = replace(chosen, columns=before.columns, answers=before.answers)
        look = _look(request, upload, chosen)
    is_used = False
    if kept and request.query_params.get("kept") == "yes":
        answers = {"tags": kept.tags} if kept.tags else {}
        for name, keys in QUESTIONS.items():
            uses = {kept.choices.uses.get(column.place) for column in look.columns if column.field in keys} - {None}
            if name != "tags" and len(uses) == 1:
                answers[name] = str(uses.pop())
        chosen = replace(chosen, columns=kept.choices, answers=answers)
        look = _look(request, upload, chosen)
        is_used = True
    problems = [message_from_json(upload.problem)] if upload.problem and chosen.is_sent else []
    problems += lacking(look, chosen) if chosen.is_sent else []
    return _page(
        request,
        upload,
        chosen,
        look,
        problems,
        kept=kept,
        kept_used=is_used,
        runs=runs,
        as_before=before is not None and not is_used,
    )


async def plan(request: Request) -> Response:
    """Keeps what was chosen, and begins to plan the sheet if nothing is known against it."""
    async with request.form(max_fields=_MOST_FIELDS, max_files=0) as form:
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        return await run_in_threadpool(_plan, request, texts)


def _plan(request: Request, form: Mapping[str, str]) -> Response:
    upload = _upload(request)
    row = form.get("heading_row", "")
    seen = Chosen(
        form.get("sheet", ""),
        SheetChoices(int(row) if row.isdecimal() and len(row) < 9 else None),
        encoding=form.get("encoding", ""),
        delimiter=form.get("delimiter", ""),
    )
    here = f"/sheets/{upload.number}"
    site, settings = site_of(request), site_of(request).settings
    try:
        chosen = chosen_in(form, _look(request, upload, seen))
        upload = keep(replace(upload, choices=chosen.as_json(), problem=None))
        look = _look(request, upload, chosen)
    except Refused as error:
        keep(replace(upload, choices=replace(seen, is_sent=True).as_json(), problem=message_to_json(error.message)))
        return RedirectResponse(here, 303)
    if not look.can_be_planned or lacking(look, chosen):
        return RedirectResponse(here, 303)
    if chosen.is_kept:
        with job.open_journal(settings) as journal:
            tags = chosen.answers.get("tags", "")
            keep_columns(journal, settings, look, chosen.columns, tags=tags, person=request.state.person)
    options = chosen.for_plan() | {"title": _title(request, upload), "person": request.state.person}
    if upload.is_pasted:
        options |= _FORM_OF_PASTE

    def end(reading: Reading) -> None:
        problem = _worded(reading.problem, upload) if reading.problem else None
        current = Uploads(settings.state_dir).find(upload.number) or upload
        run = reading.planned.run if reading.planned else current.run
        keep(replace(current, problem=message_to_json(problem), run=run))

    site.readings.start(upload.number, PlanSheet(upload.path, settings, options), end, request.state.person)
    return RedirectResponse(f"{here}/reading", 303)


def reading(request: Request) -> Response:
    """Shows how far the sheet is read, and goes on to the next step by itself."""
    upload = _upload(request)
    reading = site_of(request).readings.of(upload.number)
    if reading and reading.planned:
        return RedirectResponse(f"/runs/{reading.planned.run}/{'mend' if reading.planned.wrong_rows else 'review'}", 303)
    if reading is None and upload.run:
        return RedirectResponse(f"/runs/{upload.run}", 303)
    if reading is None or reading.is_over:
        return RedirectResponse(f"/sheets/{upload.number}", 303)
    answer = render(request, "sheet_reading.html", step=1, upload=upload, title=_title(request, upload), rows=reading.rows)
    answer.headers["refresh"] = f"1; url=/sheets/{upload.number}/reading"
    return answer


async def forget(request: Request) -> Response:
    """Forgets what was kept for the headings of a sheet."""
    async with request.form(max_fields=10, max_files=0) as form:
        digest = str(form.get("digest", ""))

    def forget_it() -> None:
        settings = site_of(request).settings
        with job.open_journal(settings) as journal:
            forget_columns(journal, settings, digest)

    await run_in_threadpool(forget_it)
    return RedirectResponse(f"/sheets/{_upload(request).number}", 303)


def template(request: Request) -> Response:
    """Hands out the sheet to fill in."""
    with tempfile.TemporaryDirectory(prefix="batch_editor-") as folder:
        content = job.make_template(Path(folder) / "template.xlsx", site_of(request).settings).read_bytes()
    name = "attachment; filename=template.xlsx"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(content, media_type=kind, headers={"content-disposition": name})


#: In which form pasted rows are kept.
_FORM_OF_PASTE = {"encoding": "utf-8", "delimiter": "tab"}


def _most(request: Request) -> int:
    most: int = site_of(request).settings.web.most_bytes
    return most


def _tidied(request: Request) -> Uploads:
    """The uploads, without those that nobody needs any more."""
    settings = site_of(request).settings
    uploads = Uploads(settings.state_dir)
    with job.open_journal(settings) as journal:
        sources = {run.source for run in journal.runs()}
    uploads.tidy(sources)
    return uploads


def _upload(request: Request) -> Upload:
    upload = Uploads(site_of(request).settings.state_dir).find(request.path_params["number"])
    if upload is None:
        raise HTTPException(404)
    return upload


def _chosen(request: Request, upload: Upload) -> Chosen:
    """What was chosen of a sheet: what is kept, unless the address names another sheet, heading row or form."""
    query, kept = request.query_params, Chosen.from_json(upload.choices)
    if not any(name in query for name in ("sheet", "heading_row", "encoding", "delimiter")):
        return kept
    row = query.get("heading_row", "")
    asked = Chosen(
        query.get("sheet", kept.sheet),
        SheetChoices(int(row) if row.isdecimal() and len(row) < 9 else None),
        encoding=query.get("encoding", kept.encoding),
        delimiter=query.get("delimiter", kept.delimiter),
        visible_only=kept.visible_only,
        earlier=kept.earlier,
    )

    def place(chosen: Chosen) -> tuple[object, ...]:
        return chosen.sheet, chosen.columns.heading_row, chosen.encoding, chosen.delimiter

    return kept if place(asked) == place(kept) else asked


def _chosen_before(request: Request, journal: Journal, look: SheetLook) -> Chosen | None:
    """What was chosen for the sheet of which these are the results: what failed is known again only if it means the same.

    None where the page has not read that sheet, or its columns are other ones.
    """
    if look.earlier is None or not look.earlier.run:
        return None
    try:
        run = journal.run(look.earlier.run)
    except Refused:
        return None
    upload = Uploads(site_of(request).settings.state_dir).find(Path(run.source).parent.name)
    chosen = Chosen.from_json(upload.choices) if upload else Chosen()
    headings = {column.place: column.heading for column in look.columns}
    places = {*chosen.columns.fields, *chosen.columns.uses}
    if not chosen.is_sent or any(headings.get(place) != dict(enumerate(run.headings)).get(place) for place in places):
        return None
    return replace(chosen, columns=replace(chosen.columns, heading_row=look.heading_row))


def _look(request: Request, upload: Upload, chosen: Chosen) -> SheetLook:
    options = chosen.for_look() | (_FORM_OF_PASTE if upload.is_pasted else {})
    try:
        task = Look(upload.path, site_of(request).settings, **options)
        return site_of(request).readings.look(task, request.state.person)
    except Refused as error:
        worded = _worded(error.message, upload)
        raise Refused(worded.key, **worded.values) from None


def _worded(message: Message, upload: Upload) -> Message:
    """A message in the words of the page: with the name that people know, and no option of the command line."""

    def worded(value: object) -> object:
        match value:
            case Message(key="encoding.option" | "delimiter.option"):
                return Message(f"{value.key.partition('.')[0]}.page")
            case Message():
                return _worded(value, upload)
            case list() | tuple():
                return [worded(part) for part in value]
            case _ if str(value) == str(upload.path):
                return upload.name or Message("sheet_form.pasted")
        return value

    key = _OF_THE_PAGE.get(message.key, message.key)
    return Message(key, {name: worded(value) for name, value in message.values.items()})


#: Messages that name options, and what the page says instead.
_OF_THE_PAGE = {
    "csv.delimiter": "sheet_form.which_delimiter",
    "headings.wrong": "sheet_form.headings_wrong",
    "headings.no_clue_id": "sheet_form.no_clue_id",
    "only_failed.no_reference": "sheet_form.no_reference",
    "only_failed.no_results": "sheet_form.no_reference",
}


def _title(request: Request, upload: Upload) -> str:
    return upload.name or say(Message("sheet_form.pasted"), lang_of(request))


def _runs_of(upload: Upload, runs: Any) -> list[Any]:
    """The runs that have come of an upload and still exist, the latest first."""
    return [run for run in runs if run.source == str(upload.path) and run.state not in (RunState.PLANNING, RunState.ABANDONED)]


def _unread(request: Request, upload: Upload, chosen: Chosen, what: Message) -> Response:
    """The page of a file that cannot be read; where only its form is not certain, with a choice of that."""
    asks_form = bool(chosen.encoding or chosen.delimiter) or what.key.startswith("csv.")
    return render(
        request,
        "sheet_unread.html",
        422,
        step=1,
        upload=upload,
        chosen=chosen,
        what=what,
        title=_title(request, upload),
        asks_form=asks_form and not upload.is_pasted,
        encodings=_ENCODINGS,
        delimiters=_DELIMITERS,
    )


def _page(request: Request, upload: Upload, chosen: Chosen, look: SheetLook, problems: list[Message], **more: Any) -> Response:
    labels = field_labels(site_of(request).settings)
    shown = look.columns[:MOST_COLUMNS]
    hidden = look.columns[MOST_COLUMNS:]
    tabs = [tab for tab in look.tabs if tab.visible or tab.name == look.sheet]
    return render(
        request,
        "sheet.html",
        step=1,
        upload=upload,
        title=_title(request, upload),
        chosen=chosen,
        look=look,
        problems=[*(_worded(message, upload) for message in look.problems), *problems],
        labels=labels,
        columns=[(column, _field_now(column, chosen)) for column in shown],
        unknown_rest=[column for column in hidden if column.mistake or chosen.rest],
        rest=len(hidden),
        tabs=tabs,
        most_counted=MOST_COUNTED,
        questions=questions_of(look),
        answers=answers_of(look, chosen),
        possible=ANSWERS,
        asked_keys={key for keys in QUESTIONS.values() for key in keys},
        width=min(max((len(row.cells) for row in look.top), default=0), 60),
        query=urlencode,
        letters=lambda place: cell_of(address("", 1, place))[:-1],
        lacks={message.key.partition(".")[2] for message in problems},
        rest_names=", ".join(column.heading for column in hidden[:_MOST_NAMED]),
        asks_form=bool(chosen.encoding or chosen.delimiter),
        encodings=_ENCODINGS,
        delimiters=_DELIMITERS,
        **more,
    )


def _field_now(column: Any, chosen: Chosen) -> str:
    """Which choice of the column's field is selected: the key of a field, "ignore", or "" for none yet."""
    if column.use is ColumnUse.IGNORED:
        return "ignore"
    if column.mistake and column.place not in chosen.columns.fields and column.first is None:
        return ""
    return column.field or ("ignore" if column.use is ColumnUse.CONTEXT else "")


routes = [
    Route("/sheets", hand_in, methods=["POST"]),
    Route("/sheets/{number}", show),
    Route("/sheets/{number}/plan", plan, methods=["POST"]),
    Route("/sheets/{number}/reading", reading),
    Route("/sheets/{number}/forget", forget, methods=["POST"]),
    Route("/template.xlsx", template),
]
