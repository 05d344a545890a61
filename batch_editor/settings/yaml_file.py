"""A settings file: YAML that is read strictly, and errors that never repeat what stands in it, since that may be a secret."""

from __future__ import annotations

import codecs
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from ..errors import SettingsError, reason_in
from ..files import NotRegular, open_regular
from ..model import Message
from .yaml_faults import MOST_TOLD, explained, fault_of_entry, fault_of_value, faults, shown

_UNWRITABLE = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
#: The largest file that is read, in bytes; one of a hundred thousand names has some 5 MB.
MOST_BYTES = 1 << 24
#: By how much the aliases of a file may make more of it than stands there, in nodes.
MOST_BY_ALIASES = 10_000


#: The settings whose quotation marks are taken off, whatever they are.
CREDENTIALS = frozenset({"access_token", "app_id", "app_secret"})
_UNREADABLE = {
    IsADirectoryError: "unreadable.folder",
    NotRegular: "unreadable.special",
    PermissionError: "unreadable.locked",
}


class _Unusable(yaml.MarkedYAMLError):
    """YAML that we refuse ourselves: ``reason`` says why."""

    def __init__(self, mark: yaml.Mark, reason: Message) -> None:
        super().__init__(problem_mark=mark)
        self.reason = reason


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error and not a silent choice, and every error has a line.

    A value without quotation marks is a number only if it reads as it is written; YAML would make 83 of 0123 and 45045 of
    12:30:45, and a day of 2024-01-01.
    """

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> str:
        """Escapes can stand for what YAML itself must not hold, and no sheet can: halves of characters."""
        text = super().construct_scalar(node)
        if _UNWRITABLE.search(text):
            raise _Unusable(node.start_mark, Message("yaml.character"))
        return text

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError:  # !!int x; its text quotes the value
            raise _Unusable(node.start_mark, Message("yaml.value")) from None


_INT, _FLOAT, _TIMESTAMP, _TEXT, _MERGE = (
    f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "timestamp", "str", "merge")
)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_INT, _FLOAT, _TIMESTAMP)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern in ((_INT, r"(0|-?[1-9][0-9]*)\Z"), (_FLOAT, r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?\Z")):
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), list("-0123456789"))


def _with_aliases(node: yaml.Node, known: dict[int, int | None]) -> int:
    """Returns how many nodes ``node`` stands for, each as often as an alias names it; ``known`` are those seen so far."""
    if id(node) in known:
        size = known[id(node)]
        if size is None:
            raise _Unusable(node.start_mark, Message("yaml.alias"))  # within itself
        return size
    known[id(node)] = None
    size = 1
    if isinstance(node, yaml.CollectionNode):
        for item in node.value:
            for part in item if isinstance(item, tuple) else (item,):
                size += _with_aliases(part, known)
                if size > len(known) + MOST_BY_ALIASES:
                    raise _Unusable(part.start_mark, Message("yaml.alias"))
    known[id(node)] = size
    return size


def _require_meant(root: yaml.Node, text: str) -> None:
    """Raises ``_Unusable`` for the first value that YAML reads as something else than is meant.

    Credentials may stand in any quotation marks, which are taken off where they are read.
    """
    nodes: list[tuple[yaml.Node, bool, bool]] = [(root, False, False)]
    seen: set[int] = set()
    while nodes:
        node, in_list, is_secret = nodes.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            reason = fault_of_value(node, text, in_list=in_list)
            if reason is not None and not is_secret:
                raise _Unusable(node.start_mark, reason)
        elif isinstance(node, yaml.SequenceNode):
            nodes += [(item, bool(node.flow_style), is_secret) for item in reversed(node.value)]
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if (reason := fault_of_entry(key, value)) is not None:
                    raise _Unusable(key.start_mark, reason)
            nodes += [(value, False, is_secret or str(key.value) in CREDENTIALS) for key, value in reversed(node.value)]


def _top_keys(node: yaml.Node) -> list[yaml.Node]:
    return [key for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []


def _load(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _with_aliases(node, {})
        _require_meant(node, text)
        for key in _top_keys(node):
            if key.tag not in (_TEXT, _MERGE):  # 1: or null: or a lone question mark
                raise _Unusable(key.start_mark, Message("yaml.key"))
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: set[object] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _Unusable(key.start_mark, Message("yaml.key"))
        if key.value in seen:
            raise _Unusable(key.start_mark, Message("yaml.key_twice", {"key": key.value}))
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _encoding_fault(content: bytes) -> str:
    """Returns what to say of a text that is not in UTF-8: Windows writes UTF-16 and, in China, GBK."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content:
        return "unreadable.utf16"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return "unreadable.encoding"
    return "unreadable.gbk"


def text_of(path: Path) -> str:
    """The text of a settings file. Raises ``SettingsError`` where there is none, or it is no text in UTF-8."""
    try:
        with open_regular(path) as file:
            content = file.read(MOST_BYTES + 1)
        if b"\0" in content and len(content) <= MOST_BYTES:
            raise UnicodeDecodeError("utf-8", content, 0, 1, "UTF-16")
        if len(content) <= MOST_BYTES:
            return content.decode("utf-8-sig")
        reason = Message("unreadable.large", {"most": MOST_BYTES >> 20})
    except (FileNotFoundError, NotADirectoryError):
        raise SettingsError("settings.missing", path=path) from None
    except UnicodeDecodeError:
        reason = Message(_encoding_fault(content))
    except OSError as error:
        key = next((key for kind, key in _UNREADABLE.items() if isinstance(error, kind)), "verbatim")
        reason = Message(key, {"text": reason_in(error)})
    raise SettingsError("settings.unreadable", path=path, reason=reason)


def read_yaml(path: Path) -> dict[str, Any]:
    """What the file says, by its keys at the top. Raises ``SettingsError`` with the line of what cannot be read."""
    text = text_of(path)
    try:
        values = _load(text)
    except _Unusable as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _refusal(path, line, error.reason, shown(text.splitlines()[line - 1])) from None
    except yaml.MarkedYAMLError as error:
        raise _refusal(path, *explained(text, error)) from None
    except yaml.reader.ReaderError as error:
        raise _refusal(path, text.count("\n", 0, error.position) + 1, Message("yaml.character"), "") from None
    except (yaml.YAMLError, RecursionError):
        raise _refusal(path, 1, Message("yaml.character"), "") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        line, reason, seen = next(faults(text), (1, Message("yaml.lines"), ""))
        raise _refusal(path, line, reason, seen) from None
    return values


def fault_lines(path: Path) -> list[Message]:
    """What is wrong with the first lines of a file that have one of the commonest faults, for whoever refuses what it says."""
    first_faults = list(faults(text_of(path)))[:MOST_TOLD]
    return [Message("yaml.line", {"line": line, "reason": reason, "shown": seen}) for line, reason, seen in first_faults]


def _refusal(path: Path, line: int, reason: Message, seen: str) -> SettingsError:
    """The error of a line: with what may be shown of it, where that says anything."""
    if seen.strip(" …:："):
        return SettingsError("settings.yaml_line", path=path, line=line, reason=reason, shown=seen)
    return SettingsError("settings.yaml", path=path, line=line, reason=reason)
