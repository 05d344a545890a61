"""Makes the tables of the guide from the code: commands, options, exit codes, summary, statuses, settings and fields.

In ``tests``, ``python -m support.reference`` writes them into the pages, between ``<!-- generated: NAME -->`` and
``<!-- end -->``. The sentences come from the help of the commands, of which ``messages/help.py`` is the Chinese, and from
``config.example.yaml``, which holds both languages. Every other sentence stands in ``reference.yaml`` beside this file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pandas as pd
import yaml
from pydantic import BaseModel

from batch_editor import Settings, load_edits
from batch_editor.cli.commands import cli
from batch_editor.fields import FIELDS, Kind
from batch_editor.messages import Lang, say
from batch_editor.messages.help import CHINESE
from batch_editor.model import SUMMARY_STATUSES
from batch_editor.output.field_texts import EXAMPLES, rule

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "config.example.yaml"
TEXTS: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
CJK = re.compile("[\u4e00-\u9fff]")
LANGUAGES: tuple[Lang, Lang] = ("en", "zh")
#: What a row of a sheet holds beside the cell that is looked at.
COMPLETE_ROW = {
    "线索ID": "1",
    "线索名称": "n",
    "线索池ID": "2",
    "跟进人ID": "wo-owner-of-the-tests",
    "用户ID": "wo-operator-of-the-tests",
    "描述": "x",
}

Rows = Iterator[tuple[str, ...]]


def page_of(topic: str, lang: Lang) -> Path:
    """Returns the file of a page of the guide."""
    return ROOT / "batch_editor" / "guide" / lang / f"{topic}.md"


def commands() -> dict[str, click.Command]:
    """Returns every command by its words, such as ``journal purge``."""
    by_words: dict[str, click.Command] = {}
    for name, command in cli.commands.items():
        below = command.commands if isinstance(command, click.Group) else {"": command}
        by_words |= {f"{name} {word}".rstrip(): subcommand for word, subcommand in below.items()}
    return by_words


def leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yields the path of every setting."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from leaves(inner, (*path, name))
        else:
            yield (*path, name)


def sent(heading: str, cell: str, settings: Settings) -> dict[str, Any]:
    """Returns the body of the call for a row with ``cell`` under ``heading``, custom fields among the others."""
    loaded = load_edits(pd.DataFrame([COMPLETE_ROW | {heading: cell}]), settings)
    assert not loaded.problems, heading
    body = dict(json.loads(loaded.edits[0].body))
    return body | body.pop("field_map", {})


def explanations() -> dict[tuple[str, ...], tuple[str, str]]:
    """Returns what the comments of the example settings say of each section and setting, in English and in Chinese."""
    explained: dict[tuple[str, ...], tuple[str, str]] = {}
    comment: list[str] = []
    section, line_before = "", ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if re.match(r" *# \S", line):
            comment = [*comment, line.strip(" #")] if re.match(r" *# \S", line_before) else [line.strip(" #")]
        elif key := re.match(r"( *)#?(\w+):", line):
            path = (section, key[2]) if key[1] else (key[2],)
            section = section if key[1] else key[2]
            if comment:
                explained[path] = _both(comment)
        elif not line:
            comment = []
        line_before = line
    return explained


def _both(comment: list[str]) -> tuple[str, str]:
    """Splits a comment before its first line that is mostly Chinese."""
    first = next((at for at, line in enumerate(comment) if 8 * len(CJK.findall(line)) > len(line)), len(comment))
    chinese = "\n".join(comment[first:])
    return " ".join(comment[:first]), re.sub(r"(?<=[\u4e00-\u9fff])\n(?=[!-~])", " ", chinese).replace("\n", "")


def _table(*headings: str) -> Callable[[Rows], str]:
    def table(rows: Rows) -> str:
        lines = [headings, ("---",) * len(headings), *rows]
        return "".join(f"| {' | '.join(line)} |\n".replace("| --- ", "|---").replace("---|\n", "---|\n") for line in lines)

    return table


def _translated(text: str, lang: Lang) -> str:
    assert text in CHINESE, f"its Chinese is missing in batch_editor/messages/help.py: {text}"
    return text if lang == "en" else CHINESE[text]


def _command_rows(lang: Lang) -> Rows:
    for words, command in commands().items():
        arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
        names = [(argument.name or "").upper() for argument in arguments]
        typed = [name if argument.required else f"[{name}]" for name, argument in zip(names, arguments, strict=True)]
        yield f"`{' '.join(['batch-editor', words, *typed])}`", _translated(command.help or "", lang)


def _option_rows(lang: Lang) -> Rows:
    """Yields a row for each option and each sentence that explains it, with the commands that have it."""
    comma = TEXTS["words"]["comma"][lang]
    having: dict[tuple[str, str], list[str]] = {}
    for words, command in commands().items():
        for option in command.params:
            if isinstance(option, click.Option):
                having.setdefault((comma.join(_typed(option)), option.help or ""), []).append(words)
    everything = list(commands())
    for (typed, text), named in having.items():
        others = [words for words in everything if words not in named]
        few = len(others) <= 3
        of = comma.join(f"`{words}`" for words in (others if few else named))
        yield typed, (TEXTS["words"]["all_but"][lang] if few else "") + of, _translated(text, lang)
    yield comma.join(("`--help`", "`--version`")), "", TEXTS["words"]["help"][lang]


def _typed(option: click.Option) -> list[str]:
    """Returns an option as it is typed, in each of its forms."""
    if isinstance(option.type, click.Choice):
        return [f"`{option.opts[0]} {choice}`" for choice in option.type.choices]
    value = "" if option.is_flag else f" {option.metavar or (option.name or '').upper()}"
    return [f"`{name}{value}`" for name in (*option.opts, *option.secondary_opts)]


def _setting_lines(lang: Lang) -> str:
    explained, defaults = explanations(), Settings().model_dump(mode="json")
    words = TEXTS["words"]
    lines = []
    section = ""
    for path in leaves(Settings):
        if len(path) == 2 and path[0] != section:
            section = path[0]
            if (section,) in explained:
                lines.append(f"- `{section}`{words['colon'][lang]}{explained[(section,)][LANGUAGES.index(lang)]}")
        value: Any = defaults
        for name in path:
            value = value[name]
        value = int(value) if isinstance(value, float) else value
        shown = words["no_default"][lang] if path == ("state_dir",) or value in ([], {}) else f"`{json.dumps(value)}`"
        lines.append(
            f"- `{'.'.join(path)}`{words['default'][lang].format(value=shown)}{explained[path][LANGUAGES.index(lang)]}"
        )
    return "".join(f"{line}\n" for line in lines)


def _field_rows(lang: Lang) -> Rows:
    words = TEXTS["words"]
    for field in FIELDS:
        accepts = [say(rule(field, Settings()), lang)]
        accepts += [words["required"][lang]] if field.required else []
        accepts += [words["not_cleared"][lang]] if field.editable and not field.clearable else []
        accepts += [words["replaces"][lang]] if field.kind is Kind.TAGS else []
        example = EXAMPLES[field.key]
        value = json.dumps(sent(field.title, example, Settings())[field.key], ensure_ascii=False)
        synonyms = words["comma"][lang].join((*field.synonyms, *field.loose))
        yield field.title, f"`{field.key}`", synonyms, words["semicolon"][lang].join(accepts), f"`{example}`", f"`{value}`"


def _texts(section: str, lang: Lang, keys: Iterator[str] | list[str]) -> Rows:
    texts: Mapping[str, Mapping[str, str | list[str]]] = TEXTS[section]
    for key in keys:
        text = texts[key][lang]
        yield f"`{key}`", *([text] if isinstance(text, str) else text)


def generated(name: str, lang: Lang) -> str:
    """Returns the table or list ``name`` of a page, as Markdown."""
    headings = TEXTS["headings"].get(name, {}).get(lang, [])
    table = _table(*headings)
    if name == "commands":
        return table(_command_rows(lang))
    if name == "options":
        return table(_option_rows(lang))
    if name == "exit codes":
        return table((str(code), *texts[lang]) for code, texts in TEXTS["exit_codes"].items())
    if name == "summary":
        return table(_texts("summary", lang, list(TEXTS["summary"])))
    if name == "reasons":
        return table(_texts("reasons", lang, list(TEXTS["reasons"])))
    if name == "statuses":
        return table(_texts("statuses", lang, list(SUMMARY_STATUSES)))
    if name == "settings":
        return _setting_lines(lang)
    assert name == "fields", name
    return table(_field_rows(lang))


_GENERATED = re.compile(r"(?<=<!-- generated: )(?P<name>[a-z ]+)(?P<marks> -->\n).*?(?=<!-- end -->)", re.DOTALL)


def with_tables(text: str, lang: Lang) -> str:
    """Returns a page with every generated part as the code makes it now."""
    return _GENERATED.sub(lambda match: f"{match['name']}{match['marks']}{generated(match['name'], lang)}", text)


if __name__ == "__main__":
    for language in LANGUAGES:
        for page in sorted(page_of("", language).parent.glob("*.md")):
            page.write_text(with_tables(page.read_text(encoding="utf-8"), language), encoding="utf-8")
