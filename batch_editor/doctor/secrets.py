"""Looks at the credentials as they are written: what people copy along with them, what is no credential, and who can read them.

Nothing that is said here holds any part of a credential.
"""

from __future__ import annotations

import re
import stat
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..settings.credentials import QUOTES
from ..settings.names import EDGES
from ..settings.written import Credential, Source, credentials
from .checks import Check, bad, warning, well

NAME = "secrets"
#: Texts that stand for a credential where nobody has filled one in, in small letters without anything but letters and digits.
_PLACEHOLDERS = frozenset(
    {"thetoken", "theappid", "theappsecret", "token", "accesstoken", "appid", "appsecret", "secret", "mytoken", "changeme"}
    | {"todo", "tbd", "none", "null", "placeholder", "example", "你的token", "你的密钥", "填写", "请填写", "待填写"}
)
#: A variable, or a place in a template, that nobody has filled in.
_UNFILLED = re.compile(r"\$\{?\w+\}?|%\w+%|\{\{.*\}\}|<.*>|【.*】|\*+|[xX]{3,}|\.{3,}|…+")
_NAMED = re.compile(r"(?i)(access_token|app_?id|app_?secret|token|authorization)\s*[=:：]")
_BEARER = re.compile(r"(?i)bearer[\s:]")


def look(written: Sequence[Source]) -> list[Check]:
    """Returns what is to be said of the credentials in these sources."""
    counting = credentials(written)
    checks = [check for name, credential in counting.items() for check in _looks_at(name, credential)]
    checks += _of_all(counting)
    files = dict.fromkeys(source.file for source in written if source.file is not None and _holds_secret(source))
    checks += [check for file in files for check in _readable_by_others(file)]
    if any(check.is_to_mend for check in checks):
        return checks
    token = counting.get("access_token")
    secret = counting.get("app_secret")
    if token is not None:
        return [well(NAME, "doctor.secrets.token", source=token.source.name)]
    return [well(NAME, "doctor.secrets.app", source=secret.source.name if secret is not None else "")]


def _looks_at(name: str, credential: Credential) -> Iterator[Check]:
    """Yields what is wrong with a credential, if anything is: of several mistakes the plainest."""
    text = credential.text
    values = {"name": name, "source": credential.source.name}
    inside = text.strip(EDGES)
    bare = inside.strip("".join(QUOTES) + "".join(QUOTES.values()))
    if not bare.strip():
        yield bad(NAME, "doctor.secrets.empty", **values)
    elif _is_placeholder(bare):
        yield bad(NAME, "doctor.secrets.placeholder", **values)
    elif _BEARER.match(bare):
        yield bad(NAME, "doctor.secrets.bearer", **values)
    elif _NAMED.match(bare) or bare[0] in "{[":
        yield bad(NAME, "doctor.secrets.named", **values)
    elif bare != inside:
        is_pair = len(inside) > 1 and QUOTES.get(inside[0]) == inside[-1] and bare == inside[1:-1]
        yield (warning if is_pair else bad)(
            NAME, "doctor.secrets.quoted" if is_pair else "doctor.secrets.half_quoted", **values
        )
    elif any(unicodedata.east_asian_width(char) == "F" or char >= "\u2e80" for char in bare):
        yield bad(NAME, "doctor.secrets.wide", **values)
    elif re.search(r"[\r\n]", bare):
        yield bad(NAME, "doctor.secrets.broken", **values)
    elif re.search(r"\s", bare):
        yield bad(NAME, "doctor.secrets.blank", **values)
    elif not bare.isprintable() or any(unicodedata.category(char) in ("Cf", "Cc", "Cs", "Co") for char in bare):
        yield bad(NAME, "doctor.secrets.unseen", **values)
    elif not bare.isascii():
        yield bad(NAME, "doctor.secrets.foreign", **values)
    elif re.search(r"[\r\n]", text):
        yield warning(NAME, "doctor.secrets.line_end", **values)
    elif text != inside:
        yield warning(NAME, "doctor.secrets.blank_around", **values)


def _is_placeholder(text: str) -> bool:
    plain = "".join(char for char in text.casefold() if char.isalnum())
    is_advice = plain.startswith("your") and plain.isalpha()
    return is_advice or plain in _PLACEHOLDERS or bool(_UNFILLED.fullmatch(text))


def _of_all(counting: Mapping[str, Credential]) -> Iterator[Check]:
    """Yields what is wrong with which credentials there are."""
    token, app_id, secret = (counting.get(name) for name in ("access_token", "app_id", "app_secret"))
    if token is None and app_id is None and secret is None:
        yield bad(NAME, "doctor.secrets.none")
    elif token is None and (app_id is None or secret is None):
        lacking, present = ("app_id", "app_secret") if app_id is None else ("app_secret", "app_id")
        yield bad(NAME, "doctor.secrets.half", lacking=lacking, present=present)
    elif token is not None and app_id is not None and secret is not None:
        yield warning(NAME, "doctor.secrets.both", source=token.source.name)
    if app_id is not None and secret is not None and app_id.text.strip() == secret.text.strip():
        yield bad(NAME, "doctor.secrets.same")


def _holds_secret(source: Source) -> bool:
    api = source.values.get("api")
    of_api = isinstance(api, Mapping) and bool({"access_token", "app_secret"} & api.keys())
    return of_api or bool({"notify", "heartbeat"} & source.values.keys())


def _readable_by_others(file: Path) -> Iterator[Check]:
    """Yields a warning if other people of this computer can read a file with secrets; Windows keeps that elsewhere."""
    if sys.platform == "win32":
        return
    try:
        mode = file.stat().st_mode
    except OSError:
        return
    if mode & stat.S_IROTH:
        yield warning(NAME, "doctor.secrets.readable", file=file)
