"""The commonest faults of people who write YAML by hand, found in the text of a settings file: each in plain words, by line.

They are looked for where YAML, or the settings, refuse a file, and in values that YAML would read without a word as something
else than is meant. Of a line only its key is shown, since its value may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from ..model import Message

#: Spaces that are none to YAML: of a web page, of an input method, and those that nobody sees.
_WIDE_SPACES = "\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff"
_INDENTATION = re.compile(f"[ \t{_WIDE_SPACES}]*")
_WIDE_SPACE = re.compile(f"[{_WIDE_SPACES}]")
#: A key at the beginning of a line, of a flow mapping, or behind a comma in one.
_BEGIN = f"(?:^[ \t{_WIDE_SPACES}]*(?:- +)?|[{{,\uff5b\uff0c] *)"
_KEY = "[\"']?[A-Za-z_\u4e00-\u9fff][\\w（）() .-]*?[\"']?"
_WIDE_COLON = re.compile(f"{_BEGIN}{_KEY} *：")
_NO_SPACE = re.compile(f"{_BEGIN}{_KEY}:(?![\\s/\\\\]|$)")
_SPACE_BEHIND = re.compile(f"{_BEGIN}{_KEY}: ?[{_WIDE_SPACES}]")
#: What begins a value, and means something of its own to YAML; what closes a quotation that somebody has typed in Chinese.
_SIGNS = "*&@`%!|>?"
_VALUE = re.compile(r"^\s*(?:- +)*(?:[^:#]+?: +)?(?P<value>\S.*)$")
_WIDE_QUOTES = {"“": "”", "‘": "’", "＂": "＂", "＇": "＇", "”": "”", "’": "’"}
_WIDE_BRACKETS = {"［": "］", "｛": "｝", "【": "】"}
_WIDE_COMMA = re.compile("[，、]")
#: A path of Windows within quotation marks in which a backslash begins another character.
_PATH = re.compile(r'"[A-Za-z]:\\(?!\\)')
#: The key of a line that may be shown: no secret is written so.
_SHOWN_KEY = re.compile("[a-z][a-z0-9_]{0,29}|(?=.*[\u4e00-\u9fff])[^:：]{1,30}")
_LINE = re.compile(f"^([ \t{_WIDE_SPACES}]*(?:- *)*)([\"']?)([^:：\"']*)([\"']?)( *[:：][ {_WIDE_SPACES}]*)?(.*)$")
#: What begins a comment elsewhere, or with an input method.
_OTHER_COMMENT = re.compile(f"[ \t{_WIDE_SPACES}]*(?://|＃)")
#: An entry of a list without the space behind its dash, or with another sign than a dash.
_OTHER_DASH = re.compile(f"[ \t{_WIDE_SPACES}]*(?:-[^\\s0-9-]|[－—–•·])")
#: How many faults of a file are told.
MOST_TOLD = 5
#: What PyYAML says, by how it begins, and what is said here instead. Its own words are English and speak of its insides.
_PROBLEMS = {
    "found character '\\t'": "yaml.tab",
    "found character": "yaml.sign",
    "mapping values are not allowed": "yaml.two_colons",
    "could not find expected ':'": "yaml.no_colon",
    "found unexpected end of stream": "yaml.unclosed",
    "found unexpected document separator": "yaml.unclosed",
    "expected <block end>": "yaml.indentation",
    **dict.fromkeys(("expected ',' or '}', but got '?'", "expected ',' or ']', but got '?'"), "yaml.question_mark"),
    "expected ',' or": "yaml.flow",
    "expected the node content": "yaml.flow",
    "sequence entries are not allowed": "yaml.indentation",
    "mapping keys are not allowed": "yaml.indentation",
    "found unknown escape character": "yaml.backslash",
    "expected escape sequence": "yaml.backslash",
    "found undefined alias": "yaml.sign",
    "found duplicate anchor": "yaml.sign",
    "found undefined tag handle": "yaml.sign",
    "could not determine a constructor": "yaml.sign",
    "expected alphabetic or numeric": "yaml.sign",
    "expected chomping": "yaml.sign",
    "expected a comment or a line break": "yaml.sign",
    "but found another document": "yaml.documents",
    "expected '<document start>'": "yaml.indentation",
}


def shown(line: str) -> str:
    """Returns a line of a settings file to be shown: its indentation and its key, and three dots for its value."""
    match = _LINE.match(line)
    if match is None or not line:
        return ""
    indentation, quote, key, unquote, colon, value = match.groups()
    if not colon:
        sign = line.lstrip()[:1]
        return f"{indentation}{sign if sign in {*_SIGNS, *_WIDE_QUOTES, *_WIDE_BRACKETS} else ''}…"
    named = f"{quote}{key}{unquote}" if _SHOWN_KEY.fullmatch(key.strip()) else "…"
    sign = value[:1] if value[:1] in {*_SIGNS, *_WIDE_QUOTES, *_WIDE_BRACKETS, *"\"'[{"} else ""
    return f"{indentation}{named}{colon.rstrip()}{colon[len(colon.rstrip()) :] if value else ''}{sign}{'…' if value else ''}"


def fault(line: str) -> Message | None:
    """Returns the fault of one line, if it has one of the commonest."""
    text = line.split(" #")[0]
    if not text.strip() or text.lstrip().startswith("#"):
        return None
    indentation = _INDENTATION.match(text)
    lead = indentation[0] if indentation else ""
    if "\t" in lead:
        return Message("yaml.tab")
    if _WIDE_SPACE.search(lead):
        return Message("yaml.wide_space")
    if _OTHER_COMMENT.match(line):
        return Message("yaml.comment")
    if _OTHER_DASH.match(text):
        return Message("yaml.dash")
    if _WIDE_COLON.search(text) and ": " not in text and not text.rstrip().endswith(":"):
        return Message("yaml.wide_colon")
    if _SPACE_BEHIND.search(text):
        return Message("yaml.wide_space")
    if _NO_SPACE.search(_without_quoted(text)) and not re.search(r"^[^:]*: ", text.partition("{")[0]):
        return Message("yaml.no_space")
    value = _VALUE.match(text)
    return _fault_of_value(value["value"]) if value else None


def faults(text: str) -> Iterator[tuple[int, Message, str]]:
    """Yields the lines of a file that have a fault: the number of each, what is wrong, and what may be shown of it."""
    for number, line in enumerate(text.splitlines(), 1):
        if (reason := fault(line)) is not None:
            yield number, reason, shown(line)


def explained(text: str, error: yaml.MarkedYAMLError) -> tuple[int, Message, str]:
    """Returns which line of a file that is no YAML is wrong, what is wrong with it, and what may be shown of it.

    The parser notices a fault at or below its line: the nearest line above with one of the commonest is told, else its own.
    """
    lines = text.splitlines() or [""]
    noticed = min(error.problem_mark.line if error.problem_mark else 0, len(lines) - 1)
    began = min(error.context_mark.line if error.context_mark else noticed, len(lines) - 1)
    problem = error.problem or ""
    if problem.startswith("found unexpected") and "quoted scalar" in (error.context or ""):
        return began + 1, Message("yaml.unclosed"), shown(lines[began])
    if problem.startswith("could not find expected ':'"):
        noticed = began
    if problem.startswith("mapping values are not allowed") and (above := _key_alone(lines, noticed)) is not None:
        return above + 1, Message("yaml.no_colon"), shown(lines[above])
    for at in range(noticed, -1, -1):
        if (reason := fault(lines[at])) is not None:
            return at + 1, reason, shown(lines[at])
    key = next((key for start, key in _PROBLEMS.items() if problem.startswith(start)), "yaml.other")
    return noticed + 1, Message(key), shown(lines[noticed])


def _key_alone(lines: list[str], at: int) -> int | None:
    """Returns the line above the line ``at`` if it is a key without its colon, and all is well with the line itself."""
    filled = (line for line in range(at - 1, -1, -1) if lines[line].strip() and not lines[line].lstrip().startswith("#"))
    above = next(filled, None)
    is_well = fault(lines[at]) is None and re.fullmatch(r"[^:]*:(?: [^:]*)?", lines[at])
    if above is None or not is_well or not re.fullmatch(r"\s*[\w ]+", lines[above]):
        return None
    return above


def fault_of_entry(key: yaml.Node, value: yaml.Node) -> Message | None:
    """Returns what is wrong with a key that YAML reads, and surely not as it is meant."""
    if not isinstance(key, yaml.ScalarNode) or key.style is not None:
        return None
    if _WIDE_SPACE.match(key.value):
        return Message("yaml.wide_space")
    if isinstance(value, yaml.ScalarNode) and value.value == "" and value.style is None:
        if re.fullmatch(r"[^\s:/]+:[^\s/]\S*", key.value):
            return Message("yaml.no_space")
        if re.fullmatch(r"[^\s：]+：\S*", key.value):
            return Message("yaml.wide_colon")
    return None


def fault_of_value(node: yaml.ScalarNode, text: str, *, in_list: bool = False) -> Message | None:
    """Returns what is wrong with a value that YAML reads, and surely not as it is meant; ``in_list``: one between brackets."""
    if node.style == '"':
        return Message("yaml.backslash") if _PATH.match(text, node.start_mark.index) else None
    value = node.value.strip()
    if node.style is not None or len(value) < 2:
        return None
    for pairs, key in ((_WIDE_QUOTES, "yaml.wide_quote"), (_WIDE_BRACKETS, "yaml.wide_bracket")):
        if pairs.get(value[0]) == value[-1] and value[0] != "【":
            return Message(key)
    return Message("yaml.wide_comma") if in_list and _WIDE_COMMA.search(value) else None


def _fault_of_value(value: str) -> Message | None:
    first = value[0]
    if first in _WIDE_QUOTES:
        return Message("yaml.wide_quote")
    if first in _WIDE_BRACKETS:
        return Message("yaml.wide_bracket")
    if first in "@`%" or (first in "*&!" and len(value) > 1):
        return Message("yaml.sign")
    if first in "[{" and _WIDE_COMMA.search(_without_quoted(value)):
        return Message("yaml.wide_comma")
    if first == '"' and re.search(r"\\(?![\\\"/abefnrtvNLP_0xuU \t])|\\[xuU](?![0-9A-Fa-f])", value):
        return Message("yaml.backslash")
    return None


def _without_quoted(text: str) -> str:
    return re.sub(r"\"[^\"]*\"|'[^']*'", "''", text)
