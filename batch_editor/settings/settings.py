"""The settings: one frozen tree, from a YAML file, environment variables and keyword arguments, in that rising order.

Every setting is documented in ``config.example.yaml``. What the settings mean for a row is decided in ``loader.py`` and
``cells.py``, what they mean for a reply in ``dispatcher.py``; here they are only read and checked.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StrictInt,
    StrictStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError as SourceError

from .. import fields, spoilt_text
from ..errors import SettingsError
from ..messages import TEXTS
from ..model import Limit, Message
from .name_tables import Filled, Table, TableFile, exact, exact_text, from_home, text_names, wrong_with
from .names import Ids as TableIds
from .yaml_file import read_yaml

ENV_PREFIX = "BATCH_EDITOR_"
#: Environment variables that deployments of the platform already have; they win over everything but an option.
TOKEN_VARIABLES = {"WSHOTO_ACCESS_TOKEN": "access_token", "WSHOTO_APP_ID": "app_id", "WSHOTO_APP_SECRET": "app_secret"}
#: The key of a custom field: ``mf_clue_51``, or ``customField`` as in the reference's sample.
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: The groups of ``clear_as``, and what each is sent as unless it says otherwise.
CLEAR_DEFAULTS: dict[str, object] = {"text": "", "number": None, "custom_text": "", "custom_choice": []}


def _no_bool(value: object) -> object:
    """``max_rows: yes`` is a mistake, and not 1."""
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "must be a number")
    return value


def _path(value: object) -> object:
    if not isinstance(value, str | Path):
        raise PydanticCustomError("path_type", "must be the path of a folder")
    return value


Number = Annotated[float, BeforeValidator(_no_bool)]
Seconds = Annotated[Number, Field(gt=0, le=86_400)]
Count = Annotated[int, Field(ge=0), BeforeValidator(_no_bool)]
AtLeastOne = Annotated[int, Field(ge=1), BeforeValidator(_no_bool)]
Default = Annotated[StrictInt | StrictStr, BeforeValidator(exact)]
OptionId = Annotated[Filled, BeforeValidator(exact_text)]
Code = Annotated[StrictInt | StrictStr, Field(union_mode="left_to_right")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Api(_Part):
    """Where the CRM is, how to be let in, and which of its codes mean what (no list of codes is public)."""

    base_url: str = "https://open.wshoto.com"
    access_token: SecretStr | None = None
    app_id: str | None = None
    app_secret: SecretStr | None = None
    timeout: Seconds = 30
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

    @field_validator("app_id", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value


class Rate(_Part):
    """How fast requests may go out, and what happens when the CRM says "too fast"."""

    limits: tuple[str, ...] = ("5/second", "300/minute")
    concurrency: Annotated[AtLeastOne, Field(le=64)] = 4
    pause: Seconds = 60
    patience: Annotated[Number, Field(ge=0, le=86_400)] = 900

    @field_validator("limits")
    @classmethod
    def _parse(cls, limits: tuple[str, ...]) -> tuple[str, ...]:
        for limit in limits:
            try:
                Limit.parse(limit)
            except ValueError:
                raise PydanticCustomError(
                    "limit", '"{limit}" is not a rate such as "5/second", "300/minute", "15000/hour"', {"limit": limit}
                ) from None
        return limits

    def parsed(self) -> tuple[Limit, ...]:
        """The limits as numbers; none at all means that nothing holds the run back."""
        return tuple(Limit.parse(limit) for limit in self.limits)


class Retry(_Part):
    """How often an edit without a usable answer is tried, and whether one that may have been applied is repeated."""

    attempts: AtLeastOne = 5
    max_wait: Seconds = 60
    ambiguous: bool = True


class Halt(_Part):
    """How many bad outcomes in a row stop the run; null never does."""

    after_failures: AtLeastOne | None = 20
    after_rejections: AtLeastOne | None = 50


class Guards(_Part):
    """Sizes that a sheet should not exceed; null is off. They stop a run before its first call."""

    max_rows: Count | None = None
    min_rows: Count | None = None
    max_clears: Count | None = None
    max_reassigned: Count | None = None
    max_invalid_share: Annotated[Number, Field(ge=0, le=1)] | None = None


class Ids(_Part):
    """How strictly ids are looked at; ``trust_round`` lets pass those that look rounded."""

    trust_round: bool = False


class CustomField(_Part):
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


class Settings(BaseSettings):
    """All settings. ``Settings()`` reads the environment; ``Settings.load(path)`` a file below it; keywords win over both.

    Raises ``SettingsError`` with every broken key named.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    api: Api = Api()
    rate: Rate = Rate()
    retry: Retry = Retry()
    halt: Halt = Halt()
    guards: Guards = Guards()
    defaults: dict[str, Default] = {}
    columns: dict[str, str] = {}
    context_columns: tuple[str, ...] = ()
    ignore_columns: tuple[str, ...] = ()
    custom_fields: dict[str, CustomField] = {}
    lookups: dict[str, Table] = {}
    ids: Ids = Ids()
    fill: bool = False
    prove: bool | None = None
    clear_marker: Filled = "#CLEAR"
    clear_as: dict[str, Any] = {}
    birthday_unit: Literal["s", "ms"] = "s"
    duplicates: Literal["allow", "error"] = "allow"
    lang: Literal["en", "zh"] | None = None
    state_dir: Annotated[Path, BeforeValidator(_path)] = Path(platformdirs.user_state_dir("batch_editor", appauthor=False))

    def __init__(self, **values: Any) -> None:
        unknown = _unknown_variables()
        if unknown:
            raise SettingsError("settings.variable", name=unknown[0], known=", ".join(_variable_names()))
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise SettingsError("settings.invalid", lines=_details(error)) from None
        except SourceError:
            raise SettingsError("settings.unparsed", name=_unparsed_variable()) from None

    @classmethod
    def load(cls, path: Path | None = None, **values: Any) -> Settings:
        """The settings of the YAML file ``path`` (none: defaults), below the environment and ``values``.

        Files that it names under ``lookups`` are meant from its own folder on.
        """
        token = _file.set(_beside(read_yaml(path), path.parent) if path else {})
        try:
            return cls(**values)
        finally:
            _file.reset(token)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Keywords, then the platform's own variables, then ours, then the file."""
        given: dict[str, str | None] = {key: os.environ[name] for name, key in TOKEN_VARIABLES.items() if os.environ.get(name)}
        if "app_id" in given and "app_secret" in given:
            given.setdefault("access_token", None)  # an app of the environment wins over a token of the file
        platform = InitSettingsSource(settings_cls, {"api": given} if given else {})
        return init_settings, platform, env_settings, InitSettingsSource(settings_cls, _file.get() or {})

    @field_validator("clear_marker")
    @classmethod
    def _no_error(cls, marker: str) -> str:
        if spoilt_text.is_error_text(marker):  # a broken formula would clear its field
            raise PydanticCustomError("marker_is_error", "is what a spreadsheet shows for an error")
        return marker

    @field_validator("clear_as")
    @classmethod
    def _empty_values(cls, clear_as: dict[str, Any]) -> dict[str, Any]:
        for key, value in clear_as.items():
            if isinstance(value, bool) or value not in ("", 0, None, []):
                raise PydanticCustomError("clear_value", '{key} can be "", 0, null or []', {"key": key})
        return clear_as

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        for key in self.clear_as:
            known = key in CLEAR_DEFAULTS or key in fields.BY_KEY or key in self.custom_fields
            if not known and not key.startswith(fields.CUSTOM_PREFIX):
                raise PydanticCustomError(
                    "clear_key",
                    '"{key}" is neither a field nor one of {groups}',
                    {"key": key, "groups": ", ".join(CLEAR_DEFAULTS)},
                )
        for key, custom in self.custom_fields.items():
            if fields.normal(key) in fields.BY_HEADING:
                raise PydanticCustomError("custom_key", 'custom_fields: "{key}" is a field of clue/edit itself', {"key": key})
            if not _KEY.fullmatch(key):
                raise PydanticCustomError("custom_no_key", 'custom_fields: "{key}" is no key such as mf_clue_51', {"key": key})
            self._check_title(key, custom.title or key)
            self._check_options(key, custom)
        for key, table in self.lookups.items():
            if reason := wrong_with(key, table, trust=self.ids.trust_round):
                raise PydanticCustomError("lookup", "lookups: {reason}", {"reason": reason})
        required_custom = {key for key, field in self.custom_fields.items() if field.required}
        for key in self.defaults:
            if key == "clue_id" or (key not in fields.REQUIRED and key not in required_custom):
                raise PydanticCustomError(
                    "default_key",
                    'defaults: "{key}" is not a required field; only those can have a default',
                    {"key": key},
                )
        for heading, key in self.columns.items():
            if key not in fields.BY_KEY and key not in self.custom_fields and not key.startswith(fields.CUSTOM_PREFIX):
                raise PydanticCustomError(
                    "column_key",
                    'columns: "{heading}" names "{key}", which is no field',
                    {"heading": heading, "key": key},
                )
        return self

    def _check_title(self, key: str, title: str) -> None:
        taken = fields.BY_HEADING.get(fields.normal(title))
        if taken:
            raise PydanticCustomError(
                "custom_title",
                'custom_fields: the title "{title}" of {key} is a heading of the field {field}',
                {"title": title, "key": key, "field": f"{taken.title} ({taken.key})"},
            )

    def _check_options(self, key: str, custom: CustomField) -> None:
        for name, value in custom.options.items():
            if not self.ids.trust_round and spoilt_text.is_spoilt(value):
                raise PydanticCustomError(
                    "option_rounded",
                    'custom_fields: the id of the option "{name}" of {key} looks rounded',
                    {"name": name, "key": key},
                )

    def for_the_record(self) -> dict[str, Any]:
        """The settings as JSON without secrets, for the journal."""
        return self.model_dump(mode="json", exclude={"api": {"access_token", "app_secret"}, "state_dir": True})


