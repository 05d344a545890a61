"""The public interface: what a signature names can be imported, ``help`` shows no riddles, and a script of a user has types."""

from __future__ import annotations

import ast
import importlib
import inspect
import pydoc
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

import batch_editor

FUNCTIONS = [name for name in batch_editor.__all__ if inspect.isfunction(getattr(batch_editor, name))]
#: What a prepared run holds for the package itself: they can be named, and what they name in turn is nobody's business.
OPAQUE = {"Journal", "RowRules", "RunJournal"}
CLASSES = [name for name in batch_editor.__all__ if inspect.isclass(getattr(batch_editor, name)) and name not in OPAQUE]


def of_the_package(module: str) -> set[str]:
    """The names in a module that are defined there, or come from elsewhere in the package."""
    found = set[str]()
    tree = ast.parse(Path(str(importlib.import_module(module).__file__)).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            found |= {alias.asname or alias.name for alias in node.names}
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def annotations(name: str) -> Iterator[str]:
    """Every annotation of a public function, or of the fields, methods and properties of a public class."""
    public = getattr(batch_editor, name)
    functions = [public] if inspect.isfunction(public) else []
    if inspect.isclass(public):
        if public is not batch_editor.Settings:  # whose sections are given as dicts
            yield from map(str, inspect.get_annotations(public).values())
        for attribute, value in vars(public).items():
            plain = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
            if inspect.isfunction(plain) and (not attribute.startswith("_") or attribute == "__init__"):
                functions.append(plain)
    for function in functions:
        yield from map(str, function.__annotations__.values())


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES])
def test_everything_that_a_signature_names_can_be_imported_from_the_package(name: str) -> None:
    ours = of_the_package(getattr(batch_editor, name).__module__)
    named = {word for text in annotations(name) for word in re.findall(r"(?<![\w.'\"])[A-Za-z_]\w*", text)}
    assert named & ours - set(batch_editor.__all__) == set()


def test_what_is_exported_is_there_and_is_in_order() -> None:
    assert list(batch_editor.__all__) == sorted(batch_editor.__all__)
    assert all(hasattr(batch_editor, name) for name in batch_editor.__all__)
    assert set(batch_editor.__all__) <= set(dir(batch_editor))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_help_shows_defaults_that_can_be_read(name: str) -> None:
    shown = pydoc.plain(pydoc.render_doc(getattr(batch_editor, name)))
    assert "<lambda>" not in shown and " object at 0x" not in shown
    assert getattr(batch_editor, name).__doc__


def test_words_that_are_fixed_are_literals() -> None:
    hints = {name: inspect.signature(getattr(batch_editor, name)).parameters for name in FUNCTIONS}
    tagged = [name for name, parameters in hints.items() if "tags" in parameters]
    assert tagged and {hints[name]["tags"].annotation for name in tagged} == {"Tags | None"}
    assert typing.get_args(batch_editor.Tags) == ("add", "remove")
    assert typing.get_args(batch_editor.Lang) == ("en", "zh")


#: A script that uses the whole interface, as strict as mypy can be.
SCRIPT = Path(__file__).parent / "support" / "user_script.py"


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("mypy"), reason="mypy is not installed")
def test_a_script_that_uses_all_of_it_is_typed(tmp_path: Path) -> None:
    names = {node.attr for node in ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)}
    assert set(batch_editor.__all__) - OPAQUE <= names, "the script uses all names"
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(SCRIPT)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
