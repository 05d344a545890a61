"""Looks at the program itself and what it runs on."""

from __future__ import annotations

import platform
import ssl
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from ..settings.settings import Settings
from .checks import Check, well


def look(settings: Settings, now: datetime | None = None) -> list[Check]:
    """Returns which versions are in use, and what time it is by the setting ``timezone``."""
    local = (now or datetime.now(UTC)).astimezone(settings.zone)
    return [
        well("timezone", "doctor.timezone.known", zone=settings.timezone, time=local.strftime("%Y-%m-%d %H:%M")),
        well(
            "python",
            "doctor.python.versions",
            version=_version("batch_editor"),
            python=platform.python_version(),
            httpx=_version("httpx"),
            ssl=ssl.OPENSSL_VERSION.split(" 2")[0].split(" 1 ")[0],
            system=f"{platform.system()} {platform.release()}",
        ),
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a checkout
        return "0"
