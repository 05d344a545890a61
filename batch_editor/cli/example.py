"""The command ``settings``, which prints the settings file in which each setting is explained.

That file and the sample sheets ship with the package; in a checkout they lie beside it.
"""

from __future__ import annotations

from pathlib import Path

import click

from .help_pages import Command
from .options import heard_lang_option
from .screen import Screen
from .usage import Misused

#: The settings file in which everything is explained, in English and Chinese.
EXAMPLE = "config.example.yaml"


@click.command(cls=Command)
@click.option("--example", is_flag=True, help="Print a settings file in which each setting stands with its default, explained.")
@heard_lang_option
@click.pass_obj
def settings(screen: Screen, /, example: bool) -> int:
    """Show which settings there are, to begin a settings file of your own with."""
    if not example:
        raise Misused("usage.settings", click.get_current_context())
    screen.document(shipped(EXAMPLE).read_text(encoding="utf-8"))
    return screen.exit_code()


def shipped(name: str) -> Path:
    """Returns a file or a folder that ships with the package: within it once that is installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    return next(path for path in (package / name, package.parent / name) if path.exists())
