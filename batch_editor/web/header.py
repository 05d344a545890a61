"""What stands at the top of each page: which company or app, a real CRM or a sandbox, who edits, and what credential there is.

It shows no token and no secret, and asks the CRM nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from ..errors import SettingsError
from ..model import Message
from .site import site_of


@dataclass(frozen=True, slots=True)
class Header:
    """The top of a page: ``trouble`` is the mistake in the settings, if they cannot be used now."""

    trouble: Message | None = None


def header_of(request: Request) -> Header:
    """Returns the top of the page of now."""
    try:
        site_of(request).settings  # noqa: B018  # it raises
    except SettingsError as error:
        return Header(trouble=error.message)
    return Header()
