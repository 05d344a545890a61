"""Log in and log out, for people who use the page from another machine.

Who they are is decided by ``people``, how often they may try by ``throttle``, and how long they stay by ``sessions``.
"""

from __future__ import annotations

import math

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ..model import Message
from .guard import Access, local_path
from .people import LONGEST_NAME, folded_name
from .rendering import render


def show(request: Request) -> Response:
    """Shows the form; whoever is let in already goes on to the page that was asked for."""
    if request.state.person:
        return RedirectResponse(local_path(request.query_params.get("next", "/")), 303)
    return log_in_page(request, local_path(request.query_params.get("next", "/")))


async def log_in(request: Request) -> Response:
    """Lets somebody in whose name and password are right."""
    async with request.form(max_files=0) as form:
        return await run_in_threadpool(_log_in, request, form)


def _log_in(request: Request, form: FormData) -> Response:
    access: Access = request.state.access
    if not access.reach.needs_login:
        return RedirectResponse("/", 303)
    name, password = str(form.get("name", "")), str(form.get("password", ""))
    after = local_path(str(form.get("next", "/")))
    key, address = folded_name(name[: 2 * LONGEST_NAME]), request.state.address
    wait = access.throttle.begin(key, address)
    if wait > 0:
        seconds = math.ceil(wait)
        answer = log_in_page(request, after, 429, Message("page.log_in_wait", {"seconds": seconds}), name)
        answer.headers["retry-after"] = str(seconds)
        return answer
    person = access.people.let_in(name, password)
    if person is None:
        return log_in_page(request, after, 403, Message("page.log_in_wrong"), name)
    access.throttle.succeeded(key, address)
    request.state.visitor = access.sessions.begin(person.name, person.stamp, request.state.visitor)
    return RedirectResponse(after, 303)


def log_out(request: Request) -> Response:
    """Ends the session of this browser, and of whoever has its cookie."""
    access: Access = request.state.access
    if access.reach.needs_login:
        request.state.visitor = access.sessions.end(request.state.visitor)
    return RedirectResponse("/login" if access.reach.needs_login else "/", 303)


def log_in_page(
    request: Request, after: str = "/", status: int = 200, trouble: Message | None = None, name: str = ""
) -> Response:
    """Returns the page with the form, which says what was wrong with the last try, and leads to the page ``after``."""
    return render(request, "login.html", status, trouble=trouble, name=name[:LONGEST_NAME], after=after)


routes = [
    Route("/login", show),
    Route("/login", log_in, methods=["POST"]),
    Route("/logout", log_out, methods=["POST"]),
]
