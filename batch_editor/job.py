"""The whole job: read, check, record, dispatch, write results. The one place that joins the parts of the house.

``run``, ``check`` and ``load_edits`` are the Python interface, and what the command line calls. They tell their progress
as events and print nothing; what went wrong before anything was sent is raised, what happened to rows is in the report.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import headings, loader, results
from .client import Client, fetch_token
from .config import Settings
from .dispatcher import Dispatcher, Stop, punctual, token_fetcher
from .errors import Declined, Halted, Refused, ResultsNotWritten, SettingsError, SheetError, UnderWay
from .journal import Journal, Run
from .messages import Lang, language, say
from .pace import Pace
from .preview import Preview, repetition
from .records import SUMMARY_STATUSES, Edit, Event, Message, Plan, Problem, Reading, Reply, Status
from .sheets import Sheet, read_file, read_frame
from .tokens import Grant, Secrets, Tokens

if TYPE_CHECKING:
    from pandas import DataFrame

JOURNAL = "journal.sqlite3"
_READING_STEP = 1000
#: How many reasons of rows that failed or were rejected a report holds.
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a run, or what a check found.

    ``counts`` has a number for each status of the summary. ``results`` is the sheet that was written, ``halted`` why the run
    stopped early, ``unwritten`` why there is no results sheet, ``reasons`` why most rows failed or were rejected, and how many;
    ``problems`` are the first ten thousand.
    """

    run: str | None
    exit_code: int
    rows: int
    counts: dict[str, int]
    results: Path | None
    seconds: float
    preview: Preview
    halted: Message | None = None
    unwritten: Message | None = None
    reasons: Sequence[tuple[int, Message]] = ()
    journal: Path | None = None
    lang: Lang = "en"

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the rows that are ``invalid``, in sheet order."""
        return self.preview.problems

    def summary(self) -> dict[str, object]:
        """The JSON summary of DESIGN §6."""
        head: dict[str, object] = {"run": self.run, "exit_code": self.exit_code, "rows": self.rows}
        return head | self.counts | {"results": str(self.results) if self.results else None, "seconds": round(self.seconds, 3)}

    def to_frame(self) -> DataFrame:
        """After ``run``: the results sheet as a DataFrame of text. After ``check``: a row for each problem."""
        import pandas as pd

        if self.run is None or self.journal is None:
            columns = {"row": [one.row for one in self.problems], "cell": [one.address for one in self.problems]}
            said = [say(one.message, self.lang) for one in self.problems]
            return pd.DataFrame(columns | {"field": [one.field for one in self.problems], "problem": said})
        with Journal(self.journal) as journal:
            rows = results.table(journal.run(self.run).headings, journal.rows(self.run), self.lang)
            headings = next(rows)
            return pd.DataFrame(list(rows), columns=headings, dtype="object")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The edits of a sheet, the rows without one, and what is wrong: everything in memory."""

    edits: list[Edit]
    plans: list[Plan]
    problems: list[Problem]
    notes: list[Message]


@dataclass(frozen=True, slots=True)
class _Source:
    """What is read: ``path`` is None for a DataFrame, ``digest`` the SHA-256 of the file's bytes."""

    sheets: tuple[Sheet, ...]
    path: Path | None
    digest: str


def load_edits(
    sheet: str | Path | DataFrame,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    edit_keys: str | Sequence[str] = (),
) -> Loaded:
    """The edits that ``sheet`` asks for, without sending them. Raises ``Refused`` as ``run`` does."""
    settings = settings or Settings()
    chosen, row = headings.choose_sheet(_open(sheet).sheets, sheet_name, settings)
    rules = loader.Loader(chosen.name, row, settings, edit_keys=_names(edit_keys))
    plans = list(loader.plans(rules, chosen))
    plans = [loader.refused(plan, rules.rounded()) for plan in plans]
    edits = [plan.edit for plan in plans if plan.edit is not None]
    return Loaded(edits, plans, [problem for plan in plans for problem in plan.problems], rules.closing_notes())


