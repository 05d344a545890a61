"""The page as one application: the routes of all views, and what every request passes on its way to one.

A view module offers its ``routes``, which are joined here. Who may ask, and from where, is decided by the ``guard``.
"""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from ..errors import SettingsError
from ..settings.sections import Web
from . import history, home, log_in, mend_step, progress_step, results_step, review_step, samples, sheet_step, undo_step
from .error_pages import handlers, refusal
from .guard import Access, Guard
from .site import Site

STATIC = Path(__file__).parent / "static"


def create_app(site: Site) -> Starlette:
    """Returns the application that shows ``site``."""
    views = (home, samples, log_in, sheet_step, mend_step, review_step, progress_step, results_step, undo_step, history)
    routes = [
        *(route for view in views for route in view.routes),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]
    app = _Guarded(routes=routes, exception_handlers=handlers())
    app.state.site = site
    app.state.access = Access.of(site.reach, site.settings.state_dir, lambda: _web(site))
    return app


class _Guarded(Starlette):
    """An application with the guard around all of it, so that every answer passes there, also that to an error."""

    def build_middleware_stack(self) -> ASGIApp:
        uploads = {"/sheets": lambda: _web(self.state.site).most_bytes}
        return Guard(super().build_middleware_stack(), self.state.access, uploads=uploads, refused=_refused)


async def _refused(request: Request, error: HTTPException) -> Response:
    return await run_in_threadpool(refusal, request, error)


def _web(site: Site) -> Web:
    """Returns the settings of the page, the usual ones as long as there is a mistake in the file."""
    try:
        return site.settings.web
    except SettingsError:
        return Web()
