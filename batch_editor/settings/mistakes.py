"""Mistakes in the settings, as messages: keys that are broken or unknown, and environment variables of ours that are.

No message repeats a value, since it may be a secret. What is a mistake is decided by the models of the settings.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource
from pydantic_settings.exceptions import SettingsError as SourceError

from ..messages import TEXTS
from ..model import Message
from .credentials import TOKEN_VARIABLES
from .name_tables import TableFile
from .notify import KINDS
from .sections import CustomField

ENV_PREFIX = "BATCH_EDITOR_"
#: Halves of characters, and what ends a text where C reads it.
UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


def variable_names(settings: type[BaseSettings]) -> list[str]:
    """Returns the names of the environment variables that stand for the settings at the top of the tree."""
    return [f"{ENV_PREFIX}{name.upper()}" for name in settings.model_fields]


def unknown_variables(settings: type[BaseSettings]) -> list[str]:
    """Returns the variables with our prefix that name no setting: pydantic-settings would ignore a misspelt one."""
    known = {name.upper() for name in settings.model_fields}
    return [name for name in _our_variables() if name.upper().removeprefix(ENV_PREFIX).split("__")[0] not in known]


def values_by_variable(settings: type[BaseSettings]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yields what each of our variables says of the settings, by its name; None where its JSON is broken."""
    source = EnvSettingsSource(settings)
    for name in _our_variables():
        vars(source)["env_vars"] = {name.lower(): os.environ[name]}
        try:
            yield name, source()
        except (SourceError, RecursionError):
            yield name, None


def unparsed_variable(settings: type[BaseSettings]) -> str:
    """Returns the variable whose JSON is broken.

    pydantic-settings names only the setting at the top of the tree, so each variable is tried alone.
    """
    for name, values in values_by_variable(settings):
        if values is None:
            return name
    # Newer versions of Python read what is nested more deeply than it can be gone through afterwards: that is long.
    return max(_our_variables(), key=lambda name: len(os.environ[name]), default=f"{ENV_PREFIX}…")


def unwritable(value: object, place: str = "") -> str:
    """Returns where in ``value`` a text holds half a character, or a NUL, which no file and no request can; "" if nowhere."""
    if isinstance(value, str):
        return place if UNWRITABLE.search(value) else ""
    if isinstance(value, PurePath):
        return unwritable(str(value), place)
    if isinstance(value, SecretStr):
        return unwritable(value.get_secret_value(), place)
    inside: Iterable[tuple[object, object]] = ()
    if isinstance(value, Mapping):
        inside = value.items()
    elif isinstance(value, list | tuple):
        inside = ((number, item) for number, item in enumerate(value, 1))
    for key, item in inside:
        if isinstance(key, str) and UNWRITABLE.search(key):
            return place or "settings"
        if where := unwritable(item, f"{place}.{key}" if place else str(key)):
            return where
    return ""


def describe_mistakes(error: ValidationError, settings: type[BaseSettings]) -> list[Message]:
    """Returns a message for each broken key of ``settings``, without the value that stands there."""
    lines = []
    for item in error.errors(include_url=False):
        place = item["loc"]
        if place[:1] == ("lookups",):
            place = (*place[:2], *place[3:])  # the kind of a table is no key of the file
        key = ".".join(_counted(place)) or "settings"
        if variable := next((name for name, of_api in TOKEN_VARIABLES.items() if place == ("api", of_api)), ""):
            key += f" ({variable})" if os.environ.get(variable) else ""
        if item["type"] == "extra_forbidden":
            near = _elsewhere(place, settings) or difflib.get_close_matches(str(place[-1]), _siblings(place, settings), n=1)
            values = {"key": key, "near": near[0] if near else ""}
            lines.append(Message("settings.unknown_near" if near else "settings.unknown", values))
        else:
            text_key = f"setting.{item['type']}"
            context = item.get("ctx", {})
            if item["type"] == "literal_error":  # 's' or 'ms': the words between are English
                context = {"expected": " / ".join(re.findall("'([^']*)'", context["expected"]))}
            reason = Message(text_key, context) if text_key in TEXTS else item["msg"]
            said: dict[str, object] = {"key": key, "reason": reason}
            hint = _hint(item["type"], item["input"])
            lines.append(
                Message("settings.value_hint", said | {"hint": Message(hint)}) if hint else Message("settings.value", said)
            )
    return lines


def _counted(place: tuple[int | str, ...]) -> list[str]:
    """Returns the parts of a ``place`` as people write them: targets count from 1, and their kind is no key."""
    if place[:1] != ("notify",):
        return [str(part) for part in place]
    return [str(part + 1 if isinstance(part, int) else part) for part in place[:2] + place[3:]]


def _hint(kind: str, value: object) -> str:
    """Returns what to say of a text that YAML has made something else of; "" if it has not."""
    if kind not in ("exact_type", "string_type"):
        return ""
    if isinstance(value, bool):
        return "hint.bool"
    if isinstance(value, float):
        return "hint.float"
    return "hint.nothing" if value is None else ""


def _our_variables() -> list[str]:
    return sorted(name for name in os.environ if name.upper().startswith(ENV_PREFIX))


def _elsewhere(place: tuple[int | str, ...], settings: type[BaseSettings]) -> list[str]:
    """Where a key that stands too far to the left, or too far in, is the name of a setting; nothing if that is not certain."""
    key = str(place[-1])
    sections = {
        name: field.annotation
        for name, field in settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    if len(place) == 1:
        right = [f"{name}.{key}" for name, section in sections.items() if key in section.model_fields]
    else:
        right = [key] if place[0] in sections and len(place) == 2 and key in settings.model_fields else []
    return right if len(right) == 1 else []


def _siblings(place: tuple[int | str, ...], settings: type[BaseSettings]) -> list[str]:
    """The keys that could stand beside the last one of ``place``."""
    model: type[BaseModel] = settings
    if place[0] == "notify" and len(place) == 4:
        return [field.alias or name for name, field in KINDS[str(place[2])].model_fields.items()]
    for part in place[:-1]:
        field = next((field for name, field in model.model_fields.items() if (field.alias or name) == part), None)
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        inner = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if inner is None:
            # The only models that are not reached by names alone.
            return list((TableFile if place[0] == "lookups" else CustomField).model_fields)
        model = inner
    return [field.alias or name for name, field in model.model_fields.items()]
