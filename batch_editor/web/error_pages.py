"""Whatever goes wrong in a view becomes a page in plain words: what is wrong, where, and what to do next.

Errors of ours say it themselves. Of any other the log holds the place, and neither log nor page what it says: that may be of a
sheet.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ..errors import BatchEditorError, Halted, Refused, ResultsNotWritten, SettingsError, UnderWay
from ..model import Message
from .log_in import log_in_page
from .rendering import render

_LOG = logging.getLogger(__name__)
_PACKAGE = str(Path(__file__).parent.parent)
#: The statuses of our errors: those with a key of their own, then by their kind, the first that fits.
_STATUSES = {"run.unknown": 404, "plan.changed": 409, "mend.changed": 409}
_KINDS = {UnderWay: 409, Halted: 503, SettingsError: 503, ResultsNotWritten: 503, Refused: 400}
#: The statuses for which there are words of their own.
_WORDED = frozenset({400, 403, 404, 405, 408, 413, 429})


def handlers() -> Mapping[Any, Callable[[Request, Exception], Response]]:
    """Returns what becomes of each kind of exception that leaves a view."""
    return {
        HTTPException: _refused_by_the_server,
        ClientDisconnect: _cut_off,
        BatchEditorError: _of_ours,
        Exception: _unexpected,
    }


def _refused_by_the_server(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # as it is registered
    key = f"page_error.{error.status_code}" if error.status_code in _WORDED else "page_error.other"
    answer = _page(request, error.status_code, Message(key, {"status": error.status_code}))
    answer.headers.update(error.headers or {})
    if error.status_code == 408:  # what is still to come would be taken for the next request
        answer.headers["connection"] = "close"
    return answer


def refusal(request: Request, error: HTTPException) -> Response:
    """Returns the page that says why a request was refused before any view; whoever has yet to log in gets no other."""
    if error.status_code == 401:
        return log_in_page(request, status=401, trouble=Message("page.log_in_ended"))
    if not request.state.person and error.status_code == 403:
        return log_in_page(request, status=403, trouble=Message("page.log_in_again"))
    return _refused_by_the_server(request, error)


def _cut_off(request: Request, error: Exception) -> Response:
    """Answers a request that was cut off in the middle: nobody reads it."""
    return Response(status_code=400)


def _of_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, BatchEditorError)  # noqa: S101  # as it is registered
    if not request.state.person:  # somebody who has yet to log in
        _LOG.error("%s", error)
        return _page(request, 503, Message("page_error.500"))
    return _page(request, _status_of(error), error.message)


def _unexpected(request: Request, error: Exception) -> Response:
    """Writes one line into the log, without what the error says: that may hold anything of a sheet."""
    frames = traceback.extract_tb(error.__traceback__)
    place = next((frame for frame in reversed(frames) if frame.filename.startswith(_PACKAGE)), frames[-1])
    where = f"{Path(place.filename).name}:{place.lineno}"
    _LOG.error("%s %s: %s at %s", request.method, request.url.path, type(error).__name__, where)
    _LOG.debug("", exc_info=error)
    return _page(request, 500, Message("page_error.500"))


def _page(request: Request, status: int, what: Message) -> Response:
    run = request.path_params.get("run") if status != 404 else None
    return render(request, "error.html", status, what=what, back=f"/runs/{quote(run, safe='')}" if run else None)


def _status_of(error: BatchEditorError) -> int:
    if error.message.key in _STATUSES:
        return _STATUSES[error.message.key]
    return next((status for kind, status in _KINDS.items() if isinstance(error, kind)), 500)
