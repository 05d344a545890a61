"""A run in steps: planned, looked at, and sent by whoever has seen it, in one process or in several.

``plan`` leaves a run in the journal that waits for somebody to agree. The other functions open it again, read its clues, send
it, or ask it to stop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ..errors import Refused
from ..events import Event
from ..output import results
from ..settings.settings import Settings, require_credentials
from ..stop import Stop
from .closing import close_if_over
from .drive import Drive
from .handing_out import require_detachable
from .journal_file import open_journal
from .kept_plans import keep_plan
from .listener import Listener
from .loading import with_names
from .options import RunOptions, Tags, key_names, with_snapshot
from .planning import open_again, plan_sheet
from .prepared import PreparedRun
from .report import Report
from .result_places import target_of
from .results import nothing_sent
from .sheet_choices import SheetChoices
from .source import SheetSource, open_source


def plan(
    sheet: SheetSource,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    edit_keys: str | Sequence[str] = (),
    only_failed: bool = False,
    visible_only: bool = False,
    limit: int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    strict: bool = False,
    only_changed: bool = False,
    only_empty: bool = False,
    tags: Tags | None = None,
    snapshot: bool | None = None,
    choices: SheetChoices | None = None,
    title: str = "",
    person: str = "",
    attended: bool = False,
    on_event: Callable[[Event], None] | None = None,
) -> PreparedRun:
    """Reads ``sheet`` into a new run that waits for somebody to agree: it can be looked at, sent by ``send``, or discarded.

    It outlives this process: ``open_run`` finds it again by its name. The options are those of ``run``; without ``snapshot``
    old values are read only where the settings say true. ``choices`` say which row holds the headings and what columns stand
    for, where that is not what is found out (``look_at``). ``title`` is what people call the sheet, where its file is called
    otherwise, and ``person`` the name of who plans. ``attended``: somebody looks at it and can mend it, so that old values are
    read unless the settings say that they are not, and it is kept where guards, ``strict`` or ``duplicates`` speak against it
    as it is: then ``send`` refuses it.

    Raises ``Refused`` where ``run`` would refuse to start. What is returned keeps the journal open: use it as a context
    manager, or ``close`` it.
    """
    options = RunOptions(
        edit_keys=key_names(edit_keys),
        only_failed=only_failed,
        visible_only=visible_only,
        limit=limit,
        strict=strict,
        only_changed=only_changed,
        only_empty=only_empty,
        tags=tags,
        encoding=encoding,
        delimiter=delimiter,
    )
    with Listener(on_event) as events, ExitStack() as opened, nothing_sent():
        settings = settings or Settings()
        require_credentials(settings)
        source = opened.enter_context(open_source(sheet, encoding=encoding, delimiter=delimiter))
        settings = with_names(settings, events)
        options = with_snapshot(options, snapshot, settings.snapshot, attended=attended)
        journal = opened.enter_context(open_journal(settings))
        prepared = plan_sheet(
            journal,
            source,
            settings,
            sheet_name,
            options,
            choices=choices,
            new=True,
            known=journal,
            on_event=events,
            on_start=events.start,
            title=title,
            person=person,
            keeps_cells=True,
        )
        keep_plan(prepared, as_it_is=attended)
        opened.pop_all()
    return prepared


def open_run(run: str, settings: Settings | None = None) -> PreparedRun:
    """Opens a run that is planned, or that stopped early, to look at what is left of it, and to send or discard it.

    It goes to the address that it was planned for; the rest of ``settings`` decides how. What speaks against its rows by now,
    such as a later run that has set the same fields, is found again. Raises ``Refused`` as ``resume`` does, and ``UnderWay``
    where somebody drives the run. What is returned keeps the journal open, as that of ``plan``.
    """
    with Listener(run=run), ExitStack() as opened, nothing_sent():
        settings = settings or Settings()
        journal = opened.enter_context(open_journal(settings))
        prepared = open_again(journal, run, settings)
        journal.let_go(run)
        opened.pop_all()
    return prepared


def read_clues(
    prepared: PreparedRun, *, on_event: Callable[[Event], None] | None = None, stop: Stop | None = None
) -> PreparedRun:
    """Reads the clues of a prepared run, and returns it with a preview that says what differs; sends nothing.

    What is to be sent may be less afterwards, so the digest is another one. Raises ``Refused`` if reading halts, or no clue at
    all can be read, and ``UnderWay`` where somebody else drives the run.
    """
    with Listener(on_event, prepared.name) as events, prepared.driven(), nothing_sent():
        events.start(prepared.name)
        drive = Drive(prepared, stop or Stop(), events, attended=True)
        drive.read_all()
        return replace(prepared, counted=drive.preview)


def send(
    prepared: PreparedRun,
    *,
    confirmed: str,
    output: str | Path | None = None,
    prove: bool | None = None,
    person: str = "",
    detach: bool = False,
    on_event: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
) -> Report:
    """Sends a prepared run, if it is still what somebody has ``confirmed``: the ``digest`` of what they were shown.

    The results go to ``output``, or where ``run`` and ``resume`` would write them. The digest is taken anew, once this process
    alone drives the run; rows whose clues are still to be read are confirmed as their sheet has them. ``prove``: the first edit
    is sent alone and read back, and the others follow if it is right; None leaves that to the settings. ``person`` is the name
    of who has confirmed; the journal keeps it. ``detach`` is that of ``run``.

    Raises ``Refused`` if the digest is another one, or as ``run`` does, with nothing sent and the run left as it was;
    ``UnderWay`` where somebody else drives the run. Everything that happens later is in the report.
    """
    began = time.monotonic()
    with Listener(on_event, prepared.name) as events:
        require_detachable(prepared.journal, detach=detach)
        with nothing_sent():
            current = open_again(prepared.journal, prepared.name, prepared.settings, events.start)
            current = replace(current, index=prepared.index)
        try:
            with nothing_sent():
                if current.digest() != confirmed:
                    raise Refused("plan.changed", run=current.name)
                target = results.writable(output, target_of(current.earlier, None))
            stop = stop or Stop()
            drive = Drive(
                current,
                stop,
                events,
                attended=False,
                asked_output=output is not None,
                prove=prove,
                person=person,
                detach=detach,
            )
            return events.noted(drive.execute(target, began, None))
        finally:
            prepared.journal.let_go(prepared.name)


def stop_run(run: str, settings: Settings | None = None) -> None:
    """Asks whoever sends ``run``, here or in another process, to stop after what is in flight, and returns at once.

    Whoever that is notices within about a second, also while clues are read and in a pause, and ends as after Ctrl-C. Raises
    ``Refused`` if there is no such run, or nobody drives it.
    """
    settings = settings or Settings()
    with Listener(run=run), open_journal(settings) as journal, nothing_sent():
        journal.run(run)
        if not journal.is_driven(run):
            raise Refused("stop.not_driven", run=run)
        journal.of(run).ask_to_stop()
        if journal.is_shared:
            close_if_over(journal, run, settings)
