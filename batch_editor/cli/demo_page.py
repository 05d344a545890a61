"""The demonstration in a browser: the page against a stand-in of the CRM, with the sample sheets, offline.

What was done there is still there the next time: the runs are in a state folder of its own, and the stand-in keeps its clues
beside it. Nothing of real work is touched.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Refused, reason_in
from ..model import Message
from ..sandbox import Sandbox
from .example import shipped
from .screen import Screen
from .serve import offer

if TYPE_CHECKING:
    from ..settings.settings import Settings

#: The sheets that the page offers, those with mistakes to mend first.
SHEETS = ("clues_to_mend.csv", "clues.xlsx", "clues_utf8.csv", "clues_gbk.csv")
#: The port of the stand-in, so that a run that stopped is gone on with where it was; if it is taken, any other one.
CRM_PORT = 8779
#: The port of the page where nobody names one: it is none of ``serve``, which may be at work at the same time.
PORT = 8781
#: How many seconds pass at most until the stand-in has kept what was changed.
_KEEPS_EVERY = 1.0


def play_page(folder: Path, screen: Screen, *, port: int, opens_browser: bool) -> int:
    """Offers the page with what it needs in ``folder``, which is made if it is not there, until a signal ends it.

    Returns the exit code; raises ``Refused`` where the folder cannot be written, or where the page cannot listen.
    """
    from ..settings.settings import Settings
    from ..web.site import SettingsSource, Site

    samples = shipped("sample_data")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "clues.json"
        kept.write_bytes((kept if kept.exists() else samples / "clues.json").read_bytes())
    except OSError as error:
        raise Refused("demo.folder", folder=folder, reason=reason_in(error)) from None
    with _stand_in(kept) as crm:
        given: dict[str, Any] = {"lang": screen.typed_lang} if screen.typed_lang else {}
        api = {"base_url": crm.url, "app_id": "demo-app", "app_secret": "demo-secret", "access_token": None}

        def load(path: Path | None) -> Settings:
            return Settings.load(path, api=api, state_dir=folder, **given)

        source = SettingsSource(lambda: samples / "config.yaml", load)
        source.settings  # noqa: B018  # a variable of the environment with a mistake is told here
        screen.line(Message("demo.page", {"url": crm.url, "folder": folder}))
        return offer(screen, Site(source, tuple(samples / name for name in SHEETS)), port=port, opens_browser=opens_browser)


@contextmanager
def _stand_in(kept: Path) -> Iterator[Sandbox]:
    """The stand-in with the clues of the file ``kept``, into which it puts what becomes of them."""
    crm = _started(json.loads(kept.read_text(encoding="utf-8")))
    over = threading.Event()
    keeping = threading.Thread(target=_keep, args=(crm, kept, over), name="keep", daemon=True)
    keeping.start()
    try:
        yield crm
    finally:
        crm.stop()
        over.set()
        keeping.join()


def _started(clues: list[dict[str, object]]) -> Sandbox:
    def made(port: int) -> Sandbox:
        return Sandbox(clues, port=port, choice_custom=("mf_clue_51", "mf_clue_52")).start()

    try:
        return made(CRM_PORT)
    except OSError:
        return made(0)


def _keep(crm: Sandbox, kept: Path, over: threading.Event) -> None:
    requests = 0
    is_over = False
    while not is_over:
        is_over = over.wait(_KEEPS_EVERY)
        if len(crm.requests) != requests:
            requests = len(crm.requests)
            beside = kept.with_suffix(".new")
            beside.write_text(json.dumps([*crm.clues().values()], ensure_ascii=False), encoding="utf-8")
            beside.replace(kept)
