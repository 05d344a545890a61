"""Step 4: how far a run is, and why it waits; and, once nobody is at work on it, what is left and how to go on.

The page is whole without JavaScript, and loads itself anew then. With it the same texts and numbers come as events of
``/runs/RUN/events``, or are asked for at ``/runs/RUN/progress.json`` where a stream cannot be had.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from .. import job
from ..errors import BatchEditorError, Halted, Refused, UnderWay
from ..messages import Lang, say
from ..messages.time import spoken
from ..model import SUMMARY_STATUSES, Message, RunState
from ..runs.preview import Preview
from ..runs.progress import Progress
from ..runs.waits_in_words import span, waiting_message
from .charts import RateChart, rate_chart
from .drivers import Snapshot
from .page_words import on_page
from .rendering import lang_of, render
from .site import Site, site_of
from .status_signs import SIGNS

#: Seconds without an event after which a comment is sent, so that everybody on the way sees that the connection lives.
HEARTBEAT = 15.0
#: Seconds after which a stream ends, so that whoever asks for the next one is looked at anew.
LONGEST_STREAM = 600.0
#: Milliseconds after which a browser whose connection was lost asks again.
RETRY = 2000
#: Seconds after which a page without JavaScript is loaded anew.
RELOAD = 5
#: Statuses in the order in which they are shown.
STATUSES = ("updated", "pending", "sending", *(status for status in SUMMARY_STATUSES if status != "updated"))
#: Notices that are still true when they are not new any more; the others are told as reasons to wait.
_LASTING = {"notice.slower", "notice.token_renewed", "notice.as_shown", "proof.given", "proof.skipped"}
#: So often it is tried to go on with a run that somebody is just looking through.
_TRIES = 3
#: No proxy may keep back or change what is sent.
_STREAM_HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of a snapshot, in one language: the same for a template and, as JSON, for a script.

    ``texts`` are those of the elements with these ids; an empty one is not shown. ``done`` of ``total`` is for the bar, and
    ``total`` 0 where it is not known yet. ``said`` is for who listens; ``wait`` is the reason for which the run waits.
    ``has_trouble``: reading or sending came to nothing, and the page says why.
    """

    version: str
    state: str
    is_at_work: bool
    title: str
    texts: dict[str, str]
    done: int
    total: int
    counts: dict[str, str]
    chart: RateChart | None
    announcement: str
    wait: str
    has_trouble: bool


def shown(snapshot: Snapshot, lang: Lang) -> Shown:
    """Returns what the page shows of ``snapshot``."""

    def t(key: str | Message, /, **places: object) -> str:
        return say(on_page(key if isinstance(key, Message) else Message(key, places)), lang)

    progress = snapshot.progress
    percent = 100 * progress.done // progress.total if progress.total else 0
    is_reading = snapshot.state is RunState.READING
    what = t(_what(snapshot))
    done_of = "progress.read_of" if is_reading else "progress.done_of"
    places = {"done": f"{progress.done:,}", "total": f"{progress.total:,}", "percent": percent}
    how_far = t(done_of, **places) if progress.total else t("progress.beginning")
    waits = progress.waiting is not None and not snapshot.is_stopping
    waiting = t(waiting_message(progress.waiting) if progress.waiting and waits else Message("progress.waits_not"))
    time_left = t(_time_left(progress)) if snapshot.is_here and snapshot.is_at_work else ""
    chart = rate_chart(progress.points, progress.seconds) if len(progress.points) > 1 else None
    notices = [notice for notice in progress.notices if notice.key in _LASTING]
    shared = [t(notice) for notice in progress.notices if notice.key.startswith("shared.")]
    note = t(notices[-1]) if notices else t("progress.and_then").join(shared)
    texts = {"headline": what, "how-far": how_far, "time-left": time_left, "waiting": waiting, "note": note}
    if chart:
        texts |= {
            "rate-recent": t("progress.rate_recent", rate=f"{progress.rate:g}"),
            "rate-top": t("progress.rate_top", rate=f"{chart.most:g}"),
            "rate-end": t(span(chart.seconds)),
            "rate-label": t("progress.rate_label", time=span(chart.seconds), rate=f"{progress.rate:g}"),
        }
    return Shown(
        version=snapshot.version,
        state=snapshot.state.value,
        is_at_work=snapshot.is_at_work,
        title=t("progress.title_at", percent=percent, what=what) if snapshot.is_at_work and progress.total else what,
        texts=texts,
        done=progress.done,
        total=progress.total,
        counts={status: f"{progress.counts[status]:,}" for status in STATUSES if progress.counts.get(status)},
        chart=chart,
        announcement=t("progress.announcement", done=progress.done, total=progress.total, more=waiting if waits else time_left),
        wait=progress.waiting.reason if progress.waiting and waits else "",
        has_trouble=snapshot.error is not None,
    )