def check(
    sheet: str | Path | DataFrame,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    edit_keys: str | Sequence[str] = (),
    only_failed: bool = False,
    limit: int | None = None,
    strict: bool = False,
    on_event: Callable[[Event], None] = lambda event: None,
) -> Report:
    """Read and check ``sheet`` exactly as ``run`` does, and send nothing.

    Raises ``Refused`` where ``run`` would refuse to start. ``counts["not_sent"]`` are the rows that a run would send.
    """
    began = time.monotonic()
    settings = settings or Settings()
    with tempfile.TemporaryDirectory(prefix="batch_editor-") as folder, Journal(Path(folder) / JOURNAL) as journal:
        options = _options(edit_keys, only_failed, limit, strict)
        with _nothing_sent():
            _, preview = _plan(journal, _open(sheet), settings, sheet_name, options, on_event)
        _refuse(preview, settings, strict)
        found = counts(preview.statuses)
    exit_code = 1 if found["invalid"] else 0
    return Report(None, exit_code, preview.rows, found, None, time.monotonic() - began, preview, lang=language(settings.lang))


def run(
    sheet: str | Path | DataFrame,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    output: str | Path | None = None,
    edit_keys: str | Sequence[str] = (),
    only_failed: bool = False,
    limit: int | None = None,
    strict: bool = False,
    confirm: Callable[[Preview], bool] = lambda preview: True,
    on_event: Callable[[Event], None] = lambda event: None,
    stop: Stop | None = None,
) -> Report:
    """Send every edit of ``sheet`` (a file or a DataFrame) and write the results sheet.

    ``edit_keys``: only these fields count as edits. ``only_failed``: ``sheet`` is a results sheet, and its updated rows
    stay as they are. ``limit``: send the first so many edits. ``strict``: refuse a sheet with an invalid row.
    ``confirm`` is asked before the first call. A DataFrame has a results sheet only where ``output`` names it.

    Raises ``Refused`` if nothing was sent because of the input, the settings or the answer to ``confirm``; everything
    that happens later is in the report.
    """
    began = time.monotonic()
    settings = settings or Settings()
    stop = stop or Stop()
    secrets = Secrets()
    _require_credentials(settings)
    target = Path(output).absolute() if output is not None else None
    source = _open(sheet)
    if target is not None:
        results.check_target(target)
    elif source.path is not None:
        results.check_target(results.default_target(source.path))
    with open_journal(settings) as journal:
        with _nothing_sent():
            options = _options(edit_keys, only_failed, limit, strict)
            name, preview = _plan(journal, source, settings, sheet_name, options, on_event)
            try:
                _refuse(preview, settings, strict)
                asked = time.monotonic()
                if preview.calls and not confirm(preview):
                    raise Declined("prompt.declined")
                began += time.monotonic() - asked  # how long somebody thought is no time of ours
                journal.state(name, "sending")
            except BaseException:
                _discard(journal, name)
                raise
        try:
            halted = _dispatch(journal, name, settings, secrets, stop, preview.calls, on_event) if preview.calls else None
        except Refused:  # there was not even a client that could have sent something
            _discard(journal, name)
            raise
        except BaseException:
            with suppress(Halted):
                journal.state(name, "stopped")
            raise
        found = counts(journal.counts(name))
        unasked = preview.statuses["pending"] - preview.calls
        if halted is None and found["not_sent"] > unasked:
            halted = Message("halt.held_back", {"rows": found["not_sent"] - unasked})
        try:
            journal.state(name, "stopped" if found["not_sent"] else "finished", halted=halted)
        except Halted as error:
            halted = error.message
        written, unwritten = None, None
        if target is None and source.path is not None:
            target = results.default_target(source.path)
        if target is not None:
            try:
                written = write_results(journal, journal.run(name), target, language(settings.lang))
            except ResultsNotWritten as error:
                unwritten = error.message
        reasons = journal.reasons(name, MOST_REASONS)
    bad = found["invalid"] + found["conflict"] + found["rejected"] + found["failed"]
    exit_code = 3 if found["not_sent"] > unasked else 1 if bad or unwritten else 0
    return Report(
        run=name,
        exit_code=exit_code,
        rows=preview.rows,
        counts=found,
        results=written,
        seconds=time.monotonic() - began,
        preview=preview,
        halted=halted,
        unwritten=unwritten,
        reasons=reasons,
        journal=journal.path,
        lang=language(settings.lang),
    )


