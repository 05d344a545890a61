"""The whole job: read, check, record, dispatch, write results. The one place that joins the parts of the house.

``run``, ``resume``, ``check`` and ``load_edits`` are the Python interface, and what the command line calls. They tell their
progress as events and print nothing; what went wrong before anything was sent is raised, what became of rows is in the report.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import headings, loader, results
from .client import Client, fetch_token
from .config import Settings
from .dispatcher import Dispatcher, Stop, punctual, token_fetcher
from .errors import Declined, Halted, Refused, ResultsNotWritten, SettingsError, UnderWay
from .journal import Journal
from .messages import Lang, language
from .pace import Pace
from .planning import Ready, app_of, leave, names, open_source, prepare, refuse, require_credentials, rest, target_of, told
from .preview import Preview, spoken
from .records import SUMMARY_STATUSES, Edit, Event, Message, Plan, Problem, Reply, Run, Status
from .report import Report
from .tokens import Grant, Secrets, Tokens

if TYPE_CHECKING:
    from pandas import DataFrame

JOURNAL = "journal.sqlite3"
#: Seconds; windows that are longer than this outlast a run, and what the file of the pace may have lost is looked up for them.
MADE_UP_FROM = 60.0
#: How many reasons of rows that failed or were rejected a report holds.
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Loaded:
    """The edits of a sheet, the rows without one, and what is wrong: everything in memory."""

    edits: list[Edit]
    plans: list[Plan]
    problems: list[Problem]
    notes: list[Message]


def load_edits(
    sheet: str | Path | DataFrame,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    edit_keys: str | Sequence[str] = (),
) -> Loaded:
    """The edits that ``sheet`` asks for, without sending them. Raises ``Refused`` as ``run`` does."""
    settings = settings or Settings()
    chosen, row = headings.choose_sheet(open_source(sheet).sheets, sheet_name, settings)
    rules = loader.Loader(chosen.name, row, settings, edit_keys=names(edit_keys))
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
        options = told(edit_keys, only_failed, limit, strict)
        with _nothing_sent():
            preview = prepare(journal, open_source(sheet), settings, sheet_name, options, on_event=on_event).preview
        refuse(preview, settings, strict)
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
    require_credentials(settings)
    target = Path(output).absolute() if output is not None else None
    source = open_source(sheet)
    if wanted := target or (results.default_target(source.path) if source.path else None):
        results.check_target(wanted)
    options = told(edit_keys, only_failed, limit, strict) | {"output": str(target) if target else None}
    with open_journal(settings) as journal:
        with _nothing_sent():
            _clear_away(journal)
            ready = prepare(journal, source, settings, sheet_name, options, new=new, on_event=on_event)
        target = target or target_of(ready.earlier, source.path)
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
            require_credentials(settings)
            if app_of(settings) != earlier.app:
                fixed = Message("preview.fixed_token")
                raise SettingsError("resume.other_app", run=run, theirs=earlier.app or fixed, ours=app_of(settings) or fixed)
            target = Path(output).absolute() if output is not None else target_of(earlier, None)
            if target is not None:
                results.check_target(target)
            journal.claim(run)
            ready = rest(journal, earlier, settings, None)
        return _submit(journal, ready, settings, target, False, began, confirm, on_event, stop or Stop())


def _submit(
    journal: Journal,
    ready: Ready,
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
        refuse(preview, settings, strict)
        asked = time.monotonic()
        if preview.calls and not confirm(preview):
            raise Declined("prompt.declined")
        began += time.monotonic() - asked  # how long somebody thought is no time of ours
        with _nothing_sent():
            journal.state(name, "sending")
    except BaseException:
        leave(journal, name, ready.earlier)
        raise
    sent = _Sent()
    if preview.calls:
        try:
            sent = _dispatch(journal, name, settings, stop, preview.calls, on_event)
        except Refused:  # there was not even a client that could have sent something
            leave(journal, name, ready.earlier)
            raise
        except BaseException:
            with suppress(Halted):
                journal.state(name, "stopped")
            raise
    return _report(journal, ready, settings, target, sent, began)


def _report(journal: Journal, ready: Ready, settings: Settings, target: Path | None, sent: _Sent, began: float) -> Report:
    """Write down how the run ended, and its results."""
    name, lang = ready.name, language(settings.lang)
    found = counts(journal.counts(name))
    undone = ready.preview.calls - sent.done
    halted = sent.halted
    if halted is None and undone:
        halted = Message("halt.held_back", {"rows": undone})
    written, unwritten = None, None
    if target is not None:
        try:
            written = write_results(journal, journal.run(name), target, lang)
        except ResultsNotWritten as error:
            unwritten = error.message
    try:  # now that the results are there: a run that is killed before is gone on with, and not sent once more
        journal.state(name, "stopped" if undone or found["not_sent"] else "finished", halted=halted)
    except Halted as error:
        halted = error.message
    bad = found["invalid"] + found["conflict"] + found["rejected"] + found["failed"]
    return Report(
        run=name,
        exit_code=3 if undone else 1 if bad or unwritten else 0,
        rows=ready.preview.rows,
        counts=found,
        results=written,
        seconds=time.monotonic() - began,
        preview=ready.preview,
        halted=halted,
        unwritten=unwritten,
        reasons=journal.reasons(name, MOST_REASONS),
        slowed=sent.slowed,
        left=journal.left(name, ambiguous=settings.retry.ambiguous),
        journal=journal.path,
        lang=lang,
    )


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


def write_results(journal: Journal, run: Run, target: Path | None, lang: Lang, *, aside: bool = False) -> Path:
    """Write the results sheet of ``run``, to ``target`` or where it was before. Raises ``ResultsNotWritten``.

    The file is known as the run's results from then on, and may be replaced later, unless it is a copy that stands ``aside``.
    """
    mine = Path(run.results) if run.results else None
    rows = sum(journal.counts(run.name).values())
    wanted = target or mine or results.default_target(Path(run.source))
    if rows > results.MOST_WORKBOOK_ROWS or journal.holds_longer(run.name, results.LONGEST_CELL):
        wanted = wanted.with_suffix(".csv")
    untouched = mine if mine and results.stamp(mine) == run.stamp else None  # else somebody may have mended cells in it
    written = results.write(wanted, run.headings, journal.rows(run.name), lang, run=run.name, mine=untouched)
    if not aside:
        with suppress(Halted):  # the sheet is there; a journal that is full can only not remember where
            journal.remember_results(run.name, str(written), results.stamp(written) or "")
    return written


def results_again(journal: Journal, name: str, target: Path | None, lang: Lang) -> Path:
    """Write the results sheet of a run that is over. Raises ``UnderWay`` where it is not."""
    run = journal.run(name)
    journal.claim(name)
    try:
        return write_results(journal, run, target, lang, aside=bool(target and run.results))
    finally:
        journal.let_go(name)


@contextmanager
def _nothing_sent() -> Iterator[None]:
    """A journal that fails before anything was sent refuses the run, and does not stop it."""
    try:
        yield
    except Halted as error:
        raise SettingsError(error.message.key, **error.message.values) from None


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
    notices = deque[Message]()

    def waits(seconds: float) -> None:
        notices.append(Message("notice.full", {"time": spoken(seconds)}))

    with Pace(settings.rate.parsed(), file=_pace_file(journal, settings), on_wait=waits) as pace:
        if pace.span > MADE_UP_FROM:
            try:
                pace.make_up(journal.requests(name, pace.span))
            except Halted as error:
                return _Sent(error.message)
        halted, done = _send(journal, name, settings, stop, calls, pace, notices, on_event)
        return _Sent(halted, done, pace.lowest)


def _pace_file(journal: Journal, settings: Settings) -> Path:
    """What all runs to the same address and app share."""
    tenant = hashlib.sha256(f"{settings.api.base_url} {app_of(settings)}".encode()).hexdigest()
    return journal.path.with_name(f"pace-{tenant[:16]}")


def _send(
    journal: Journal,
    name: str,
    settings: Settings,
    stop: Stop,
    calls: int,
    pace: Pace,
    notices: deque[Message],
    on_event: Callable[[Event], None],
) -> tuple[Message | None, int]:
    """Send what is to be sent; why it halted, and how many edits have an outcome."""
    api, secrets, begins = settings.api, Secrets(), punctual(pace, stop)
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
    return halted, dispatcher.done


def counts(statuses: Mapping[str, int]) -> dict[str, int]:
    """The summary's counts: a pending row was not sent, one that is still in flight failed."""
    found = dict.fromkeys(SUMMARY_STATUSES, 0)
    for status, number in statuses.items():
        found[results.shown_status(Status(status))] += number
    return found
