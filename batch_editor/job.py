"""The whole job: read, check, record, dispatch, write results. The one place that joins the parts of the house.

``run``, ``resume``, ``check`` and ``load_edits`` are the Python interface, and what the command line calls. They tell their
progress as events and print nothing; what went wrong before anything was sent is raised, what became of rows is in the report.
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
from .earlier import find
from .errors import Declined, Halted, Refused, ResultsNotWritten, SettingsError, SheetError, UnderWay
from .journal import Journal, Run
from .messages import Lang, language
from .pace import Pace
from .preview import Preview, repetition
from .records import SUMMARY_STATUSES, Edit, Event, Message, Plan, Problem, Reading, Reply, Status
from .report import Report
from .sheets import Sheet, read_file, read_frame
from .tokens import Grant, Secrets, Tokens

if TYPE_CHECKING:
    from pandas import DataFrame

JOURNAL = "journal.sqlite3"
#: What stands for the path of a sheet that came as a DataFrame.
DATA_FRAME = "DataFrame"
_READING_STEP = 1000
#: How many reasons of rows that failed or were rejected a report holds.
MOST_REASONS = 3


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
            preview = _ready(journal, _open(sheet), settings, sheet_name, options, on_event=on_event).preview
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
    new: bool = False,
    confirm: Callable[[Preview], bool] = lambda preview: True,
    on_event: Callable[[Event], None] = lambda event: None,
    stop: Stop | None = None,
) -> Report:
    """Send every edit of ``sheet`` (a file or a DataFrame) and write the results sheet.

    ``edit_keys``: only these fields count as edits. ``only_failed``: ``sheet`` is a results sheet, and its updated rows
    stay as they are. ``limit``: send the first so many edits. ``strict``: refuse a sheet with an invalid row. ``new``: start
    over, also where an earlier run of the same file stopped early; otherwise that one is gone on with.
    ``confirm`` is asked before the first call. A DataFrame has a results sheet only where ``output`` names it.

    Raises ``Refused`` if nothing was sent because of the input, the settings or the answer to ``confirm``, and ``UnderWay``
    if another process drives the same run; everything that happens later is in the report.
    """
    began = time.monotonic()
    settings = settings or Settings()
    _require_credentials(settings)
    target = Path(output).absolute() if output is not None else None
    source = _open(sheet)
    if wanted := target or (results.default_target(source.path) if source.path else None):
        results.check_target(wanted)
    options = _options(edit_keys, only_failed, limit, strict) | {"output": str(target) if target else None}
    with open_journal(settings) as journal:
        with _nothing_sent():
            _clear_away(journal)
            ready = _ready(journal, source, settings, sheet_name, options, new=new, on_event=on_event)
        target = target or _target(ready.earlier, source.path)
        return _submit(journal, ready, settings, target, strict, began, confirm, on_event, stop or Stop())


def resume(
    run: str,
    settings: Settings | None = None,
    *,
    output: str | Path | None = None,
    confirm: Callable[[Preview], bool] = lambda preview: True,
    on_event: Callable[[Event], None] = lambda event: None,
    stop: Stop | None = None,
) -> Report:
    """Go on with a run: send its rows that were not sent or failed, and write its results sheet again.

    It goes to the address that it went to before; the rest of ``settings`` decides how. Raises ``Refused`` if nothing was
    sent because there is no such run, it was never sent at all, or it belongs to another app, and ``UnderWay`` if another
    process drives it.
    """
    began = time.monotonic()
    settings = settings or Settings()
    with open_journal(settings) as journal:
        with _nothing_sent():
            earlier = journal.run(run)
            if earlier.state == "abandoned":
                raise Refused("resume.abandoned", run=run, sheet=earlier.source)
            api = settings.api.model_copy(update={"base_url": earlier.base_url})
            settings = settings.model_copy(update={"api": api})
            _require_credentials(settings)
            if _app(settings) != earlier.app:
                fixed = Message("preview.fixed_token")
                raise SettingsError("resume.other_app", run=run, theirs=earlier.app or fixed, ours=_app(settings) or fixed)
            target = Path(output).absolute() if output is not None else _target(earlier, None)
            if target is not None:
                results.check_target(target)
            journal.claim(run)
            ready = _rest(journal, earlier, settings, None)
        return _submit(journal, ready, settings, target, False, began, confirm, on_event, stop or Stop())


@dataclass(frozen=True, slots=True)
class _Ready:
    """A run that this process drives, ready to be sent; ``earlier`` is what the journal said of it if it was begun before."""

    name: str
    preview: Preview
    earlier: Run | None = None


def _submit(
    journal: Journal,
    ready: _Ready,
    settings: Settings,
    target: Path | None,
    strict: bool,
    began: float,
    confirm: Callable[[Preview], bool],
    on_event: Callable[[Event], None],
    stop: Stop,
) -> Report:
    """Ask, send, write the results to ``target``; what every way to send has in common. Raises ``Refused``."""
    name, preview = ready.name, ready.preview
    try:
        if ready.earlier is None:
            _refuse(preview, settings, strict)
        asked = time.monotonic()
        if preview.calls and not confirm(preview):
            raise Declined("prompt.declined")
        began += time.monotonic() - asked  # how long somebody thought is no time of ours
        with _nothing_sent():
            journal.state(name, "sending")
    except BaseException:
        _leave(journal, name, ready.earlier)
        raise
    sent = _Sent()
    if preview.calls:
        try:
            sent = _dispatch(journal, name, settings, stop, preview.calls, on_event)
        except Refused:  # there was not even a client that could have sent something
            _leave(journal, name, ready.earlier)
            raise
        except BaseException:
            with suppress(Halted):
                journal.state(name, "stopped")
            raise
    return _report(journal, ready, settings, target, sent, began)


def _report(journal: Journal, ready: _Ready, settings: Settings, target: Path | None, sent: _Sent, began: float) -> Report:
    """Write down how the run ended, and its results."""
    name, lang = ready.name, language(settings.lang)
    found = counts(journal.counts(name))
    left = ready.preview.calls - sent.done
    halted = sent.halted
    if halted is None and left:
        halted = Message("halt.held_back", {"rows": left})
    try:
        journal.state(name, "stopped" if left or found["not_sent"] else "finished", halted=halted)
    except Halted as error:
        halted = error.message
    written, unwritten = None, None
    if target is not None:
        try:
            written = write_results(journal, journal.run(name), target, lang)
        except ResultsNotWritten as error:
            unwritten = error.message
    bad = found["invalid"] + found["conflict"] + found["rejected"] + found["failed"]
    return Report(
        run=name,
        exit_code=3 if left else 1 if bad or unwritten else 0,
        rows=ready.preview.rows,
        counts=found,
        results=written,
        seconds=time.monotonic() - began,
        preview=ready.preview,
        halted=halted,
        unwritten=unwritten,
        reasons=journal.reasons(name, MOST_REASONS),
        slowed=sent.slowed,
        journal=journal.path,
        lang=lang,
    )


def _leave(journal: Journal, name: str, earlier: Run | None) -> None:
    """Nothing was sent: forget a new run; one that was begun earlier has stopped, as it had before."""
    with suppress(Halted):  # a journal that is full can only not forget it
        if earlier is None:
            journal.discard(name)
        elif earlier.state != "finished":
            journal.state(name, "stopped", halted=earlier.halted)


def _clear_away(journal: Journal) -> None:
    """Forget runs whose process ended while they were planned: nobody has agreed to them, and nothing of them was sent."""
    for run in journal.runs():
        if run.state == "abandoned":
            with suppress(UnderWay):
                journal.claim(run.name)
                journal.discard(run.name)


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


def _app(settings: Settings) -> str:
    """Which app the runs are known by: ``app_id``, or nothing where the token is fixed and its app is not known."""
    return settings.api.app_id or "" if settings.api.access_token is None else ""


def _target(earlier: Run | None, path: Path | None) -> Path | None:
    """Where the results of a run go that was not told: where it was told before, else beside the sheet at ``path``."""
    if earlier and (path is None or str(path) == earlier.source):
        if told := earlier.results or earlier.options.get("output"):
            return Path(told)
        path = Path(earlier.source) if earlier.digest else None
    return results.default_target(path) if path else None


def _ready(
    journal: Journal,
    source: _Source,
    settings: Settings,
    sheet_name: str | None,
    options: Mapping[str, Any],
    *,
    new: bool = False,
    on_event: Callable[[Event], None],
) -> _Ready:
    """The earlier run of the sheet that is to be gone on with, else a new one: the whole sheet read into the journal."""
    sheet, row = headings.choose_sheet(source.sheets, sheet_name, settings)
    rules = loader.Loader(sheet.name, row, settings, edit_keys=options["edit"], only_failed=options["only_failed"])
    app = _app(settings)
    shown = str(source.path) if source.path else DATA_FRAME
    with journal.alone():  # of two processes that start at once, the second one has to see the first
        earlier, said = None, None
        if not new:
            earlier, said = find(journal, digest=source.digest, sheet=sheet.name, app=app, settings=settings, options=options)
        if earlier:
            journal.claim(earlier.name)
        else:
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
    if earlier:
        return _rest(journal, earlier, settings, options["limit"])
    try:
        journal.plan(name, _counted(loader.plans(rules, sheet), on_event))
        if rules.surplus:
            journal.set_headings(name, (*rules.headings, ""))
        rounded = rules.rounded()
        if rounded:
            journal.refuse(name, (loader.refused(plan, rounded) for plan in journal.doubtful(name)))
        if options["only_failed"]:
            journal.refuse(name, [rules.overtaken(row, later) for row, later in journal.overtaken(name)])
            if rules.results_time:
                _refuse_older(journal, name, rules.results_time, ambiguous=True)
        preview = _preview(journal, name, settings, shown, sheet.name, options["limit"])
        preview.labels, preview.notes = rules.labels, rules.closing_notes()
        preview.before, preview.repeats = said, said is not None
        preview.count(journal.rows(name))
        if not preview.rows:
            raise SheetError("sheet.no_rows")
        preview.repeated_clues, preview.repeated = journal.repeated(name, 5)
    except BaseException:
        _leave(journal, name, None)
        raise
    return _Ready(name, preview)


def _rest(journal: Journal, earlier: Run, settings: Settings, limit: int | None) -> _Ready:
    """What is left of a run that is driven by this process."""
    name, ambiguous = earlier.name, settings.retry.ambiguous
    journal.abandon(name, Message("failed.interrupted"))
    _refuse_older(journal, name, None, ambiguous=ambiguous)
    preview = _preview(journal, name, settings, earlier.source, earlier.sheet, limit)
    preview.labels = headings.Names(settings).labels()
    preview.before = Message("preview.goes_on", {"run": name, "time": earlier.started})
    preview.count(journal.remaining(name, ambiguous=ambiguous))
    preview.repeated_clues, preview.repeated = journal.repeated(name, 5)
    return _Ready(name, preview, earlier)


def _refuse_older(journal: Journal, name: str, since: str | None, *, ambiguous: bool) -> None:
    """Make ``conflict`` what would put an older value over one that another run has set since."""
    found = journal.changed_since(name, since, ambiguous=ambiguous)
    journal.conflict(name, ((row, Message("row.changed_since", {"run": other})) for row, other in found))


def _preview(journal: Journal, name: str, settings: Settings, source: str, sheet: str, limit: int | None) -> Preview:
    fixed = Message("preview.fixed_token" if settings.api.access_token else "preview.no_app")
    return Preview(
        base_url=settings.api.base_url,
        app=_app(settings) or fixed,
        source=source,
        sheet=sheet,
        limits=settings.rate.parsed(),
        limit=limit,
    )


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


@dataclass(frozen=True, slots=True)
class _Sent:
    """How sending ended: why it halted, how many edits have an outcome, and the least share of the rate that was used."""

    halted: Message | None = None
    done: int = 0
    slowed: float = 1.0


def _dispatch(
    journal: Journal, name: str, settings: Settings, stop: Stop, calls: int, on_event: Callable[[Event], None]
) -> _Sent:
    """Send what is to be sent."""
    api, secrets, notices = settings.api, Secrets(), deque[Message]()
    pace = Pace(settings.rate.parsed())
    begins = punctual(pace, stop)
    if api.access_token is not None:
        secrets.add(api.access_token.get_secret_value())
        tokens = Tokens(fixed=api.access_token.get_secret_value())
    else:
        app_id, app_secret = api.app_id or "", api.app_secret.get_secret_value() if api.app_secret else ""

        def ask() -> Grant | Reply:
            return fetch_token(api.base_url, app_id, app_secret, secrets, timeout=api.timeout, begins=begins, ends=pace.used)

        tokens = Tokens(fetch=token_fetcher(ask, pace, settings, stop, notices))
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
        try:
            halted = dispatcher.send(calls)
        except Halted as error:
            halted = error.message
    return _Sent(halted, dispatcher.done)


def counts(statuses: Mapping[str, int]) -> dict[str, int]:
    """The summary's counts: a pending row was not sent, one that is still in flight failed."""
    found = dict.fromkeys(SUMMARY_STATUSES, 0)
    for status, number in statuses.items():
        found[results.shown_status(Status(status))] += number
    return found
