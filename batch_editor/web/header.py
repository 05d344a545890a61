"""What stands at the top of each page: which company or app, a real CRM or a sandbox, who edits, and what credential there is.

Of a run it says where that run goes, which may be somewhere else than what the settings name by now. It shows no token and no
secret, and asks the CRM nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import SettingsError
from ..model import Message, Run, RunState
from ..settings.search import NAME
from ..settings.sections import is_loopback
from ..settings.settings import Settings, app_of, require_credentials
from .site import Site

#: The steps at which nothing has been sent yet; 0 is the home page.
_BEFORE_SENDING = (0, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Header:
    """The top of a page. ``place`` names the company or the app, and ``address`` is where its CRM is.

    ``credential`` says until when there is one; ``lacking`` what to do where there is none, and ``trouble`` what is wrong with
    the settings in ``file``: then nothing else of them is known. ``is_nothing_sent``: nothing of what the page shows has been
    sent.
    """

    place: Message | None = None
    address: str = ""
    is_sandbox: bool = False
    operator: Message | None = None
    credential: Message | None = None
    lacking: Message | None = None
    trouble: Message | None = None
    file: str = ""
    is_nothing_sent: bool = False


def header_of(site: Site, *, run: Run | None = None, step: int | None = None) -> Header:
    """Returns the top of a page that shows ``run``, or none, at a step of the way through."""
    file = str((site.source.file or Path(NAME)).absolute())
    try:
        settings = site.settings
    except SettingsError as error:
        return Header(trouble=error.message, file=file)
    record = run.settings if run else settings.for_the_record()
    address, app = (run.base_url, run.app) if run else (settings.api.base_url, app_of(settings))
    lacking = None
    try:
        require_credentials(settings)
    except SettingsError:
        lacking = Message("page.no_credential", {"path": file})
    name = (record.get("api") or {}).get("tenant") or app
    unnamed = Message("preview.no_app" if lacking else "preview.fixed_token")
    return Header(
        place=Message("verbatim", {"text": name}) if name else unnamed,
        address=address,
        is_sandbox=is_loopback(urlsplit(address).hostname or ""),
        operator=_operator(record.get("defaults") or {}, settings),
        credential=None if lacking else _credential(settings),
        lacking=lacking,
        is_nothing_sent=step in _BEFORE_SENDING and (run is None or run.state is RunState.PLANNED),
    )


def _operator(defaults: Mapping[str, Any], settings: Settings) -> Message:
    """Returns in words whose id the edits carry."""
    if not (user := defaults.get("user_id")):
        return Message("page.operator_of_rows")
    table = settings.lookups.get("user_id")
    names = [name for name, value in table.items() if value == user] if isinstance(table, dict) else []
    return (
        Message("page.operator_named", {"name": names[0], "user": user}) if names else Message("page.operator", {"user": user})
    )


def _credential(settings: Settings) -> Message:
    """Returns in words until when the credential is good: of a fixed token nobody knows that."""
    return Message("page.renewed" if settings.api.access_token is None else "page.fixed_token")