#: The settings that decide what is made of a row.
_ROW_RULES = (
    *("defaults", "columns", "context_columns", "ignore_columns", "custom_fields", "lookups"),
    *("ids", "clear_marker", "clear_as", "birthday_unit", "fill"),
)


def row_rules(record: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the settings that decide what is made of a row, from what ``Settings.for_the_record`` gave."""
    return {name: record.get(name) or None for name in _ROW_RULES}  # an older record lacks what was always off then


def with_rules(settings: Settings, record: Mapping[str, Any]) -> Settings:
    """``settings`` with the row rules of a run, of which the journal keeps ``record``."""
    rules = {name: record[name] for name in _ROW_RULES if name in record}
    custom = {key: CustomField(**declared) for key, declared in rules.get("custom_fields", {}).items()}
    ids = Ids(**rules.get("ids", {}))
    listed = {name: tuple(rules.get(name, ())) for name in ("context_columns", "ignore_columns")}
    names = {"lookups": rules.get("lookups", {})}  # looked up already, then; those of now may not be
    return settings.model_copy(update=rules | listed | names | {"custom_fields": custom, "ids": ids})


def table_of(settings: Settings, key: str) -> Mapping[str, TableIds]:
    """The names that cells of the field ``key`` may hold, if any; all tables are looked up by the time that somebody asks."""
    table = settings.lookups.get(key, {})
    if not isinstance(table, dict):
        raise TypeError(f"the table of {key} was not looked up")
    return table


#: What ``load`` has read, for the time of one construction: pydantic-settings takes its sources without arguments.
_file: ContextVar[dict[str, Any] | None] = ContextVar("_file", default=None)


def _beside(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What a settings file in ``folder`` says, with the way to the files that it names under ``lookups``."""
    tables = values.get("lookups")
    for table in tables.values() if isinstance(tables, dict) else ():
        if isinstance(table, dict) and isinstance(table.get("file"), str):
            table["file"] = str(folder / from_home(table["file"]))
    return values


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _variable_names() -> list[str]:
    return [f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields]


def _our_variables() -> list[str]:
    return sorted(name for name in os.environ if name.upper().startswith(ENV_PREFIX))


def _unknown_variables() -> list[str]:
    """Variables with our prefix that name no setting: pydantic-settings would ignore a misspelt one."""
    known = {name.upper() for name in Settings.model_fields}
    return [name for name in _our_variables() if name.upper().removeprefix(ENV_PREFIX).split("__")[0] not in known]


def _unparsed_variable() -> str:
    """The variable whose JSON is broken: pydantic-settings names only the setting at the top, so each is tried alone."""
    source = EnvSettingsSource(Settings)
    for name in _our_variables():
        vars(source)["env_vars"] = {name.lower(): os.environ[name]}
        try:
            source()
        except SourceError:
            return name
    return f"{ENV_PREFIX}…"


def _details(error: ValidationError) -> list[Message]:
    """All broken keys, a message each; values are not repeated, since one of them may be a secret."""
    lines = []
    for item in error.errors(include_url=False, include_input=False):
        place = item["loc"]
        if place[:1] == ("lookups",):
            place = (*place[:2], *place[3:])  # the kind of a table is no key of the file
        key = ".".join(str(part) for part in place) or "settings"
        if item["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(place[-1]), _siblings(place), n=1)
            values = {"key": key, "near": near[0] if near else ""}
            lines.append(Message("settings.unknown_near" if near else "settings.unknown", values))
        else:
            known = f"setting.{item['type']}"
            context = item.get("ctx", {})
            if item["type"] == "literal_error":  # 's' or 'ms': the words between are English
                context = {"expected": " / ".join(re.findall("'([^']*)'", context["expected"]))}
            reason = Message(known, context) if known in TEXTS else item["msg"]
            lines.append(Message("settings.value", {"key": key, "reason": reason}))
    return lines


def _siblings(place: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in place[:-1]:
        found = model.model_fields.get(str(part))
        if found is None or not isinstance(found.annotation, type) or not issubclass(found.annotation, BaseModel):
            # The only models that are not reached by names alone.
            return list((TableFile if place[0] == "lookups" else CustomField).model_fields)
        model = found.annotation
    return list(model.model_fields)


def require_credentials(settings: Settings) -> None:
    """Raise ``SettingsError`` if there is neither a token nor what to get one with."""
    api = settings.api
    if api.access_token is None and not (api.app_id and api.app_secret):
        raise SettingsError("settings.no_credentials")


def app_of(settings: Settings) -> str:
    """Which app the runs are known by: ``app_id``, or nothing where the token is fixed and its app is not known."""
    return settings.api.app_id or "" if settings.api.access_token is None else ""
