"""The command ``serve``: the page for people who never open a terminal, and what ``demo`` needs to offer the same page.

It opens the browser of this machine once the page can be reached, and stays until a signal ends it.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import Refused
from ..messages import Lang
from ..model import Message
from ..settings.search import search
from .help_pages import Command
from .options import FILE, lang_option
from .screen import Screen
from .signals import on_signals
from .usage import Misused

if TYPE_CHECKING:
    from ..settings.settings import Settings
    from ..web.people import People
    from ..web.site import Site

#: The port of the page where nobody names one.
PORT = 8780

port_option = click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, metavar="PORT", help="Port; 0: any free one."
)
browser_option = click.option("--no-browser", is_flag=True, help="Do not open the browser on this computer.")


@click.command(cls=Command)
@click.option("--config", type=FILE, metavar="FILE", help="Settings file [default: config.yaml in this folder].")
@click.option("--add-user", metavar="NAME", help="Let NAME use the page, or give NAME another password; then stop.")
@click.option("--remove-user", metavar="NAME", help="Let NAME no longer use the page; then stop.")
@click.option("--tls-cert", "certificate", type=FILE, metavar="FILE", help="Certificate of the page, as PEM.")
@click.option("--tls-key", "key", type=FILE, metavar="FILE", help="Its key, as PEM.")
@click.option("--behind-proxy", is_flag=True, help="A proxy in front speaks TLS: believe what it says of browsers.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help="Address of this computer to listen at.")
@port_option
@browser_option
@lang_option
@click.pass_obj
def serve(
    screen: Screen,
    /,
    config: Path | None,
    add_user: str | None,
    remove_user: str | None,
    certificate: Path | None,
    key: Path | None,
    behind_proxy: bool,
    host: str,
    port: int,
    no_browser: bool,
    lang: Lang | None,
) -> int:
    """Offer the page in which sheets are handed in, mended, reviewed and sent, to browsers on this computer."""
    from ..settings.settings import Settings
    from ..web.people import People
    from ..web.reach import reach
    from ..web.site import SettingsSource, Site

    given: dict[str, Any] = {"lang": lang or screen.typed_lang} if lang or screen.typed_lang else {}

    def load(path: Path | None) -> Settings:
        return Settings.load(path, **given)

    source = SettingsSource((lambda: config) if config else (lambda: search().file), load)
    settings = source.settings
    screen.lang = settings.lang or screen.lang
    people = People(settings.state_dir)
    if add_user is not None or remove_user is not None:
        return _change_people(screen, people, add_user, remove_user)
    reached = reach(host, settings.web, people, certificate=certificate, key=key, behind_proxy=behind_proxy)
    return offer(screen, Site(source, reach=reached), port=port, opens_browser=not no_browser)


def _change_people(screen: Screen, people: People, add: str | None, remove: str | None) -> int:
    """Lets somebody use the page, or no longer. Raises ``Refused`` where that is not possible."""
    from ..web.people import require_password, usable_name

    if add is not None and remove is not None:
        raise Misused("usage.add_or_remove", click.get_current_context())
    if remove is not None:
        people.remove(remove)
        screen.line(Message("people.removed", {"name": remove}))
        return 0
    name = usable_name(add or "")
    password = screen.ask_secret(Message("people.password", {"name": name}))
    if not password:
        raise Refused("people.no_password")
    require_password(password, name)
    if screen.can_ask() and screen.ask_secret(Message("people.password_again")) != password:
        raise Refused("people.differ")
    is_new = people.set_password(name, password)
    screen.line(Message("people.added" if is_new else "people.changed", {"name": name, "path": people.path}), wrapped=False)
    return 0


def offer(screen: Screen, site: Site, *, port: int, opens_browser: bool) -> int:
    """Offers the page of ``site`` until a signal ends it. Returns the exit code; raises ``Refused`` where it cannot listen."""
    from ..web.server import Server

    server = Server(site, port)
    screen.log(logging.WARNING)
    screen.line(Message("page.listens", {"url": server.url}))
    if server.url_for_others:
        screen.line(Message("page.listens_to_others", {"url": server.url_for_others}))
    sys.stdout.flush()
    on_signals(lambda *_: server.end())
    if opens_browser and _has_browser():
        threading.Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()
    stopped = server.run(on_end=lambda: screen.line(Message("page.stopping")))
    screen.line(Message("page.ended_early", {"runs": ", ".join(stopped)}) if stopped else Message("page.ended"))
    return 0


def _has_browser() -> bool:
    """Returns whether a browser would open beside the terminal, and not within it."""
    beside = sys.platform in ("win32", "darwin") or os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"}
    return bool(beside)
