"""The home page: where a sheet is handed in, what goes on or waits, and the language in which the page speaks.

What stands in its parts comes from the views that they belong to (``sheet_step`` and ``history``).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from . import history, sheet_step
from .guard import local_path
from .rendering import LANG_COOKIE, render
from .site import site_of

#: Seconds for which a browser keeps the language that somebody has chosen: a year.
_KEEPS_LANG = 365 * 24 * 3600


def home(request: Request) -> Response:
    """Shows the home page."""
    samples = [path.name for path in site_of(request).samples]
    blocks = sheet_step.home_values(request) | history.home_values(request)
    return render(request, "home.html", step=0, samples=samples, **blocks)


async def choose_lang(request: Request) -> Response:
    """Keeps the language that somebody has chosen, and goes back to the page on which it was chosen."""
    async with request.form() as form:
        answer = RedirectResponse(local_path(str(form.get("back", "/"))), 303)
        lang = form.get("lang")
    if lang in ("en", "zh"):
        answer.set_cookie(LANG_COOKIE, str(lang), max_age=_KEEPS_LANG, httponly=True, samesite="lax")
    return answer


routes = [Route("/", home), Route("/lang", choose_lang, methods=["POST"])]
