"""The settings: one frozen tree, from a YAML file, environment variables and keyword arguments, in that rising order.

Every setting is documented in ``config.example.yaml``. Here they are read and checked; the sections of the tree are in
``sections.py``, the rules of rows that follow from it in ``row_rules.py``, the words for what is wrong in ``mistakes.py``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import BeforeValidator, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as SourceError

from .. import fields, spoilt_text
from ..errors import SettingsError
from .credentials import of_platform
from .database_url import DatabaseUrl
from .hours import Hours
from .limits import Limit
from .mistakes import ENV_PREFIX, describe_mistakes, unknown_variables, unparsed_variable, unwritable, variable_names
from .name_tables import Filled, Table, exact, text_names, wrong_with
from .names import NEAR, folded
from .notify import SecretUrl, Targets
from .paths import FilePath, FolderPath, from_home
from .row_rules import CLEAR_DEFAULTS, COMPARED, RowRules
from .sections import Api, CustomField, Default, Guards, Halt, Ids, Rate, Retry, Web, Worker
from .spans import Days
from .yaml_file import fault_lines, read_yaml
from .zones import checked, zone

#: The key of a custom field: ``mf_clue_51``, or ``customField`` as in the reference's sample.
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: What a call holds beside its fields, in one case: a custom field of such a name would take the place of what belongs there.
_KEYS_OF_A_CALL = frozenset({"field_map", "update_specified_fields", "access_token"})


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
    compare_columns: tuple[str, ...] = COMPARED
    ignore_columns: tuple[str, ...] = ()
    custom_fields: dict[str, CustomField] = {}
    lookups: dict[str, Table] = {}
    ids: Ids = Ids()
    web: Web = Web()
    fill: bool = False
    fill_down: bool = False
    prove: bool | None = None
    snapshot: Literal["auto"] | bool = "auto"
    clear_marker: Filled = "#CLEAR"
    clear_as: dict[str, Any] = {}
    blank_words: tuple[Filled, ...] = ()
    birthday_unit: Literal["s", "ms"] = "s"
    date_order: Literal["ymd", "dmy", "mdy"] | None = None
    duplicates: Literal["allow", "error"] = "allow"
    lang: Literal["en", "zh"] | None = None
    timezone: Annotated[str, BeforeValidator(checked)] = "Asia/Shanghai"
    notify: Targets = ()
    heartbeat: SecretUrl | None = None
    results_dir: FolderPath | None = None
    keep: Days | None = None
    journal: DatabaseUrl | None = None
    tenants: Annotated[dict[Filled, FilePath], BeforeValidator(text_names)] = {}
    worker: Worker = Worker()
    state_dir: FolderPath = Path(platformdirs.user_state_dir("batch_editor", appauthor=False))

    def __init__(self, **values: Any) -> None:
        if unknown := unknown_variables(type(self)):
            raise SettingsError("settings.variable", name=unknown[0], known=", ".join(variable_names(type(self))))
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise SettingsError("settings.invalid", lines=describe_mistakes(error, type(self))) from None
        except (SourceError, RecursionError):
            raise SettingsError("settings.unparsed", name=unparsed_variable(type(self))) from None

    @classmethod
    def load(cls, path: str | Path | None = None, **values: Any) -> Settings:
        """The settings of the YAML file ``path`` (none: defaults), below the environment and ``values``.

        Files that it names under ``lookups`` and ``tenants``, and as ``api.ca_file``, are meant from its own folder on.
        """
        if not path:
            return cls._above({}, values)
        in_that_file = in_file(Path(path))
        with _with_fault_lines(Path(path)):
            return cls._above(in_that_file, values)

    @classmethod
    def of_tenant(cls, path: Path) -> Settings:
        """The settings of the file ``path`` alone: what the environment says belongs to no tenant.

        Raises ``SettingsError`` where they cannot be used.
        """
        in_that_file = in_file(path)
        token = _without_environment.set(True)
        try:
            with _with_fault_lines(path):
                return cls._above(in_that_file, {})
        finally:
            _without_environment.reset(token)

    @classmethod
    def load_beside(cls, path: Path, **values: Any) -> Settings:
        """The same of a file that lies beside a sheet and that nobody has named: it may have come with the sheet.

        Raises ``SettingsError`` where it gives the address to which credentials would go that it does not hold, the
        certificates that would be trusted there, or the database that would hold what they send.
        """
        in_that_file = in_file(path)
        with _with_fault_lines(path):
            settings = cls._above(in_that_file, values)
            elsewhere = {name: value for name, value in in_that_file.items() if name not in ("api", "journal")}
            others = cls._above(elsewhere, values)
        given = others.api.access_token or others.api.app_id or others.api.app_secret
        if given and settings.api.base_url != others.api.base_url:
            raise SettingsError("settings.foreign_address", path=path, url=settings.api.base_url)
        if given and settings.api.ca_file != others.api.ca_file:
            raise SettingsError("settings.foreign_trust", path=path)
        if given and settings.journal != others.journal:
            raise SettingsError("settings.foreign_journal", path=path)
        return settings

    @classmethod
    def _above(cls, in_that_file: dict[str, Any], values: dict[str, Any]) -> Settings:
        """The settings of a file that says this, below the environment and ``values``."""
        token = _file.set(in_that_file)
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
        file = InitSettingsSource(settings_cls, _file.get() or {})
        if _without_environment.get():
            return init_settings, file
        api = {key: text for values in of_platform().values() for key, text in values.items()}
        platform = InitSettingsSource(settings_cls, {"api": api} if api else {})
        return init_settings, platform, env_settings, file

    @model_validator(mode="before")
    @classmethod
    def _writable(cls, values: Any) -> Any:
        if place := unwritable(values):
            raise PydanticCustomError("character", "{place} holds a character that no file can hold", {"place": place})
        return values

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

    @field_validator("blank_words", mode="before")
    @classmethod
    def _texts(cls, words: object) -> object:
        """YAML makes a number of 0 and nothing of null, which people write there without quotation marks."""
        if not isinstance(words, list | tuple):
            return words
        return ["null" if word is None else str(exact(word)) for word in words]

    @model_validator(mode="after")
    def _no_other_meaning(self) -> Settings:
        for word in self.blank_words:
            if spoilt_text.is_error_text(word):
                raise PydanticCustomError("blank_error", 'blank_words: "{word}" is an error', {"word": word})
            if folded(word) == folded(self.clear_marker):
                raise PydanticCustomError("blank_marker", 'blank_words: "{word}" clears a field', {"word": word})
        return self

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
            if key.casefold() in _KEYS_OF_A_CALL:
                raise PydanticCustomError("custom_call_key", 'custom_fields: "{key}" is a key of the call', {"key": key})
            if fields.named(key):
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
        for key in self.compare_columns:
            if key in ("clue_id", "user_id") or not self._is_field(key):
                raise PydanticCustomError(
                    "compare_key",
                    'compare_columns: "{key}" is no field whose value the CRM shows; give keys such as clue_name',
                    {"key": key},
                )
        for name in self.guards.min_filled:
            self._check_column(name)
        for heading, key in self.columns.items():
            if key not in fields.BY_KEY and key not in self.custom_fields and not key.startswith(fields.CUSTOM_PREFIX):
                raise PydanticCustomError(
                    "column_key",
                    'columns: "{heading}" names "{key}", which is no field',
                    {"heading": heading, "key": key},
                )
        return self

    def _is_field(self, key: str) -> bool:
        return key in fields.BY_KEY or key in self.custom_fields or key.startswith(fields.CUSTOM_PREFIX)

    def _check_column(self, name: str) -> None:
        """Raises a mistake for a column under ``min_filled`` that no sheet by these settings can have."""
        known = {key: custom.title or key for key, custom in self.custom_fields.items()}
        known |= {field.key: field.title for field in fields.FIELDS}
        others = (*self.columns, *self.context_columns, *self.ignore_columns)
        synonyms = [text for field in fields.FIELDS for text in field.synonyms]
        names = {fields.normal(text): text for text in (*known.values(), *known, *synonyms, *others)}
        normal = fields.normal(name)
        if normal in names or self._is_field(normal) or fields.named(name) or fields.read_only(name):
            return
        near = difflib.get_close_matches(normal, names, n=1, cutoff=NEAR)
        if near:
            values = {"name": name, "near": names[near[0]]}
            raise PydanticCustomError("filled_near", 'guards.min_filled: "{name}" is no column; is {near} meant?', values)
        raise PydanticCustomError("filled", 'guards.min_filled: "{name}" is no column', {"name": name})

    def _check_title(self, key: str, title: str) -> None:
        taken = fields.named(title)
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

    @property
    def row_rules(self) -> RowRules:
        """The settings that decide what is made of a row. Raises ``TypeError`` while a table of names is not looked up."""
        for key, table in self.lookups.items():
            if not isinstance(table, dict):
                raise TypeError(f"the table of {key} was not looked up")
        return RowRules(**{name: getattr(self, name) for name in RowRules.model_fields})

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the setting ``timezone``, by which days, hours and dated folders are counted."""
        return zone(self.timezone)

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The permitted rates, with the hours of the day at which they count; without any, nothing holds a run back."""
        usual = [Limit.parse(limit) for limit in self.rate.limits]
        if (quiet := self.rate.quiet_hours) is None:
            return tuple(usual)
        hours = Hours(time.fromisoformat(quiet.begins), time.fromisoformat(quiet.ends), self.zone)
        return (
            *(replace(limit, hours=hours.others) for limit in usual),
            *(replace(Limit.parse(limit), hours=hours) for limit in quiet.limits),
        )

    def for_the_record(self) -> dict[str, Any]:
        """The settings as JSON without secrets, for the journal; those of the page, of nights and of where files are say
        nothing of a run."""
        kept_apart = ("notify", "heartbeat", "state_dir", "results_dir", "keep", "journal", "tenants", "web", "worker")
        not_kept: dict[str, Any] = dict.fromkeys(kept_apart, True)
        return self.model_dump(
            mode="json", by_alias=True, exclude={"api": {"access_token", "app_secret", "ca_file"}, **not_kept}
        )


#: What ``load`` has read, for the time of one construction: pydantic-settings takes its sources without arguments.
_file: ContextVar[dict[str, Any] | None] = ContextVar("_file", default=None)
#: Whether one construction is to take nothing from the environment.
_without_environment: ContextVar[bool] = ContextVar("_without_environment", default=False)


def in_file(path: Path) -> dict[str, Any]:
    """What the settings file ``path`` says, with the way to the files that it names.

    Raises ``SettingsError`` where it cannot be read.
    """
    values = read_yaml(path)
    folder = path.parent
    tables = values.get("lookups")
    for table in tables.values() if isinstance(tables, dict) else ():
        if isinstance(table, dict) and isinstance(table.get("file"), str):
            table["file"] = str(folder / from_home(table["file"]))
    tenants = values.get("tenants")
    if isinstance(tenants, dict):
        values["tenants"] = {
            name: str(folder / from_home(file)) if isinstance(file, str) and file.strip() else file
            for name, file in tenants.items()
        }
    api = values.get("api")
    if isinstance(api, dict) and isinstance(api.get("ca_file"), str) and api["ca_file"].strip():
        api["ca_file"] = str(folder / from_home(api["ca_file"]))
    return values


@contextmanager
def _with_fault_lines(path: Path) -> Iterator[None]:
    """Adds to an error over what a file says the commonest faults in its lines, which may be the cause."""
    try:
        yield
    except SettingsError as error:
        if error.message.key != "settings.invalid" or not (lines := fault_lines(path)):
            raise
        raise SettingsError("settings.invalid_lines", lines=error.message.values["lines"], path=path, faults=lines) from None


def require_credentials(settings: Settings) -> None:
    """Raise ``SettingsError`` if there is neither a token nor what to get one with."""
    api = settings.api
    if api.access_token is None and not (api.app_id and api.app_secret):
        raise SettingsError("settings.no_credentials")


def app_of(settings: Settings) -> str:
    """Which app the runs are known by: ``app_id``, or nothing where the token is fixed and its app is not known."""
    return settings.api.app_id or "" if settings.api.access_token is None else ""
