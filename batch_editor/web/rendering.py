"""Templates become answers: ``render`` fills one in the language of the request, with what every page shows.

Whatever a template prints is text. Markup is escaped, and characters that act or hide are shown by their numbers, wherever the
text comes from; nothing else has to be done for a cell, a file name or a message of the CRM. Only the value of an input, which
must come back as it is, is printed by the filter ``exact``.

A template has ``t(key, **values)``, a text of ``messages`` in the language of the request, or ``t(message)``; ``lang``;
``header``, what stands at the top; ``csrf_field()``, the hidden input of each form; ``person``; and ``step`` (1 to 5, 0 at
home) and ``run`` (a ``model.Run``), None unless the view hands them in. ``{{ number|grouped }}`` is 12,345, and
``{{ time|moment }}`` a time of the journal as people write it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ..messages import Lang, say
from ..messages.visible import visible_lines
from ..model import Message
from .bodies import TOKEN_FIELD
from .header import header_of
from .page_words import on_page
from .site import site_of

#: The hidden input that each form begins with.
_FIELD = Markup('<input type="hidden" name="{}" value="{}">')
TEMPLATES = Path(__file__).parent / "templates"
#: The cookie that keeps the language that somebody has chosen.
LANG_COOKIE = "batch_editor_lang"


def render(request: Request, template: str, /, status: int = 200, **values: Any) -> HTMLResponse:
    """Returns the page that ``template`` makes of ``values`` and of what every page shows."""
    lang = lang_of(request)

    def t(key: str | Message, /, **places: object) -> str:
        return say(on_page(key if isinstance(key, Message) else Message(key, places)), lang)

    common = {
        "t": t,
        "lang": lang,
        # Somebody who has yet to log in learns nothing of the company.
        "header": header_of(site_of(request), run=values.get("run"), step=values.get("step")) if request.state.person else None,
        "person": request.state.person,
        "may_log_out": request.state.access.reach.needs_login,
        "csrf": request.state.csrf,
        "csrf_field": lambda: _FIELD.format(TOKEN_FIELD, request.state.csrf),
        "step": None,
        "run": None,
        "here": _address_of(request),
    }
    return HTMLResponse(_TEMPLATES.get_template(template).render(common | values), status)


def lang_of(request: Request) -> Lang:
    """Returns the language of a request: the chosen one, else that of the settings, else Chinese."""
    chosen = request.cookies.get(LANG_COOKIE)
    return chosen if chosen in ("en", "zh") else site_of(request).lang  # type: ignore[return-value]  # narrowed by the test


def _address_of(request: Request) -> str:
    """Returns the address of the page that is looked at; what was sent by a button cannot be looked at again."""
    if request.method != "GET":
        return "/"
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def _finalize(value: object) -> object:
    """Returns what is printed for a value in a template: a text shows all that it holds."""
    return visible_lines(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _grouped(number: int) -> str:
    return f"{number:,}"


def _moment(time: str) -> str:
    return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M")


def environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"exact": escape, "grouped": _grouped, "moment": _moment}
    return environment


_TEMPLATES = environment()
