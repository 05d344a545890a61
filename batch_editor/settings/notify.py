"""Whom nights are told: the targets of ``notify`` by their kinds, and the address of a heartbeat.

Addresses, passwords and signing secrets are secrets as a whole: whoever knows one can write to the group. No message repeats
them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StrictBool, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from .sections import Section, host_name, is_loopback

#: The port on which a mail server expects TLS from the first byte on.
SMTPS = 465
#: An address of mail as a server takes it, in ASCII; the name of a person around it is not.
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def _secret(value: Any) -> object:
    """A text without blanks around it, also one that YAML has made a whole number of."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "must be a text")
    value = value.strip()
    if not value:
        raise PydanticCustomError("string_too_short", "must not be empty")
    return value


def _url(value: SecretStr) -> SecretStr:
    """An address that can be posted to: by https, or on this machine itself."""
    wrong = PydanticCustomError("target_url", "must be an address that begins with https://")
    url = value.get_secret_value()
    try:
        parts = urlsplit(url)
        usable = parts.hostname and parts.port != 0 and parts.username is None
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not usable or not url.isprintable() or any(map(str.isspace, url)):
        raise wrong
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise PydanticCustomError("target_insecure", "must begin with https://, since the address is a secret")
    return value


def _mail(text: str) -> str:
    address = text.strip()
    if not _MAIL.fullmatch(address):
        raise PydanticCustomError("mail_address", "must be an address of mail such as night@example.com")
    return address


def _mail_server(name: str) -> str:
    try:
        return host_name(name)
    except PydanticCustomError:  # which repeats what may be a secret that stands in the wrong line
        raise PydanticCustomError("mail_host", "must be the name of a mail server such as smtp.example.com") from None


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


Secret = Annotated[SecretStr, BeforeValidator(_secret)]
SecretUrl = Annotated[Secret, AfterValidator(_url)]
MailAddress = Annotated[StrictStr, AfterValidator(_mail)]


class _Posted(Section):
    """A target to which a night is posted; ``weekly`` also tells it once a week that all is well."""

    url: SecretUrl
    weekly: StrictBool = False


class WeCom(_Posted):
    """The robot of a group in WeCom; a ``text`` is also shown in WeChat, which does not know markdown."""

    kind: Literal["wecom"]
    format: Literal["markdown", "text"] = "markdown"


class DingTalk(_Posted):
    """The robot of a group in DingTalk: it wants a signature by its ``secret``, or a ``keyword`` in each message, if the group
    has asked for that."""

    kind: Literal["dingtalk"]
    secret: Secret | None = None
    keyword: Annotated[StrictStr, Field(min_length=1, max_length=100)] | None = None


class Feishu(_Posted):
    """The robot of a group in Feishu; ``secret`` and ``keyword`` as in DingTalk."""

    kind: Literal["feishu"]
    secret: Secret | None = None
    keyword: Annotated[StrictStr, Field(min_length=1, max_length=100)] | None = None


class Webhook(_Posted):
    """An address that takes a night as JSON."""

    kind: Literal["webhook"]


class Email(Section):
    """Mail, by a server that takes it. It is encrypted from the first byte on at port 465, else by STARTTLS, unless the server
    is this machine itself and ``starttls`` is false."""

    kind: Literal["email"]
    host: Annotated[StrictStr, AfterValidator(_mail_server)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    sender: Annotated[MailAddress, Field(alias="from")]
    to: Annotated[tuple[MailAddress, ...], BeforeValidator(_one_or_more), Field(min_length=1)]
    user: Annotated[StrictStr, Field(min_length=1)] | None = None
    password: Secret | None = None
    starttls: StrictBool = True
    weekly: StrictBool = False

    @model_validator(mode="after")
    def _safe(self) -> Email:
        if (self.user is None) != (self.password is None):
            raise PydanticCustomError("mail_login", "user and password belong together")
        if not self.starttls and self.port != SMTPS and not is_loopback(self.host):
            raise PydanticCustomError("mail_insecure", "starttls: false is for a mail server on this machine itself only")
        return self


#: The kinds of targets by the word that names them.
KINDS: Mapping[str, type[Section]] = {
    "wecom": WeCom,
    "dingtalk": DingTalk,
    "feishu": Feishu,
    "webhook": Webhook,
    "email": Email,
}


def _of_a_kind(target: object) -> object:
    """A target whose kind there is."""
    kind = target.get("kind") if isinstance(target, Mapping) else None
    if isinstance(target, Section) or kind in KINDS:
        return target
    if near := difflib.get_close_matches(str(kind).lower(), KINDS, n=1):
        raise PydanticCustomError("kind_near", "has an unknown kind; is {near} meant?", {"near": near[0]})
    raise PydanticCustomError("target_kind", "needs a kind: {kinds}", {"kinds": ", ".join(KINDS)})


Target = WeCom | DingTalk | Feishu | Webhook | Email
Targets = tuple[Annotated[Annotated[Target, Field(discriminator="kind")], BeforeValidator(_of_a_kind)], ...]
