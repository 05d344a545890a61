"""The settings as they are written, source by source, before anybody has judged them: for whoever looks for what is wrong.

``settings.py`` refuses a tree that is wrong anywhere. Here is told which source each credential comes from and what exactly
stands there, and what can be used of settings all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from ..errors import SettingsError
from .credentials import of_platform
from .mistakes import values_by_variable
from .settings import Settings, in_file

#: The settings by which the CRM is reached and a program may be let in, in the order in which they are told.
CREDENTIALS = ("access_token", "app_id", "app_secret")
#: What says nothing of rows: it is kept where something is wrong that no key can be blamed for.
_OF_THE_SETUP = frozenset(
    {"api", "rate", "state_dir", "results_dir", "timezone", "lang", "notify", "heartbeat", "guards", "keep"}
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where settings are written, a variable of the environment (``name``) or the ``file`` of settings, and what it says."""

    name: str
    file: Path | None
    values: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as it is written, and where."""

    text: str = field(repr=False)
    source: Source


def sources(path: Path | None) -> list[Source]:
    """Returns where settings are written, the source first that wins over those behind it."""
    written = [Source(name, None, {"api": api}) for name, api in of_platform().items()]
    written += [Source(name, None, values) for name, values in values_by_variable(Settings) if values is not None]
    if path is not None:
        with suppress(SettingsError):
            written.append(Source(str(path), path, in_file(path)))
    return written


def credentials(written: Sequence[Source]) -> dict[str, Credential]:
    """Returns the credentials that count, by their names: of several that of the first source that says anything of it."""
    counting: dict[str, Credential] = {}
    for key in CREDENTIALS:
        saying = (source for source in written if isinstance(api := source.values.get("api"), Mapping) and key in api)
        if (source := next(saying, None)) is not None:
            value = source.values["api"][key]
            if value is not None and not isinstance(value, bool):
                counting[key] = Credential(str(value), source)
    return counting


def usable(written: Sequence[Source]) -> Settings:
    """Returns settings with everything that is right of what is written, and the defaults for what is not."""
    values: dict[str, Any] = {}
    for source in reversed(written):
        values = _above(values, source.values)
    while True:
        try:
            return _Usable(**values)
        except ValidationError as error:
            values = _without(values, [item["loc"] for item in error.errors(include_url=False, include_input=False)])


class _Usable(Settings):
    """Settings that come from nowhere but the arguments."""

    def __init__(self, **values: Any) -> None:
        BaseSettings.__init__(self, **values)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def _above(below: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in values.items():
        inside = merged.get(key)
        merged[key] = _above(inside, value) if isinstance(inside, Mapping) and isinstance(value, Mapping) else value
    return merged


def _without(values: Mapping[str, Any], places: Iterable[tuple[int | str, ...]]) -> dict[str, Any]:
    """Returns ``values`` without what stands at the ``places``; where nothing stands at any of them, without what says how rows
    are read, and then without anything."""
    kept = {
        key: dict(value) if isinstance(value, Mapping) else [*value] if isinstance(value, list) else value
        for key, value in values.items()
    }
    for top, *below in sorted(dict.fromkeys(place[:2] for place in places), key=_index, reverse=True):
        inside: Any = kept.get(str(top))
        if below and (below[0] in inside if isinstance(inside, dict) else isinstance(inside, list)):
            del inside[below[0]]  # its name, or its number in a list
        else:
            kept.pop(str(top), None)
    if kept != values:
        return kept
    of_setup = {key: value for key, value in kept.items() if key in _OF_THE_SETUP}
    return of_setup if of_setup != kept else {}


def _index(place: tuple[int | str, ...]) -> int:
    """Returns the number of what stands at a place in a list; -1 for anything else."""
    return place[1] if len(place) > 1 and isinstance(place[1], int) else -1
