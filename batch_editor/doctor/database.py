"""Looks at a journal in a database that many machines share: whether it is reached, and what waits there for somebody.

Nothing is changed, but for what processes of this computer knew of rows and could not write down: that is done by opening it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from importlib.metadata import version

from ..crm.connection import tenant_key
from ..errors import BatchEditorError, SettingsError
from ..job import open_journal
from ..journal.journal import Journal
from ..journal.kept_facts import abandoned
from ..messages.time import spoken
from ..runs.unfinished import unfinished_runs
from ..settings.settings import Settings, app_of
from .checks import Check, not_looked_at, passed_on, waiting, warning, well

#: Seconds by which this computer's clock may differ from that of the database before somebody should know.
_CLOCK = 5.0
#: A worker was seen lately that was seen within so many seconds; a shard that nobody takes for so long waits for too long.
_LATELY, _TOO_LONG = 60.0, 60.0


def look(settings: Settings) -> tuple[list[Check], int | None]:
    """Returns what is to be said of the journal, its runs and who sends them, and the clue that was updated last."""
    try:
        journal = open_journal(settings)
    except BatchEditorError as error:
        return [passed_on("journal", error.message), *waiting(("runs", "workers"), "journal")], None
    with closing(journal):
        try:
            return [
                *_database(journal, settings),
                *_runs(journal, settings),
                *_workers(journal, settings),
            ], journal.server_look.latest_clue()
        except BatchEditorError as error:
            return [passed_on("journal", error.message), *waiting(("runs", "workers"), "journal")], None


def _database(journal: Journal, settings: Settings) -> Iterator[Check]:
    try:
        journal.workers.check_queue()
    except SettingsError as error:
        yield passed_on("journal", error.message)
    else:
        yield well("journal", "doctor.database.good", path=journal.place)
    difference = (datetime.now().astimezone() - datetime.fromisoformat(journal.now())).total_seconds()
    if abs(difference) > _CLOCK:
        key = "doctor.database.clock_ahead" if difference > 0 else "doctor.database.clock_behind"
        yield warning("journal", key, time=spoken(abs(difference)))
    if not journal.server_look.is_durable():
        yield warning("journal", "doctor.database.not_durable", path=journal.place)
    for file in abandoned(settings.state_dir):
        yield warning("journal", "doctor.database.facts", file=file)


def _runs(journal: Journal, settings: Settings) -> Iterator[Check]:
    unfinished = unfinished_runs(journal, None, settings)
    if not unfinished:
        yield well("runs", "doctor.runs.none")
        return
    runs = unfinished[::-1]  # the latest first
    names = ", ".join(of.run.name for of in runs[:3]) + (", …" if len(runs) > 3 else "")
    yield warning("runs", "doctor.runs.unfinished", count=len(runs), names=names, latest=runs[0].run.name)


def _workers(journal: Journal, settings: Settings) -> Iterator[Check]:
    """Yields who sends for this tenant and the others, and what nobody takes."""
    workers = [worker for worker in journal.leases.workers() if worker.ago <= _LATELY]
    for worker in workers:
        if worker.version != version("batch-editor"):
            yield warning(
                "workers", "doctor.workers.version", host=worker.host, theirs=worker.version, ours=version("batch-editor")
            )
    waits = journal.server_look.waiting(_TOO_LONG)
    for shards in waits:
        is_served = any(shards.tenant in worker.tenants for worker in workers)
        key = "doctor.workers.slow" if is_served else "doctor.workers.nobody"
        yield warning("workers", key, run=shards.run, shards=shards.number, time=spoken(shards.seconds))
    if (jobs := journal.server_look.stalled_jobs(_LATELY)) and not waits:
        yield warning("workers", "doctor.workers.stalled", jobs=jobs)
    if not workers:
        yield not_looked_at("workers", "doctor.workers.none")
    elif not any(tenant_key(settings, app_of(settings)) in worker.tenants for worker in workers):
        yield warning("workers", "doctor.workers.not_ours", workers=len(workers))
    else:
        hosts = ", ".join(dict.fromkeys(worker.host for worker in workers))
        yield well("workers", "doctor.workers.seen", workers=len(workers), hosts=hosts)
