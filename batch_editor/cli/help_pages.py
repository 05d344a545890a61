"""Commands whose ``--help`` is in the language of the user, with lines that fit a terminal of 80 columns.

English stands in the code beside each command and option, Chinese in ``messages/help.py``. click parses and dispatches; what a
mistake of usage is called is said in ``usage``.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterable, Sequence
from typing import Any

import click

from ..messages import Lang, language, say
from ..messages.help import CHINESE
from ..messages.widths import broken, padded, width
from ..model import Message
from ..settings.limits import MOST_REQUESTS
from . import usage

#: The most columns that a page of help takes, and that the names of its options take before their texts begin below them.
MOST_COLUMNS, MOST_OF_NAMES = 80, 26
_INDENT, _BETWEEN = "  ", "  "
_AS_IS = "\b\n"  # click's sign for a paragraph whose lines stay as they are


class Command(click.Command):
    """A command with help in two languages, which knows what to say of words that it does not expect."""

    def get_help(self, ctx: click.Context) -> str:
        return "\n".join(_page(self, ctx, lang_of(ctx)))

    def get_usage(self, ctx: click.Context) -> str:
        return _usage(self, ctx, lang_of(ctx))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        typed = list(args)
        try:
            extra = super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise
        if extra and not ctx.resilient_parsing:
            raise usage.extra_words(ctx, extra, typed)
        return extra


class Group(click.Group):
    """A group of such commands."""

    command_class = Command

    def get_help(self, ctx: click.Context) -> str:
        return "\n".join(_page(self, ctx, lang_of(ctx)))

    def get_usage(self, ctx: click.Context) -> str:
        return _usage(self, ctx, lang_of(ctx))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            raise usage.NoWords(ctx)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            raise usage.no_command(ctx, [*self.commands], args[0])
        return super().resolve_command(ctx, args)


def lang_of(ctx: click.Context) -> Lang:
    """Returns the language of the screen that a command writes on, else that of the locale."""
    lang: Lang | None = getattr(ctx.obj, "lang", None)
    return lang or language()


def helped(text: str, lang: Lang) -> str:
    """Returns a text of the help in a language: itself where it has no Chinese."""
    return text if lang == "en" else CHINESE.get(text, text)


def _page(command: click.Command, ctx: click.Context, lang: Lang) -> Iterable[str]:
    columns = min(shutil.get_terminal_size().columns, MOST_COLUMNS) - 2
    yield _usage(command, ctx, lang)
    if command.help:
        yield ""
        text = helped(_summary(command), lang)
        yield from _indented(broken(text, columns - len(_INDENT)))
    shown = [
        (_spec(option), f"{helped(option.help or '', lang)}{_extra(option, lang)}")
        for option in command.get_params(ctx)
        if isinstance(option, click.Option) and not option.hidden
    ]
    yield from _list(Message("help.options"), shown, columns, lang)
    if isinstance(command, click.Group):
        below = [(name, helped(_summary(found), lang)) for name, found in command.commands.items()]
        yield from _list(Message("help.commands"), below, columns, lang)
    if command.epilog:
        yield ""
        as_is = command.epilog.startswith(_AS_IS)
        for line in command.epilog.removeprefix(_AS_IS).splitlines():
            yield from _indented(_epilog_line(line, columns - len(_INDENT), lang) if as_is else broken(line, columns))


def _usage(command: click.Command, ctx: click.Context, lang: Lang) -> str:
    pieces = [say(Message("help.some_options"), lang)]
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            pieces += parameter.get_usage_pieces(ctx)
    if isinstance(command, click.Group):
        pieces.append(say(Message("help.some_command"), lang))
    return f"{say(Message('help.usage'), lang)}{ctx.command_path} {' '.join(pieces)}"


def _spec(option: click.Option) -> str:
    """Returns an option as it is typed, in each of its forms: the short ones first."""
    names = ", ".join(sorted(option.opts, key=len))
    if option.secondary_opts:
        names += f" / {', '.join(option.secondary_opts)}"
    if option.is_flag:
        return names
    if isinstance(option.type, click.Choice):
        return f"{names} [{'|'.join(map(str, option.type.choices))}]"
    return f"{names} {option.metavar or (option.name or '').upper()}"


def _extra(option: click.Option, lang: Lang) -> str:
    """Returns what is told in brackets behind the text of an option: its default, the numbers that it takes."""
    extra = []
    if option.show_default and option.default is not None:
        extra.append(Message("help.default", {"value": str(option.default)}))
    kind = option.type
    if isinstance(kind, click.IntRange | click.FloatRange) and kind.min is not None:
        least, most = f"{kind.min:g}", kind.max
        bounded = most is not None and most < MOST_REQUESTS  # which is no number that anybody has to know
        key = "help.range" if bounded else "help.at_least"
        extra.append(Message(key, {"least": least, "most": str(most)}))
    if option.required:
        extra.append(Message("help.required"))
    between = "; " if lang == "en" else "；"
    return f" [{between.join(say(part, lang) for part in extra)}]" if extra else ""


def _list(heading: Message, rows: Sequence[tuple[str, str]], columns: int, lang: Lang) -> Iterable[str]:
    """Yields a list of names, each with its text beside it, or below where the name is long."""
    if not rows:
        return
    yield ""
    yield say(heading, lang)
    names = min(max(width(name) for name, _ in rows), MOST_OF_NAMES)
    hanging = " " * (len(_INDENT) + names + len(_BETWEEN))
    for name, text in rows:
        first, *more = broken(text, columns - len(hanging))
        if width(name) > names:
            yield _INDENT + name
            yield hanging + first
        else:
            yield f"{_INDENT}{padded(name, names)}{_BETWEEN}{first}".rstrip()
        yield from (hanging + line for line in more)


def _summary(command: click.Command) -> str:
    """Returns the help of a command on one line."""
    return " ".join(inspect.cleandoc(command.help or "").split())


def _epilog_line(line: str, columns: int, lang: Lang) -> Iterable[str]:
    """Yields a line of an epilog that holds a list: what is explained by an indented name hangs below its text."""
    _, between, text = line.lstrip().partition("  ") if line.startswith(" ") else ("", "", line)
    lead = line[: len(line) - len(text.lstrip())] if between else ""
    first, *more = broken(helped(text.strip(), lang), columns - len(lead))
    yield lead + first
    yield from (" " * len(lead) + part for part in more)


def _indented(lines: Iterable[str]) -> Iterable[str]:
    return (_INDENT + line for line in lines)


def typed_language(words: Sequence[str]) -> Lang | None:
    """Returns the language that is asked for anywhere among the words of a command, before it is known which command it is."""
    for word, after in zip(words, [*words[1:], ""], strict=True) if words else ():
        if word == "--":
            break
        given = after if word == "--lang" else word.removeprefix("--lang=")
        if word.startswith("--lang") and given in ("en", "zh"):
            return language(given)
    return None
