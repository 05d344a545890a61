"""Step 3: what would be sent, and the one button that sends it.

What is shown and the digest that the button confirms are one look at the plan (``runs/plan_looks``). The server refuses a
digest that is not that of the plan as it is when the button is pressed. The CRM is asked by the drivers alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ..crm.pace import duration
from ..errors import Halted, Refused, UnderWay
from ..job import open_run
from ..messages.time import spoken
from ..model import Message, RunState
from ..runs.change_pages import ChangePage
from ..runs.plan_looks import PlanLook, changes_at, rows_at
from ..runs.row_pages import RowPage
from . import review_values
from .drivers import Snapshot
from .rendering import render
from .review_values import NOT_SENT
from .site import site_of

#: How many rows a page of old and new values has, and how many characters of a value it shows.
PAGE, SHOWN = 50, 400
#: From so many days on a plan is called old.
OLD = 1
_TRIES = 3
#: No row has a number of so many digits.
_MOST_DIGITS = 10
_SEEABLE = (RunState.PLANNED, RunState.STOPPED, RunState.INTERRUPTED)


def review(request: Request) -> Response:
    """Shows a plan; where its clues are read just now, step 4 shows how far that is."""
    return _review(request)


def _review(request: Request, *, notice: Message | None = None, seen: str = "", status: int = 200) -> Response:
    site, run = site_of(request), request.path_params["run"]
    for _ in range(_TRIES):
        snapshot = _snapshot(request)
        if _is_elsewhere(snapshot):
            return _elsewhere(snapshot)
        try:
            look = site.looks.look(run, site.settings)
        except UnderWay:  # somebody has begun to drive it this moment
            continue
        except Refused as refused:
            if refused.message.key == "run.unknown":
                raise HTTPException(404) from None
            raise
        filters = _filters(request.query_params, look)
        page = changes_at(look, most=PAGE, **filters)
        held, why = None, _status(request.query_params, look)
        if why:
            held = rows_at(look, why, after=_number(request.query_params.get("held")), most=PAGE)
        if page is not None and (held is not None or not why):
            return _page(request, look, page, filters, held, snapshot=snapshot, notice=notice, seen=seen, status=status)
    return render(request, "review_busy.html", 409, step=3, name=run)


def _page(
    request: Request,
    look: PlanLook,
    page: ChangePage,
    filters: Mapping[str, Any],
    held: RowPage | None,
    *,
    snapshot: Snapshot,
    notice: Message | None,
    seen: str,
    status: int,
) -> Response:
    before = site_of(request).looks.seen(look.run.name, seen) if seen else None
    preview = look.preview
    options = preview.circumstances.options
    reading = duration(preview.reads, preview.circumstances.limits)
    return render(
        request,
        "review.html",
        status,
        step=3,
        run=look.run,
        look=look,
        title=review_values.title_of(look),
        facts=review_values.facts(look),
        labels=review_values.labels_of(look),
        is_undo=options.undo is not None,
        is_rest=look.run.state is not RunState.PLANNED,
        is_changed=bool(seen),
        changed=review_values.changes_since(before, look) if before else [],
        is_change_known=before is not None,
        notice=notice,
        trouble=snapshot.error,
        days=look.age.days if look.age.days >= OLD else 0,
        fields=review_values.field_counts(look),
        moves=review_values.moves(look),
        tags=review_values.tags(look),
        not_sent=review_values.not_sent(look),
        reads=preview.reads,
        reading_time=spoken(reading),
        reads_row_by_row="undo" if options.undo else "changed" if options.only_changed else "",
        mind=review_values.what_to_mind(look),
        notes=review_values.notes(look),
        button=review_values.button(look),
        proof=review_values.proof(look),
        nothing=None if preview.calls else review_values.why_nothing_is_sent(look),
        page=page,
        held=held,
        held_status=_status(request.query_params, look),
        clue_place=preview.circumstances.columns.get("clue_id", 0),
        filters=filters,
        has_filters=bool(filters["field"] or filters["cleared"]),
        shown=SHOWN,
        address=lambda **changes: _address(look.run.name, {**filters, **changes}),
    )


def _snapshot(request: Request) -> Snapshot:
    try:
        return site_of(request).drivers.snapshot(request.path_params["run"])
    except Refused as refused:
        if refused.message.key == "run.unknown":
            raise HTTPException(404) from None
        raise


def _is_elsewhere(snapshot: Snapshot) -> bool:
    return snapshot.is_at_work or snapshot.state not in _SEEABLE


def _elsewhere(snapshot: Snapshot) -> Response:
    """Answers for a run of which nothing can be confirmed now: somebody is at work on it, or it is over."""
    return RedirectResponse(f"/runs/{snapshot.run}{'/progress' if snapshot.is_at_work else ''}", 303)


def _filters(query: Mapping[str, Any], look: PlanLook) -> dict[str, Any]:
    """Returns which rows of old and new values an address asks for; what makes no sense there counts for nothing."""
    field, counts = str(query.get("field", "")), look.preview.counts
    return {
        "after": _number(query.get("after")),
        "field": field if field in counts.sets or field in counts.clears else None,
        "cleared": query.get("cleared") == "1",
    }


def _status(query: Mapping[str, Any], look: PlanLook) -> str:
    """Returns of which status the rows are that an address asks for beside those that would be sent; empty for none."""
    status = str(query.get("status", ""))
    return status if status in NOT_SENT and look.preview.counts.statuses[status] else ""


def _number(text: object) -> int:
    digits = str(text or "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < _MOST_DIGITS else 0


def _address(run: str, filters: Mapping[str, Any]) -> str:
    asked = {name: 1 if value is True else value for name, value in filters.items() if value}
    return f"/runs/{run}/review?{urlencode(asked)}#changes"


# --- what is done


def read(request: Request) -> Response:
    """Reads the current values of the clues; step 4 shows how far that is, and comes back here."""
    site, run = site_of(request), request.path_params["run"]
    if _is_elsewhere(snapshot := _snapshot(request)):
        return _elsewhere(snapshot)
    try:
        site.drivers.read(run, settings=site.settings)
    except UnderWay:
        pass  # a second click, or somebody else: step 4 shows what goes on
    except (Refused, Halted) as refused:
        return _review(request, notice=Message("review.read_failed", {"reason": refused.message}), status=409)
    return RedirectResponse(f"/runs/{run}/progress", 303)


async def send(request: Request) -> Response:
    """Sends the plan if it is still the one that was shown."""
    async with request.form(max_files=0) as form:
        return await run_in_threadpool(_send, request, form)


def _send(request: Request, form: FormData) -> Response:
    site, run = site_of(request), request.path_params["run"]
    if _is_elsewhere(snapshot := _snapshot(request)):
        return _elsewhere(snapshot)
    settings = site.settings
    confirmed, choice = str(form.get("digest", "")), form.get("prove")
    prove = {"yes": True, "no": False}.get(str(choice)) if settings.prove is not True else None
    for _ in range(_TRIES):
        try:
            site.drivers.start(run, confirmed=confirmed, settings=settings, prove=prove, person=request.state.person)
        except UnderWay:
            if _snapshot(request).is_at_work:
                return RedirectResponse(f"/runs/{run}/progress", 303)
            continue  # somebody was just looking through it
        except (Refused, Halted) as refused:
            return _refused(request, refused, confirmed)
        return RedirectResponse(f"/runs/{run}/progress", 303)
    return _review(request, notice=Message("review.in_use"), status=409)


def _refused(request: Request, refused: Refused | Halted, confirmed: str) -> Response:
    if _is_elsewhere(snapshot := _snapshot(request)):
        return _elsewhere(snapshot)
    if refused.message.key == "plan.changed":
        return _review(request, seen=confirmed or "-", status=409)
    return _review(request, notice=refused.message, status=409)


def ask_to_discard(request: Request) -> Response:
    """Asks whether a plan is to be forgotten."""
    snapshot = _snapshot(request)
    if snapshot.is_at_work or snapshot.state is not RunState.PLANNED:
        return _elsewhere(snapshot)
    site = site_of(request)
    look = site.looks.look(request.path_params["run"], site.settings)
    return render(
        request,
        "review_discard.html",
        step=3,
        run=look.run,
        title=review_values.title_of(look),
        rows=look.preview.rows,
        is_undo=look.preview.circumstances.options.undo is not None,
    )


def discard(request: Request) -> Response:
    """Forgets a plan of which nothing was sent."""
    site, run = site_of(request), request.path_params["run"]
    snapshot = _snapshot(request)
    if snapshot.is_at_work or snapshot.state is not RunState.PLANNED:
        return _elsewhere(snapshot)
    with open_run(run, site.settings) as prepared:
        prepared.discard()
    return RedirectResponse("/", 303)


routes = [
    Route("/runs/{run}/review", review),
    Route("/runs/{run}/read", read, methods=["POST"]),
    Route("/runs/{run}/send", send, methods=["POST"]),
    Route("/runs/{run}/discard", ask_to_discard),
    Route("/runs/{run}/discard", discard, methods=["POST"]),
]
