"""Whatever goes wrong in a view becomes a page in plain words: what is wrong, where, and what to do next."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ..errors import BatchEditorError, Halted, Refused, UnderWay
from ..model import Message
from .log_in import log_in_page
from .rendering import render

_LOG = logging.getLogger(__name__)
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
    answer = render(request, "error.html", error.status_code, what=Message(key, {"status": error.status_code}))
    answer.headers.update(error.headers or {})
    return answer


def refusal(request: Request, error: HTTPException) -> Response:
    """Returns the page that says why a request was refused before any view; whoever has yet to log in gets no other."""
    if not request.state.person and error.status_code == 403:
        return log_in_page(request, status=403, trouble=Message("page.log_in_again"))
    return _refused_by_the_server(request, error)


def _cut_off(request: Request, error: Exception) -> Response:
    """Answers a request that was cut off in the middle: nobody reads it."""
    return Response(status_code=400)


def _of_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, BatchEditorError)  # noqa: S101  # as it is registered
    return render(request, "error.html", _status_of(error), what=error.message)


def _unexpected(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s: %s", request.method, request.url.path, type(error).__name__)
    return render(request, "error.html", 500, what=Message("page_error.500"))


def _status_of(error: BatchEditorError) -> int:
    match error:
        case UnderWay():
            return 409
        case Halted():
            return 503
        case Refused():
            return 400
        case _:
            return 500
