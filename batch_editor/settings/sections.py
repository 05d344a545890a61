"""The sections of the settings: the address, the rate, the retries and their like, each a frozen model that checks itself.

How they make up one tree, and where their values come from, is decided in ``settings.py``.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ..spoilt_text import narrow
from .credentials import AccessToken, AppId, AppSecret
from .hours import time_of_day
from .limits import Limit
from .name_tables import Filled, exact, exact_text, text_names
from .paths import FilePath
from .spans import Span

_SIZE = re.compile(r"([0-9]{1,6})\s*(KB|MB|GB)")
_SHIFTS = {"KB": 10, "MB": 20, "GB": 30}


def _no_bool(value: object) -> object:
    """``max_rows: yes`` is a mistake, and not 1."""
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "must be a number")
    return value


def _code(value: int | str) -> int | str:
    """A code without blanks around it; neither nothing nor 0, since 0 is what confirms an edit."""
    text = narrow(str(value)).strip()
    if not text:
        raise PydanticCustomError("string_too_short", "must not be empty")
    if re.fullmatch("[-+]?0+", text):
        raise PydanticCustomError("code_zero", "must not be 0, by which the CRM confirms an edit")
    return value.strip() if isinstance(value, str) else value


def _size(text: object) -> object:
    """A size of at least 1 KB, such as ``50MB``."""
    text = narrow(text).strip().upper() if isinstance(text, str) else ""
    if not (match := _SIZE.fullmatch(text)) or not int(match[1]):
        raise PydanticCustomError("size", "must be a size such as 50MB")
    return text


def _rate(text: str) -> str:
    """A permitted rate such as ``5/second``, as it is written."""
    try:
        Limit.parse(text)
    except ValueError:
        raise PydanticCustomError(
            "limit", '"{limit}" is not a rate such as "5/second", "300/minute", "15000/hour"', {"limit": text}
        ) from None
    return text


RateText = Annotated[str, AfterValidator(_rate)]
Number = Annotated[float, BeforeValidator(_no_bool)]
Seconds = Annotated[Number, Field(gt=0, le=86_400)]
Count = Annotated[int, Field(ge=0), BeforeValidator(_no_bool)]
Share = Annotated[Number, Field(ge=0, le=1)]
AtLeastOne = Annotated[int, Field(ge=1), BeforeValidator(_no_bool)]
Default = Annotated[StrictInt | StrictStr, BeforeValidator(exact)]
OptionId = Annotated[Filled, BeforeValidator(exact_text)]
Code = Annotated[StrictInt | StrictStr, Field(union_mode="left_to_right"), AfterValidator(_code)]


class Section(BaseModel):
    """A part of the settings; a key that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Api(Section):
    """Where the CRM is, how to be let in, and which of its codes mean what (no list of codes is public)."""

    base_url: str = "https://open.wshoto.com"
    access_token: AccessToken | None = None
    app_id: AppId | None = None
    app_secret: AppSecret | None = None
    tenant: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = None
    timeout: Seconds = 30
    ca_file: FilePath | None = None
    auth_codes: tuple[Code, ...] = (10001, 10010, 10011)
    retry_codes: tuple[Code, ...] = ()
    rate_codes: tuple[Code, ...] = ()

    @field_validator("base_url")
    @classmethod
    def _reachable_safely(cls, url: str) -> str:
        wrong = PydanticCustomError("url", "must be an address such as https://open.wshoto.com")
        try:
            parts = urlsplit(url)
            usable = parts.hostname and parts.port != 0
        except ValueError:  # [::1, or a port of 99999
            raise wrong from None
        if parts.scheme not in ("http", "https") or not usable or parts.query or parts.fragment or parts.username:
            raise wrong
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise PydanticCustomError("insecure_url", "must begin with https://, since the access token travels in the URL")
        # Written in one way, since it is by its address that a tenant's runs and its rate are known.
        port = "" if parts.port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{parts.port}"
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{parts.scheme}://{host}{port}{parts.path}".rstrip("/")

    @field_validator("tenant", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value


def _spelt(text: object) -> str:
    moment = time_of_day(text) if isinstance(text, str) else None
    if moment is None:
        raise PydanticCustomError("time_of_day", 'must be a time of day in quotation marks, such as "22:00"')
    return f"{moment:%H:%M}"


#: A time of day as it is written in the settings, ``22:00``.
TimeOfDay = Annotated[str, BeforeValidator(_spelt)]


class QuietHours(Section):
    """Hours of the day, by the setting ``timezone``, within which these limits count instead of the usual ones."""

    begins: TimeOfDay = Field(alias="from")
    ends: TimeOfDay = Field(alias="to")
    limits: Annotated[tuple[RateText, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _are_hours(self) -> QuietHours:
        if self.begins == self.ends:
            raise PydanticCustomError("no_hours", "must begin and end at different times of day")
        return self


class Rate(Section):
    """How fast requests may go out, and what happens when the CRM says "too fast"."""

    limits: tuple[RateText, ...] = ("5/second", "300/minute")
    quiet_hours: QuietHours | None = None
    concurrency: Annotated[AtLeastOne, Field(le=64)] = 4
    pause: Seconds = 60
    patience: Annotated[Number, Field(ge=0, le=86_400)] = 900


class Retry(Section):
    """How often an edit without a usable answer is tried, and whether one that may have been applied is repeated."""

    attempts: AtLeastOne = 5
    max_wait: Seconds = 60
    ambiguous: bool = True


class Halt(Section):
    """How many bad outcomes in a row stop the run; null never does."""

    after_failures: AtLeastOne | None = 20
    after_rejections: AtLeastOne | None = 50


class Guards(Section):
    """What a sheet must not exceed, or must have at least; null is off. They stop a run before its first call.

    ``repeat`` says what becomes of a sheet that was finished before; null refuses it where nobody is asked. ``min_filled`` is
    the least share of rows, 0 to 1, in which a column is filled, by any name of the column.
    """

    max_rows: Count | None = None
    min_rows: Count | None = None
    max_clears: Count | None = None
    max_reassigned: Count | None = None
    max_invalid_share: Share | None = None
    max_age: Span | None = None
    repeat: Literal["refuse", "allow"] | None = None
    min_edits: Count | None = None
    min_filled: Annotated[dict[str, Share], BeforeValidator(lambda shares: {} if shares is None else shares)] = {}
    cut: Literal["refuse"] | None = None
    min_share_of_last: Share | None = None
    max_changed: Count | None = None

    @property
    def judge_clues(self) -> bool:
        """Whether a guard is set that judges what is sent once the clues are read, so that all are read before."""
        of_rows = (self.max_rows, self.min_rows, self.max_clears, self.max_reassigned, self.max_invalid_share)
        return any(guard is not None for guard in (*of_rows, self.max_changed))


class Ids(Section):
    """How strictly ids are looked at; ``trust_round`` lets pass those that look rounded, ``people: any`` whatever stands in a
    column of people or tags without a table of names."""

    trust_round: bool = False
    people: Literal["id", "any"] = "id"


def host_name(name: str) -> str:
    """The name of a host, or an address, alone: no scheme, port or path belongs to it."""
    host = name.strip().rstrip(".").casefold().removeprefix("[").removesuffix("]")
    if not is_address(host) and not re.fullmatch(r"[^\s/:@?#\[\]\\,*]+", host):
        raise PydanticCustomError("host", '"{name}" is no name of a host such as crm.example.com', {"name": name})
    return host


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise PydanticCustomError("network", '"{text}" is no address such as 10.0.0.7 or 10.0.0.0/24', {"text": text}) from None


class Web(Section):
    """The page: by which names people reach it, which addresses its proxy has, how large a sheet may be
    that is handed in, and how long somebody stays logged in."""

    hosts: tuple[Annotated[StrictStr, AfterValidator(host_name)], ...] = ()
    proxies: tuple[Annotated[StrictStr, AfterValidator(_network)], ...] = ("127.0.0.1/32", "::1/128")
    max_upload: Annotated[str, BeforeValidator(_size)] = "50MB"
    session_hours: Annotated[Number, Field(gt=0, le=24 * 90)] = 12
    idle_minutes: Annotated[Number, Field(gt=0, le=60 * 24 * 90)] = 60

    @property
    def most_bytes(self) -> int:
        """The bytes of the largest sheet that can be handed in."""
        size, unit = self.max_upload[:-2].strip(), self.max_upload[-2:]
        return int(size) << _SHIFTS[unit]


class Worker(Section):
    """What a process does that sends shards of runs: for how many seconds a lease on a shard lasts unless it is renewed, and
    how many shards it sends at a time; and how many rows are in a shard of a run that is shared."""

    lease: Annotated[Number, Field(ge=1, le=3600)] = 15
    shards: Annotated[AtLeastOne, Field(le=64)] = 4
    rows_per_shard: AtLeastOne = 500


class CustomField(Section):
    """One custom field of the tenant. ``options`` maps an option's name to its id (a cascade's by path: 一级/二级)."""

    title: str | None = None
    type: Literal["text", "single", "multiple", "cascade", "date", "datetime"] = "text"
    options: Annotated[dict[str, OptionId], BeforeValidator(text_names)] = {}
    required: bool = False
    ids: Literal["string", "integer"] = "string"
    choice_shape: Literal["scalar", "list"] = "scalar"

    @model_validator(mode="after")
    def _whole_ids(self) -> CustomField:
        for name, value in self.options.items():
            if self.ids == "integer" and not value.isdecimal():
                raise PydanticCustomError("option_id", 'option "{name}" needs a whole number as its id', {"name": name})
        return self


def is_address(host: str) -> bool:
    """Whether ``host`` is the address of a machine, and no name that would have to be looked up."""
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine itself."""
    return ipaddress.ip_address(host).is_loopback if is_address(host) else host == "localhost"