def _what(snapshot: Snapshot) -> str:
    if snapshot.is_at_work and snapshot.is_stopping:
        return "progress.stopping_now"
    match snapshot.state:
        case RunState.SENDING:
            return "progress.sending_now"
        case RunState.READING:
            return "progress.reading_now"
        case RunState.FINISHED:
            return "progress.finished"
        case RunState.STOPPED:
            return "progress.stopped"
        case RunState.INTERRUPTED:
            return "progress.interrupted"
        case RunState.ABANDONED:
            return "progress.abandoned"
        case RunState.PLANNED:
            return "progress.nothing_sent"
        case RunState.PLANNING:
            return "progress.title"


def _time_left(progress: Progress) -> Message:
    if progress.seconds_left is None:
        return Message("progress.time_unknown")
    if progress.seconds_left < 1:
        return Message("progress.last_rows")
    return Message("progress.time_left", {"time": span(progress.seconds_left)})


# --- the page


def _progress(request: Request) -> Response:
    return _page(request)


def _page(request: Request, trouble: Message | None = None, status: int = 200) -> Response:
    site, name = site_of(request), request.path_params["run"]
    snapshot = site.drivers.snapshot(name)
    run = job.get_run(name, site.settings)
    if snapshot.state is RunState.PLANNED and snapshot.error is None and trouble is None:
        return RedirectResponse(f"/runs/{name}/review", 303)
    view = shown(snapshot, lang_of(request))
    values: dict[str, Any] = {
        "run": run,
        "view": view,
        "snapshot": snapshot,
        "statuses": STATUSES,
        "signs": SIGNS,
        "trouble": trouble,
    }
    if snapshot.is_at_work:
        step = 3 if snapshot.state is RunState.READING else 4
        return render(request, "progress.html", status, step=step, reload=RELOAD, **values)
    ended = job.ended_run(name, site.settings)
    remainder = _remainder(site, name) if ended.left and snapshot.state in _RESUMABLE else None
    return render(request, "progress_ended.html", status, step=4, ended=ended, remainder=remainder, **values)


_RESUMABLE = (RunState.STOPPED, RunState.INTERRUPTED, RunState.FINISHED)


@dataclass(frozen=True, slots=True)
class Remainder:
    """What would be sent if somebody goes on: ``trouble`` says why nobody can."""

    preview: Preview | None = None
    digest: str = ""
    trouble: Message | None = None

    @property
    def time(self) -> Message:
        """How long that takes at the permitted rate."""
        return spoken(self.preview.seconds if self.preview else 0)


def _remainder(site: Site, name: str) -> Remainder:
    try:
        with job.open_run(name, site.settings) as prepared:
            return Remainder(prepared.preview, prepared.digest())
    except (Refused, UnderWay) as error:
        return Remainder(trouble=error.message)


def _stop(request: Request) -> Response:
    name = request.path_params["run"]
    try:
        site_of(request).drivers.stop(name)
    except Refused as error:
        if error.message.key == "run.unknown":
            raise  # otherwise it has ended meanwhile, which the page then says
    return RedirectResponse(f"/runs/{name}/progress", 303)


