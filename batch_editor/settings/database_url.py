"""The address of a PostgreSQL database: how it is written, and how it is shown to people, without its password.

An address is a secret as a whole, since most hold a password, so that no message repeats it. It is read strictly: where a
password holds a sign that has a meaning in an address, a part of it would be taken for the name of a machine, and shown.
"""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote

from pydantic import AfterValidator, SecretStr
from pydantic_core import PydanticCustomError

from .notify import Secret

_URL = re.compile(
    r"postgres(?:ql)?://(?:(?P<user>[^\s:@/?#]*)(?::[^\s:@/?#]*)?@)?"
    r"(?P<hosts>(?:\[[0-9A-Fa-f:.]+\]|[^\s:@/?#,\[\]]*)(?::[0-9]*)?(?:,(?:\[[0-9A-Fa-f:.]+\]|[^\s:@/?#,\[\]]*)(?::[0-9]*)?)*)"
    r"(?:/(?P<name>[^\s:@/?#]*))?(?:\?(?P<query>(?:(?:port=[0-9,]*|(?!port=)[a-z_]+=[^\s@?#&=]*)(?:&(?!$)|$))*))?"
)
#: What may be shown of the query, and of which part of the address it takes the place.
_SHOWN = ("user", "host", "port", "dbname")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _database_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if not url.startswith(("postgresql://", "postgres://")):
        raise PydanticCustomError("database_kind", "must begin with postgresql://")
    if not url.isprintable() or _URL.fullmatch(url) is None or _PERCENT.search(url):
        raise PydanticCustomError("database_url", "must have the form postgresql://user:password@host:5432/database")
    return value


#: The address of a database that is checked.
DatabaseUrl = Annotated[Secret, AfterValidator(_database_url)]


def shown(url: str) -> str:
    """Returns an address as people are shown it: who logs in, where, and to which database; nothing else of it."""
    match = _URL.fullmatch(url)
    if match is None:
        return "postgresql://…"
    query: dict[str, Any] = {key: values[-1] for key, values in parse_qs(match["query"] or "").items() if key in _SHOWN}
    user = query.get("user") or unquote(match["user"] or "")
    hosts = query.get("host") or match["hosts"]
    port = f":{query['port']}" if "port" in query else ""
    name = query.get("dbname") or unquote(match["name"] or "")
    return f"postgresql://{user}{'@' if user else ''}{hosts}{port}{'/' if name else ''}{name}"
