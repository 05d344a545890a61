"""The page as one application: the routes of all views, and what every request passes on its way to one."""

from __future__ import annotations

import getpass
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from . import history, home, mend_step, people, progress_step, results_step, review_step, sheet_step, undo_step
from .error_pages import handlers
from .site import Site

STATIC = Path(__file__).parent / "static"


def create_app(site: Site) -> Starlette:
    """Returns the application that shows ``site``."""
    views = (home, people, sheet_step, mend_step, review_step, progress_step, results_step, undo_step, history)
    routes = [
        *(route for view in views for route in view.routes),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(_AccountOfThisMachine)], exception_handlers=handlers())
    app.state.site = site
    return app


class _AccountOfThisMachine:
    """Whoever works on this machine acts by the name of the account."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._name = getpass.getuser()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["person"] = self._name
        await self._app(scope, receive, send)
