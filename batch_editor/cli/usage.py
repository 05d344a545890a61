"""Mistakes of usage in the language of the user: what is wrong with the words that were typed, and what to type instead.

click finds most of them; its errors are told by their kind and not by its words, which are English and differ from version to
version.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ..messages import say
from ..messages.command_line import quoted
from ..model import Message

#: What is typed, or pasted from a document, for the two hyphens of an option.
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\ufe58\ufe63\uff0d\u30fc"

#: What to say of an argument that is missing, by its name.
_ARGUMENTS = {
    "sheet": "usage.argument.sheet",
    "folder": "usage.argument.folder",
    "run": "usage.argument.run",
    "file": "usage.argument.file",
    "ids": "usage.argument.ids",
}

#: What to say of an option that a command lacks on purpose, by the names of both.
_LACKED = {
    ("reconcile", "--only-empty"): "usage.reconcile_only_empty",
    ("reconcile", "--only-changed"): "usage.reconcile_anyway",
    ("reconcile", "--fill"): "usage.reconcile_anyway",
}


class Misused(click.UsageError):
    """A mistake of usage that this program finds itself."""

    def __init__(self, key: str, /, ctx: click.Context | None = None, **values: object) -> None:
        self.what = Message(key, values)
        super().__init__(say(self.what, "en"), ctx)


class NoWords(click.UsageError):
    """A group of commands was named, and none of them: its ``help`` is shown."""

    def __init__(self, ctx: click.Context) -> None:
        self.help = ctx.get_help()
        super().__init__(self.help, ctx)


class BadValue(click.BadParameter):
    """A value of an option that this program does not take."""

    def __init__(self, key: str, /, param_hint: str | None = None, **values: object) -> None:
        self.reason = Message(key, values)
        super().__init__(say(self.reason, "en"), param_hint=param_hint)


def mistake(error: click.UsageError) -> Message:
    """Returns what is wrong with the words that were typed, and what to type instead."""
    match error:
        case Misused():
            return error.what
        case click.NoSuchOption():
            return _no_option(error)
        case click.BadOptionUsage():
            option = _option(error.ctx, error.option_name)
            if option is None or not option.is_flag:
                metavar = _metavar(option) if option else ""
                return Message("usage.no_value", {"option": error.option_name, "metavar": metavar})
            return Message("usage.takes_no_value", {"option": error.option_name})
        case click.MissingParameter() if error.param is not None:
            return _missing(error.param)
        case click.BadParameter():
            return Message("usage.bad_value", {"option": _hint(error), "reason": _reason(error)})
        case click.UsageError() if error.ctx is not None and isinstance(error.ctx.command, click.Group):
            return Message("usage.missing_command", {"known": ", ".join(error.ctx.command.commands)})
        case _:
            return Message("verbatim", {"text": error.format_message()})


def extra_words(ctx: click.Context, extra: Sequence[str], typed: Sequence[str]) -> Misused:
    """Returns the mistake of words that no argument takes."""
    words = " ".join(extra)
    dashed = next((word for word in extra if word[:1] in _DASHES and len(word.lstrip(_DASHES)) > 1), None)
    if dashed is not None:
        near = _nearest(f"--{dashed.lstrip(_DASHES)}", _names(ctx.command))
        if near:
            return Misused("usage.extra_dash", ctx, words=words, near=near)
    start = next((at for at in range(len(typed)) if typed[at + 1 : at + 1 + len(extra)] == [*extra]), None)
    if start is not None and Path(extra[-1]).suffix and not typed[start].startswith("-"):
        return Misused("usage.extra_of_name", ctx, words=words, name=" ".join(typed[start : start + 1 + len(extra)]))
    return Misused("usage.extra", ctx, words=words)


def no_command(ctx: click.Context, known: Sequence[str], word: str) -> Misused:
    """Returns the mistake of a word that is no command."""
    if word.casefold() in ("help", "帮助"):
        return Misused("usage.no_command_help", ctx, word=word)
    if near := _nearest(word, known):
        return Misused("usage.no_command_near", ctx, word=word, near=near)
    if Path(word).suffix and ctx.parent is None:
        return Misused("usage.no_command_file", ctx, word=word, typed=quoted(word))
    return Misused("usage.no_command", ctx, word=word, known=", ".join(known))


def _no_option(error: click.NoSuchOption) -> Message:
    name, ctx = error.option_name, error.ctx
    if ctx is None:
        return Message("usage.no_option", {"option": name})
    if isinstance(ctx.command, click.Group):
        groups = ctx.command_path.split()[1:]
        for command_name, command in ctx.command.commands.items():
            if name in _names(command):
                return Message("usage.option_first", {"option": name, "command": " ".join([*groups, command_name])})
    if lacked := _LACKED.get((ctx.command.name or "", name)):
        return Message(lacked, {"option": name})
    near = _nearest(name, _names(ctx.command))
    return Message("usage.no_option_near" if near else "usage.no_option", {"option": name, "near": near})


def _missing(parameter: click.Parameter) -> Message:
    if isinstance(parameter, click.Option):
        option = parameter.opts[0]
        example = Message("usage.as_in", {"example": f"{option} {_metavar(parameter)}"})
        return Message("usage.missing_option", {"option": option, "what": example})
    argument = (parameter.metavar or (parameter.name or "").upper()).rstrip(".")
    what = Message(_ARGUMENTS.get(parameter.name or "", "usage.argument"))
    return Message("usage.missing_argument", {"argument": argument, "what": what})


def _hint(error: click.BadParameter) -> str:
    if isinstance(error.param_hint, str):
        return error.param_hint
    if isinstance(error.param, click.Option):
        return error.param.opts[0]
    return (error.param.name or "").upper() if error.param is not None else ""


def _reason(error: click.BadParameter) -> Message:
    """Returns why a value is refused: by the type of its option, since click's words are English."""
    if isinstance(error, BadValue):
        return error.reason
    kind: Any = error.param.type if error.param is not None else None
    value = _value(error)
    match kind:
        case click.Choice():
            return Message("usage.choice", {"value": value, "choices": ", ".join(map(repr, kind.choices))})
        case click.IntRange() | click.FloatRange() if kind.max is not None:
            return Message("usage.range", {"value": value, "least": f"{kind.min:g}", "most": str(kind.max)})
        case click.IntRange() | click.FloatRange():
            return Message("usage.at_least", {"value": value, "least": f"{kind.min:g}"})
        case _:
            return Message("verbatim", {"text": error.message.rstrip(".")})


def _value(error: click.BadParameter) -> str:
    """Returns the value in quotation marks as click's words tell it first of all, else as three dots."""
    first = error.message.split(" is not ")[0]
    return first if first != error.message else "…"


def _option(ctx: click.Context | None, name: str) -> click.Option | None:
    options = ctx.command.params if ctx else ()
    return next((option for option in options if isinstance(option, click.Option) and name in option.opts), None)


def _metavar(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return "|".join(map(str, option.type.choices))
    return option.metavar or (option.name or "").upper()


def _names(command: click.Command) -> list[str]:
    options = (option for option in command.params if isinstance(option, click.Option))
    return [name for option in options for name in (*option.opts, *option.secondary_opts)] + ["--help"]


def _nearest(word: str, known: Sequence[str]) -> str:
    return next(iter(difflib.get_close_matches(word, known, n=1)), "")
