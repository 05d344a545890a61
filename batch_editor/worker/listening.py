"""Listens to the queues of a worker's tenants, for as long as it is to: jobs come in within moments where a slot is free.

The queue is that of procrastinate, which is asynchronous; so is this module alone, in a thread of its own. A job only says that
there may be something to do, and nothing that is done hangs on it. Where the database goes away, or is not there yet, it is
tried again until it is there.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ProcrastinateException
from procrastinate.jobs import Status

from ..journal import job_queue

#: Seconds between two tries to reach the queue.
_TRY_AGAIN = 1.0
#: When what nobody has is given to somebody: every five seconds, by one of all workers. The seconds stand last.
_TENDING = "* * * * * */5"
#: Seconds after which a process that does not say that it is there is none, as far as the queue is concerned.
_STALLED, _HEARTBEAT = 60.0, 10.0
#: Seconds for which a database that has gone away is waited for before all begins anew.
_PATIENCE = 3.0
#: Seconds between two looks into the queue, where a notification is lost.
_POLL = 5.0
#: Seconds for which the end of the thread is waited for.
_ENDING = 10.0


class Listening:
    """Has ``send`` begin for each job of a tenant, ``number`` at a time, and ``tend`` every few seconds on one of all workers.

    ``on_reached`` is called with whether the queue at the address ``dsn`` can be reached, whenever that changes.
    """

    def __init__(
        self,
        dsn: str,
        number: int,
        send: Callable[[], Future[None]],
        tend: Callable[[], Future[None]],
        on_reached: Callable[[bool], None],
    ) -> None:
        self._dsn = dsn
        self._number = number
        self._send = send
        self._tend = tend
        self._on_reached = on_reached
        self._is_reached = True
        self._stop: Callable[[], object] = lambda: None
        self._thread: threading.Thread | None = None

    def begin(self, tenants: Sequence[str]) -> None:
        """Listens to the queues of ``tenants`` from here on."""
        for name in ("procrastinate", "psycopg.pool"):  # what they have to say is said in words of ours
            logger = logging.getLogger(name)
            logger.propagate = False
            logger.handlers = [logging.NullHandler()]
        queues = [job_queue.queue_of(tenant) for tenant in tenants] or [job_queue.queue_of("")]  # none would mean all
        begun = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(queues, begun), name="queue", daemon=True)
        self._thread.start()
        begun.wait()

    def end(self) -> None:
        """Listens no longer. What jobs have begun goes on."""
        self._stop()
        if self._thread is not None:
            self._thread.join(_ENDING)

    def _run(self, queues: list[str], begun: threading.Event) -> None:
        async def listen() -> None:
            loop = asyncio.get_running_loop()
            hearing = asyncio.ensure_future(self._hear(queues))
            loop.set_exception_handler(lambda loop, context: None)  # of a job whose end cannot be written down: it is none
            self._stop = lambda: None if loop.is_closed() else loop.call_soon_threadsafe(hearing.cancel)
            begun.set()
            with suppress(asyncio.CancelledError):
                await hearing

        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:  # psycopg works with no other loop
            runner.run(listen())

    async def _hear(self, queues: list[str]) -> None:
        while True:
            try:
                await self._listen(queues)
            except (ProcrastinateException, psycopg.Error, OSError):
                self._reached(is_reached=False)
            await asyncio.sleep(_TRY_AGAIN)

    def _reached(self, *, is_reached: bool) -> None:
        if is_reached is not self._is_reached:
            self._is_reached = is_reached
            self._on_reached(is_reached)

    async def _listen(self, queues: list[str]) -> None:
        """Takes jobs until one of the two workers of the queue ends: for tending there is always room."""
        async with await psycopg.AsyncConnection.connect(self._dsn, **job_queue.CONNECTING):
            pass  # it is there: a pool would look for it more and more rarely
        app = App(connector=self._connector())
        app.task(name=job_queue.DRIVE)(self._drive)
        app.periodic(cron=_TENDING)(app.task(name="tend", queue=job_queue.TENDING, queueing_lock="tending")(self._tending(app)))
        async with app.open_async():
            self._reached(is_reached=True)
            await _first_of(_working(app, queues, self._number), _working(app, [job_queue.TENDING], 1))

    def _connector(self) -> PsycopgConnector:
        connecting: dict[str, Any] = {"kwargs": job_queue.CONNECTING, "timeout": _PATIENCE, "configure": _alone}
        return PsycopgConnector(conninfo=self._dsn, min_size=1, max_size=4, **connecting)

    async def _drive(self, **_: object) -> None:
        """Waits for the end of what a job has begun, so that no more jobs are taken than there are slots."""
        await asyncio.wrap_future(self._send())

    def _tending(self, app: App) -> Callable[[int], Coroutine[Any, Any, None]]:
        async def tend(timestamp: int) -> None:
            await asyncio.wrap_future(self._tend())
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED):
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
            await app.job_manager.prune_stalled_workers(_STALLED)

        return tend


async def _alone(connection: psycopg.AsyncConnection) -> None:
    """Makes each statement a transaction of its own: a process that stands still between one and its commit would keep all
    other workers from looking after what nobody has."""
    await connection.set_autocommit(True)


async def _first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Does several things at once until one of them ends, and ends the others. Raises what one of them has raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


def _working(app: App, queues: list[str], number: int) -> Coroutine[Any, Any, None]:
    return app.run_worker_async(
        queues=queues,
        concurrency=number,
        fetch_job_polling_interval=_POLL,
        shutdown_graceful_timeout=0.0,  # what a job has begun goes on by itself
        delete_jobs="always",
        install_signal_handlers=False,
        update_heartbeat_interval=_HEARTBEAT,
        stalled_worker_timeout=_STALLED,
    )
