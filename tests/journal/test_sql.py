"""The statements of the journal are in what SQLite and PostgreSQL share; what one of them alone knows is in its store."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from batch_editor.journal import schema

WING = Path(schema.__file__).parent
#: What PostgreSQL does not know, or understands otherwise. A truth value is no number there, CROSS JOIN has no condition, a
#: condition does not know the names that the columns of its own SELECT are given, and a pattern of LIKE without ESCAPE takes a
#: backslash for one. LIKE also tells capitals from small letters there, and text without a COLLATE has the order of a language:
#: test_both_kinds.py asks both.
FORBIDDEN = {
    "rowid": r"\browid\b",
    "strftime and its like": r"\b(strftime|julianday|unixepoch|datetime|printf|iif|ifnull|group_concat|total|glob)\s*\(",
    "INSERT OR": r"\b(INSERT|UPDATE)\s+OR\b|\bREPLACE\s+INTO\b",
    "PRAGMA": r"\bPRAGMA\b",
    "truth values as numbers": r"\b(maybe_applied|unread|stop_asked)\s*(=|!=|<>)\s*[01]\b|\bDEFAULT [01]\b.*BOOLEAN",
    "comparisons as numbers": r"[+*-]\s*\([^()]*[^<>!]=[^()]*\)",
    "CROSS JOIN with a condition": r"\bCROSS JOIN \w+ (AS \w+ )?ON\b",
    "double quotes": r'"',
    "max and min of two values": r"\b(max|min)\s*\([^()]*,",
    "LIKE without ESCAPE": r"\bLIKE \?(?! (ESCAPE|x))",
    "AUTOINCREMENT": r"\bAUTOINCREMENT\b",
    "hints": r"\b(INDEXED BY|NOT INDEXED|LIKELIHOOD|LIKELY)\b",
}
_STATEMENT = re.compile(r"\s*(PRAGMA|SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|\(?rows\.| WHERE| AND | FROM | JOIN )")


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every text in ``tree`` as it is written, places filled with ``x``; docstrings are texts as well."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)} - {
        id(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values]
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.lineno, node.value


def statements(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts that are SQL, or a part of it."""
    yield from ((line, text) for line, text in texts(tree) if _STATEMENT.match(text))


#: The modules that know SQLite: the store, and what looks at its file without opening it as a journal.
OF_SQLITE = {"sqlite_store", "look", "file_to_move"}
#: Those that know PostgreSQL.
OF_POSTGRES = {"postgres_store", "advisory_locks", "migrating", "moving", "cluster_schema", "pace_schema"}
OF_POSTGRES |= {"facts", "writer", "link", "job_queue"}
MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(WING.glob("*.py"))}


def wrong(text: str) -> list[str]:
    """What of ``text`` PostgreSQL would not understand."""
    return [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE)]


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.stem not in OF_SQLITE | OF_POSTGRES], ids=lambda path: str(path.stem)
)
def test_statements_are_in_what_both_databases_share(path: Path) -> None:
    found = list(statements(MODULES[path]))
    if path.stem == "schema":  # a step that leads from an old version of SQLite's file to the next is SQLite's own
        old = {statement for version in range(1, schema.VERSION - 1) for statement in schema.UPGRADES[version]}
        found = [(line, text) for line, text in found if text not in old]
    assert [(line, wrong(text)) for line, text in found if wrong(text)] == []


def test_statements_are_found_where_they_are() -> None:
    """The rule above would hold of an empty scan too."""
    found = {path.stem: len(list(statements(tree))) for path, tree in MODULES.items()}
    assert min(found[name] for name in ("planning", "sending", "queries", "journal", "schema", "columns", "sqlite_store")) >= 1
    assert found["queries"] >= 12 and found["sending"] >= 8 and found["planning"] + found["newer_values"] >= 9


@pytest.mark.parametrize(
    "text",
    [
        "SELECT rowid FROM rows",
        "SELECT strftime('%s', time) FROM rows",
        "INSERT OR IGNORE INTO runs VALUES (?)",
        "PRAGMA synchronous=FULL",
        "SELECT 1 FROM rows WHERE unread = 0",
        "UPDATE rows SET maybe_applied = 1",
        "SELECT sum(attempts + (status = 'sending')) FROM rows",
        "SELECT 1 FROM rows CROSS JOIN runs AS mine ON mine.id = rows.run",
        "SELECT max(a, b) FROM rows",
        'SELECT "row" FROM rows',
        "SELECT 1 FROM runs WHERE name LIKE ?",
    ],
)
def test_what_sqlite_alone_knows_is_seen(text: str) -> None:
    assert wrong(text)


def test_sqlite_is_known_to_the_store_and_to_those_who_read_its_file_alone() -> None:
    found = {path.stem for path, tree in MODULES.items() if any("PRAGMA" in text for _, text in statements(tree))}
    assert found == OF_SQLITE