def resume(request: Request, confirmed: str) -> Response:
    """Goes on with a run as far as that is what somebody has confirmed."""
    site, name = site_of(request), request.path_params["run"]
    for _ in range(_TRIES):
        try:
            site.drivers.resume(name, confirmed=confirmed, settings=site.settings, person=request.state.person)
            break
        except UnderWay:
            if site.drivers.snapshot(name).is_at_work:  # somebody else was quicker: that is the run which the page shows
                break
        except (Refused, Halted) as error:
            if error.message.key == "run.unknown":
                raise
            is_changed = error.message.key == "plan.changed"
            return _page(request, Message("progress.changed") if is_changed else error.message, 409)
    return RedirectResponse(f"/runs/{name}/progress", 303)


async def _resume(request: Request) -> Response:
    async with request.form(max_files=0) as form:
        return await run_in_threadpool(resume, request, str(form.get("digest", "")))


# --- events


class _Events:
    """The events of one snapshot, made once for each language."""

    def __init__(self) -> None:
        self._latest: dict[tuple[str, Lang], tuple[str, bytes]] = {}

    def of(self, snapshot: Snapshot, lang: Lang) -> bytes:
        """Returns the event that tells ``snapshot``."""
        place = (snapshot.run, lang)
        version, event = self._latest.get(place, ("", b""))
        if version != snapshot.version:
            name = "progress" if snapshot.is_at_work else "end"
            event = f"id: {snapshot.version}\nevent: {name}\ndata: {_as_json(snapshot, lang)}\n\n".encode()
            if len(self._latest) > 100:
                self._latest.clear()
            self._latest[place] = (snapshot.version, event)
        return event


_EVENTS = _Events()


def _as_json(snapshot: Snapshot, lang: Lang) -> str:
    return json.dumps(asdict(shown(snapshot, lang)), ensure_ascii=False, separators=(",", ":"))


async def _events(request: Request) -> Response:
    name, lang = request.path_params["run"], lang_of(request)
    snapshots = site_of(request).drivers.watch(name)
    first = await anext(snapshots)  # raises where there is no such run
    if not first.is_at_work and request.headers.get("last-event-id") == first.version:
        await snapshots.aclose()
        return Response(status_code=204)  # the browser knows, and asks no more

    return StreamingResponse(_stream(first, snapshots, lang), media_type="text/event-stream", headers=_STREAM_HEADERS)


async def _stream(first: Snapshot, snapshots: AsyncGenerator[Snapshot], lang: Lang) -> AsyncIterator[bytes]:
    ends = time.monotonic() + LONGEST_STREAM
    following: asyncio.Future[Snapshot | None] | None = None
    try:
        yield f"retry: {RETRY}\n\n".encode() + _EVENTS.of(first, lang)
        while time.monotonic() < ends:
            following = asyncio.ensure_future(_next(snapshots))
            while not (await asyncio.wait({following}, timeout=HEARTBEAT))[0]:
                yield b": \n\n"
            snapshot = following.result()
            if snapshot is None:
                return
            yield _EVENTS.of(snapshot, lang)
    except BatchEditorError:  # the browser asks again, and is told then
        return
    finally:
        if following is not None:
            following.cancel()
            await asyncio.wait({following})
        await snapshots.aclose()


async def _next(snapshots: AsyncGenerator[Snapshot]) -> Snapshot | None:
    return await anext(snapshots, None)


def _json(request: Request) -> Response:
    snapshot = site_of(request).drivers.snapshot(request.path_params["run"])
    return JSONResponse(asdict(shown(snapshot, lang_of(request))), headers={"Cache-Control": "no-store"})


routes = [
    Route("/runs/{run}/progress", _progress),
    Route("/runs/{run}/progress.json", _json),
    Route("/runs/{run}/events", _events),
    Route("/runs/{run}/stop", _stop, methods=["POST"]),
    Route("/runs/{run}/resume", _resume, methods=["POST"]),
]