def open_journal(settings: Settings) -> Journal:
    """The journal of all runs, in ``state_dir``. Raises ``SettingsError`` where it cannot be opened."""
    return Journal(settings.state_dir.expanduser() / JOURNAL)


def write_results(journal: Journal, run: Run, target: Path | None, lang: Lang) -> Path:
    """Write the results sheet of ``run`` again, to ``target`` or where it was before. Raises ``ResultsNotWritten``."""
    mine = Path(run.results) if run.results else None
    rows = sum(journal.counts(run.name).values())
    wanted = target or mine or results.default_target(Path(run.source))
    if rows > results.MOST_WORKBOOK_ROWS or journal.holds_longer(run.name, results.LONGEST_CELL):
        wanted = wanted.with_suffix(".csv")
    untouched = mine if mine and results.stamp(mine) == run.stamp else None  # else somebody may have mended cells in it
    written = results.write(wanted, run.headings, journal.rows(run.name), lang, mine=untouched)
    if target is None or mine is None:
        with suppress(Halted):  # the sheet is there; a journal that is full can only not remember where
            journal.remember_results(run.name, str(written), results.stamp(written) or "")
    return written


def results_again(journal: Journal, name: str, target: Path | None, lang: Lang) -> Path:
    """Write the results sheet of a run that is over. Raises ``UnderWay`` where it is not."""
    if journal.is_driven(name):
        raise UnderWay("run.under_way", run=name)
    return write_results(journal, journal.run(name), target, lang)


@contextmanager
def _nothing_sent() -> Iterator[None]:
    """A journal that fails before anything was sent refuses the run, and does not stop it."""
    try:
        yield
    except Halted as error:
        raise SettingsError(error.message.key, **error.message.values) from None


def _discard(journal: Journal, name: str) -> None:
    with suppress(Halted):  # a journal that is full can only not forget it
        journal.discard(name)


def _open(sheet: str | Path | DataFrame) -> _Source:
    if not isinstance(sheet, str | Path):
        return _Source((read_frame(sheet),), None, "")
    path = Path(sheet).absolute()
    sheets = read_file(path)
    with path.open("rb") as file:
        return _Source(sheets, path, hashlib.file_digest(file, "sha256").hexdigest())


def _names(edit_keys: str | Sequence[str]) -> list[str]:
    """The names of the fields to edit; a single text is one name, and not its letters."""
    return [edit_keys] if isinstance(edit_keys, str) else list(edit_keys)


def _options(edit_keys: str | Sequence[str], only_failed: bool, limit: int | None, strict: bool) -> dict[str, Any]:
    """What a run was told beside the settings, as the journal keeps it."""
    return {"edit": _names(edit_keys), "only_failed": only_failed, "limit": limit, "strict": strict}


def _require_credentials(settings: Settings) -> None:
    api = settings.api
    if api.access_token is None and not (api.app_id and api.app_secret):
        raise SettingsError("settings.no_credentials")


