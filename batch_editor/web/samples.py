"""The sample sheets that the demonstration offers: each has a button, which hands it in like any other file.

Only a page that was started by ``demo`` has them.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from .site import site_of
from .uploads import Uploads


def hand_in_sample(request: Request) -> Response:
    """Hands in the sample sheet that the address names, and leads to its first step."""
    site, name = site_of(request), request.path_params["name"]
    path = next((path for path in site.samples if path.name == name), None)
    if path is None:
        raise HTTPException(404)
    with Uploads(site.settings.state_dir).begin(path.name, request.state.person) as arriving:
        arriving.write(path.read_bytes())
        upload = arriving.complete()
    return RedirectResponse(f"/sheets/{upload.number}", 303)


routes = [Route("/samples/{name}", hand_in_sample, methods=["POST"])]
