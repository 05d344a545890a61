"""The tenants for which a worker sends, each by its own settings file: those that are right, whatever becomes of the others.

A file is read again when it has changed. One that is missing or wrong is told, and its tenant alone is not served until it is
right. Without ``tenants`` in its settings a worker serves the tenant of these settings.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..crm.connection import tenant_key
from ..crm.grants import Grants
from ..errors import SettingsError
from ..model import Message
from ..settings.settings import Settings, app_of, require_credentials
from .notes import Note, Tell

#: Seconds for which a tenant for whom nothing can be sent by its settings is left alone.
REST = 60.0


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant that is served: its ``name`` for people, "" for that of the worker's own settings, the ``key`` by which its runs
    and its rate are known, its settings, and the token that was asked for by them."""

    name: str
    key: str
    settings: Settings
    grants: Grants = field(default_factory=Grants, compare=False)


@dataclass(slots=True)
class _File:
    """The settings file of a tenant, as it was when it was last read."""

    name: str
    path: Path | None
    stamp: object = None
    tenant: Tenant | None = None


class Tenants:
    """The tenants of the ``settings`` of a worker, which were read from ``config``, if there is such a file.

    What changes is handed to ``tell``; ``clock`` gives seconds. Raises ``SettingsError`` where two files are of the same
    tenant, or where there are no access data in settings that name no tenants.
    """

    def __init__(
        self, settings: Settings, config: Path | None, tell: Tell, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._worker = settings
        self._tell = tell
        self._clock = clock
        self._lock = threading.Lock()
        self._resting: dict[str, float] = {}
        self._config = config
        self._config_stamp = _stamp(config)
        self._files = [_File(name, path) for name, path in settings.tenants.items()]
        if not self._files:
            require_credentials(settings)
            self._files = [_File("", None, tenant=self._tenant("", settings))]
        for file in self._files:
            self._read(file, is_first=True)

    @property
    def served(self) -> Sequence[Tenant]:
        """The tenants whose settings are right, in the order of the settings."""
        with self._lock:
            return [file.tenant for file in self._files if file.tenant is not None]

    def keys(self) -> Sequence[str]:
        """Returns the keys of the tenants of whom a shard can be taken now."""
        now = self._clock()
        return [tenant.key for tenant in self.served if self._resting.get(tenant.key, now) <= now]

    def of(self, key: str) -> Tenant | None:
        """Returns the tenant with this key, if it is served."""
        return next((tenant for tenant in self.served if tenant.key == key), None)

    def rest(self, key: str, seconds: float = REST) -> None:
        """Leaves a tenant alone for so many ``seconds``, for whom nothing can be sent."""
        self._resting[key] = self._clock() + seconds

    def look_again(self) -> bool:
        """Reads the files that have changed; returns whether other tenants are served since."""
        before = {tenant.key for tenant in self.served}
        if (stamp := _stamp(self._config)) != self._config_stamp:
            self._config_stamp = stamp
            self._read_config()
        for file in self._files:
            self._read(file)
        return {tenant.key for tenant in self.served} != before

    def _read_config(self) -> None:
        """Takes over the tenants of the worker's own settings; the other settings count from its start on."""
        try:
            settings = Settings.load(self._config)
            if bool(settings.tenants) != bool(self._worker.tenants):
                raise SettingsError("worker.other_kind")
            if not settings.tenants:
                require_credentials(settings)
        except SettingsError as error:
            self._tell(_broken("", self._config, error.message))
            return
        with self._lock:
            if not settings.tenants:
                self._files = [_File("", None, tenant=self._tenant("", settings))]
            else:
                known = {(file.name, file.path): file for file in self._files}
                self._files = [known.get(pair) or _File(*pair) for pair in settings.tenants.items()]
        if not settings.tenants:
            self._tell(_read_again("", self._config))

    def _read(self, file: _File, *, is_first: bool = False) -> None:
        """Reads the file of a tenant, if it has changed."""
        if file.path is None:
            return
        stamp = _stamp(file.path)
        if stamp == file.stamp and not is_first:
            return
        file.stamp = stamp
        tenant = None
        try:
            settings = Settings.of_tenant(file.path)
            require_credentials(settings)
            tenant = self._tenant(file.name, settings)
            self._require_own(file, tenant)
        except SettingsError as error:
            if is_first and error.message.key == "worker.same_tenant":
                raise
            tenant = None
            self._tell(_broken(file.name, file.path, error.message))
        else:
            self._resting.pop(tenant.key, None)
            if not is_first:
                self._tell(_read_again(file.name, file.path))
        with self._lock:
            file.tenant = tenant

    def _require_own(self, file: _File, tenant: Tenant) -> None:
        """Raises ``SettingsError`` where another file is of the same tenant."""
        for other in self._files:
            if other is not file and other.tenant is not None and other.tenant.key == tenant.key:
                raise SettingsError(
                    "worker.same_tenant", first=other.name, second=file.name, file=other.path, other_file=file.path
                )

    def _tenant(self, name: str, settings: Settings) -> Tenant:
        """Returns a tenant, whose settings have of this machine what those of the worker have."""
        own = {key: getattr(self._worker, key) for key in ("journal", "state_dir", "worker")}
        settings = settings.model_copy(update=own | {"tenants": {}})
        return Tenant(name, tenant_key(settings, app_of(settings)), settings)


def _stamp(path: Path | None) -> object:
    """Returns what differs once a file has been written anew; None where there is none."""
    if path is None:
        return None
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


def _broken(name: str, path: Path | None, reason: Message) -> Note:
    key = "worker.tenant_broken" if name else "worker.settings_broken"
    values = {"tenant": name, "path": path, "reason": reason}
    return Note("tenant_broken", Message(key, values), {"tenant": name, "path": str(path)}, is_warning=True)


def _read_again(name: str, path: Path | None) -> Note:
    key = "worker.tenant_read" if name else "worker.settings_read"
    return Note("tenant_read", Message(key, {"tenant": name, "path": path}), {"tenant": name, "path": str(path)})
