"""What an access token, an app's id or its secret may look like: what was copied along with it is taken off, or it is refused.

No message shows any of it. Which of them are used is decided in ``settings.py``.
"""

from __future__ import annotations

import os
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError

from .names import EDGES

#: Environment variables that deployments of the platform already have; they win over everything but an option.
TOKEN_VARIABLES = {"WSHOTO_ACCESS_TOKEN": "access_token", "WSHOTO_APP_ID": "app_id", "WSHOTO_APP_SECRET": "app_secret"}
#: The longest access token, in bytes (guide: crm). Of the others nobody says how long they may be; a URL holds so much.
LONGEST_TOKEN = 512
LONGEST_OTHER = 4000
#: What people and programs put around a text, each with what closes it.
QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "「": "」", "『": "』", "＂": "＂", "＇": "＇", "«": "»"}
_SIGNS = frozenset("".join(QUOTES) + "".join(QUOTES.values()))


def of_platform() -> dict[str, dict[str, str | None]]:
    """Returns what each of the platform's own variables says of ``api``; an app of theirs wins over any other token."""
    by_variable: dict[str, dict[str, str | None]] = {
        name: {key: os.environ[name]} for name, key in TOKEN_VARIABLES.items() if os.environ.get(name)
    }
    if {*by_variable} == {"WSHOTO_APP_ID", "WSHOTO_APP_SECRET"}:
        by_variable["WSHOTO_APP_SECRET"]["access_token"] = None
    return by_variable


def _trimmed(text: str) -> str:
    """Returns ``text`` without blanks and line ends around it, and without one pair of quotation marks around all of it."""
    text = text.strip(EDGES)
    if len(text) > 1 and QUOTES.get(text[0]) == text[-1] and not _SIGNS & {*text[1:-1]}:
        text = text[1:-1].strip(EDGES)
    return text


def _clean(value: object, longest: int) -> object:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(text, str):
        return value
    text = _trimmed(text)
    if not text:
        raise PydanticCustomError("credential_empty", "is empty: fill it in, or leave it out")
    if len(text.encode("utf-8", "surrogatepass")) > longest:
        raise PydanticCustomError("credential_long", "is longer than {longest} bytes", {"longest": longest})
    if text[0] in _SIGNS or text[-1] in _SIGNS:
        raise PydanticCustomError("credential_quoted", "begins or ends with a quotation mark")
    if not text.isprintable() or any(char.isspace() for char in text):
        raise PydanticCustomError("credential_blank", "holds a blank, a line end or a character that cannot be seen")
    return text


def _token(value: Any) -> object:
    return _clean(value, LONGEST_TOKEN)


def _other(value: Any) -> object:
    return _clean(str(value) if isinstance(value, int) and not isinstance(value, bool) else value, LONGEST_OTHER)


AccessToken = Annotated[SecretStr, BeforeValidator(_token)]
AppId = Annotated[str, BeforeValidator(_other)]
AppSecret = Annotated[SecretStr, BeforeValidator(_other)]
