"""What all views of the page share: the settings, read anew when their file has changed, and who works beside the views.

A ``Site`` is made once when the page is started, and handed to ``create_app``; a view finds it as ``request.app.state.site``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from ..errors import SettingsError
from ..messages import Lang
from ..runs.plan_looks import PlanLooks
from ..settings.settings import Settings
from .drivers import Drivers
from .reach import THIS_MACHINE, Reach
from .readings import Readings

#: What tells a file from what it was before: where it is, when it was written, its size and its number in the file system.
_Stamp = tuple[Path, int, int, int] | None


class SettingsSource:
    """The settings as they are now: ``load`` is asked again when the file that ``find`` returns is another one or has changed.

    ``find`` returns None where there is no settings file.
    """

    def __init__(self, find: Callable[[], Path | None], load: Callable[[Path | None], Settings]) -> None:
        self._find = find
        self._load = load
        self._lock = threading.Lock()
        self._stamp: _Stamp = None
        self._loaded: Settings | SettingsError | None = None
        self._lang: Lang | None = None

    @property
    def file(self) -> Path | None:
        """The settings file of now, None for none."""
        return self._find()

    @property
    def settings(self) -> Settings:
        """The settings of now. Raises ``SettingsError`` as long as their file has a mistake."""
        with self._lock:
            path = self._find()
            stamp = _stamp_of(path)
            if self._loaded is None or stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._loaded = self._load(path)
                    self._lang = self._loaded.lang
                except SettingsError as error:
                    self._loaded = error
            if isinstance(self._loaded, SettingsError):
                raise SettingsError(self._loaded.message.key, **self._loaded.message.values)
            return self._loaded

    @property
    def lang(self) -> Lang | None:
        """The language that the settings name, also while their file has a mistake; None where they name none."""
        try:
            return self.settings.lang
        except SettingsError:
            return self._lang


def _stamp_of(path: Path | None) -> _Stamp:
    if path is None:
        return None
    try:
        status = path.stat()
    except OSError:
        return (path, 0, 0, 0)
    return (path, status.st_mtime_ns, status.st_size, status.st_ino)


@dataclass(frozen=True, slots=True)
class Site:
    """What all views share. ``samples`` are the sheets that the demonstration offers, none where real work is done.

    ``reach`` says from where the page can be reached, ``drivers`` read and send runs beside the views, and
    ``readings`` read sheets.
    """

    source: SettingsSource
    samples: tuple[Path, ...] = ()
    reach: Reach = THIS_MACHINE
    drivers: Drivers = field(init=False, compare=False)
    looks: PlanLooks = field(default_factory=PlanLooks, init=False, compare=False)
    readings: Readings = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "drivers", Drivers(lambda: self.settings))
        object.__setattr__(self, "readings", Readings())

    @property
    def settings(self) -> Settings:
        """The settings of now. Raises ``SettingsError`` as long as their file has a mistake, which the page then says."""
        return self.source.settings

    @property
    def lang(self) -> Lang:
        """The language of whoever has chosen none: that of the settings, else Chinese."""
        return self.source.lang or "zh"


def site_of(request: Request) -> Site:
    """Returns the site that a request is made to."""
    site: Site = request.app.state.site
    return site