def _plan(
    journal: Journal,
    source: _Source,
    settings: Settings,
    sheet_name: str | None,
    options: Mapping[str, Any],
    on_event: Callable[[Event], None],
) -> tuple[str, Preview]:
    """Read the whole sheet into a new run of the journal, and count what it would do."""
    sheet, row = headings.choose_sheet(source.sheets, sheet_name, settings)
    rules = loader.Loader(sheet.name, row, settings, edit_keys=options["edit"], only_failed=options["only_failed"])
    app = settings.api.app_id or "" if settings.api.access_token is None else ""
    shown = str(source.path) if source.path else "DataFrame"
    name = journal.start(
        base_url=settings.api.base_url,
        app=app,
        source=shown,
        sheet=sheet.name,
        digest=source.digest,
        headings=rules.headings,
        settings=settings.for_the_record(),
        options=options,
    )
    try:
        journal.plan(name, _counted(loader.plans(rules, sheet), on_event))
        if rules.surplus:
            journal.set_headings(name, (*rules.headings, ""))
        rounded = rules.rounded()
        if rounded:
            journal.refuse(name, (loader.refused(plan, rounded) for plan in journal.doubtful(name)))
        if options["only_failed"]:
            journal.refuse(name, [rules.overtaken(row, later) for row, later in journal.overtaken(name)])
        preview = Preview(
            base_url=settings.api.base_url,
            app=app or Message("preview.fixed_token" if settings.api.access_token else "preview.no_app"),
            source=shown,
            sheet=sheet.name,
            limits=settings.rate.parsed(),
            labels=rules.labels,
            limit=options["limit"],
            notes=rules.closing_notes(),
        )
        preview.count(journal.rows(name))
        if not preview.rows:
            raise SheetError("sheet.no_rows")
        preview.repeated_clues, preview.repeated = journal.repeated(name, 5)
    except BaseException:
        _discard(journal, name)
        raise
    return name, preview


def _counted(plans: Iterable[Plan], on_event: Callable[[Event], None]) -> Iterator[Plan]:
    for number, plan in enumerate(plans, 1):
        if number % _READING_STEP == 0:
            on_event(Reading(number))
        yield plan


def _refuse(preview: Preview, settings: Settings, strict: bool) -> None:
    """Raise ``Refused`` for a sheet that must not be sent at all."""
    preview.guard(settings.guards)
    if settings.duplicates == "error" and preview.repeated_clues:
        raise Refused("duplicates.refused", clues=preview.repeated_clues, examples=repetition(preview.repeated))
    if strict and preview.statuses["invalid"]:
        lines = [Message("problem", {"at": one.address, "what": one.message}) for one in preview.problems[:20]]
        raise Refused("strict.refused", rows=preview.statuses["invalid"], lines=lines)


def _dispatch(
    journal: Journal, name: str, settings: Settings, secrets: Secrets, stop: Stop, calls: int, on_event: Callable[[Event], None]
) -> Message | None:
    """Send what is pending; why it halted, if it did."""
    api = settings.api
    pace = Pace(settings.rate.parsed())
    begins = punctual(pace, stop)
    notices = deque[Message]()
    if api.access_token is not None:
        secrets.add(api.access_token.get_secret_value())
        tokens = Tokens(fixed=api.access_token.get_secret_value())
    else:
        app_id, app_secret = api.app_id or "", api.app_secret.get_secret_value() if api.app_secret else ""

        def ask() -> Grant | Reply:
            return fetch_token(api.base_url, app_id, app_secret, secrets, timeout=api.timeout, begins=begins, ends=pace.used)

        tokens = Tokens(fetch=token_fetcher(ask, pace, settings, stop, notices))
    try:
        with Client(api.base_url, tokens, secrets, timeout=api.timeout, begins=begins, ends=pace.used) as client:
            dispatcher = Dispatcher(
                journal=journal,
                run=name,
                edit=client.edit,
                tokens=tokens,
                pace=pace,
                settings=settings,
                stop=stop,
                notices=notices,
                on_event=on_event,
            )
            return dispatcher.send(calls)
    except Halted as error:
        return error.message


def counts(statuses: Mapping[str, int]) -> dict[str, int]:
    """The summary's counts: a pending row was not sent, one that is still in flight failed."""
    found = dict.fromkeys(SUMMARY_STATUSES, 0)
    for status, number in statuses.items():
        found[results.shown_status(Status(status))] += number
    return found
