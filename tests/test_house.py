"""The house (guide: architecture) as data: who may import whom, who may talk to whom, who may print."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "batch_editor"

#: Imports only point down this list of wings; a folder is one wing, and so is a module beside the folders.
ORDER = (
    "cli",
    "web",
    "doctor",
    "worker",
    "inbox",
    "notify",
    "job",
    "runs",
    "output",
    "edits",
    "crm",
    "sheets",
    "journal",
    "settings",
    "fields",
    "spoilt_text",
    "errors",
    "guide",
    "messages",
    "files",
    "stop",
    "events",
    "model",
    "states",
    "cell_values",
)
#: The stand-in of the CRM stands beside the list: it imports nothing of it, and only the command line starts one.
SANDBOX, USERS_OF_SANDBOX = "sandbox", {"cli"}
#: Which module, or which whole wing, alone may import a library.
ALONE = {
    "httpx": {"crm/client", "notify/post"},
    "httpcore": {"crm/incoming"},
    "pandas": {
        "sheets",
        "runs/report",
        "runs/report_frame",
        "runs/labels",
        "runs/merging",
        "runs/prepared",
        "runs/source",
        "runs/loading",
        "job",
    },
    "tenacity": {"crm/retries"},
    "sqlite3": {"journal/sqlite_store", "journal/look", "journal/file_to_move"},
    "filelock": {
        "journal/sqlite_store",
        "journal/locks",
        "journal/temporary",
        "journal/kept_facts",
        "crm/pace_file",
        "web/kept_file",
        "inbox/turn",
    },
    "rich": {"cli/progress_lines"},
    "click": {"cli"},
    "psycopg": {
        "journal/connections",
        "journal/postgres_store",
        "journal/link",
        "journal/advisory_locks",
        "journal/migrating",
        "journal/moving",
        "journal/job_queue",
        "worker/listening",
    },
    "openpyxl": {"sheets"},
    "python_calamine": {"sheets"},
    "xlsxwriter": {"output"},
    "yaml": {"settings/yaml_file", "settings/yaml_faults"},
    "pydantic": {"settings"},
    "starlette": {"web"},
    "jinja2": {"web"},
    "uvicorn": {"web"},
    "itsdangerous": {"web"},
    "procrastinate": {"journal/job_queue", "worker"},
}
MAY_PRINT = {"cli"}
#: What writes to a stream of the terminal, or asks there.
PRINTERS = {f"click.{name}" for name in ("echo", "secho", "echo_via_pager", "prompt", "confirm", "pause", "progressbar")} | {
    f"sys.{stream}.{name}" for stream in ("stdout", "stderr") for name in ("write", "writelines", "buffer")
}


def room(path: Path) -> str:
    """The wing, as ``ORDER`` names it, that the file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = [path for path in FILES if room(path) not in ("__init__", "__main__")]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(tree: ast.AST, path: Path) -> Iterator[tuple[str, int]]:
    """The absolute dotted names that are imported anywhere in ``tree``, with their lines."""
    within = ["batch_editor", *path.relative_to(PACKAGE).with_suffix("").parts]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = within[: -node.level] if node.level else []
            base = ".".join([*above, node.module] if node.module else above)
            names = (f"{base}.{alias.name}" for alias in node.names)
            yield from ((name, node.lineno) for name in (names if base == "batch_editor" else [base]))


def own(tree: ast.AST, path: Path) -> set[str]:
    """The other modules of the package that are imported."""
    found = {name.split(".")[1] for name, _ in imports(tree, path) if name.startswith("batch_editor.")}
    return found - {room(path)}


def test_every_module_has_its_place() -> None:
    assert {room(path) for path in ROOMS} == {*ORDER, SANDBOX}


def offences(wrong: Callable[[Path], Iterable[object]], paths: Iterable[Path] = FILES) -> dict[str, list[object]]:
    """What ``wrong`` says of each file of which it says anything."""
    return {named(path): found for path in paths if (found := list(wrong(path)))}


def test_imports_point_down() -> None:
    def wrong(path: Path) -> set[str]:
        here, found = room(path), own(parsed(path), path)
        if here == SANDBOX:
            return found
        below = set(ORDER[ORDER.index(here) + 1 :])
        return found - below - ({SANDBOX} if here in USERS_OF_SANDBOX else set())

    assert offences(wrong, ROOMS) == {}


def test_libraries_are_imported_where_they_belong() -> None:
    def wrong(path: Path) -> Iterable[str]:
        found = {name.split(".")[0] for name, _ in imports(parsed(path), path)}
        here = {room(path), path.relative_to(PACKAGE).with_suffix("").as_posix()}
        return (library for library in found & ALONE.keys() if not here & ALONE[library])

    assert offences(wrong, ROOMS) == {}


def checked_by_type_alone(tree: ast.Module) -> set[int]:
    """The lines below ``if TYPE_CHECKING``: they are never run."""
    blocks = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    return {line for block in blocks for line in range(block.lineno, (block.end_lineno or block.lineno) + 1)}


def test_pandas_is_imported_where_it_is_used() -> None:
    """A run without it does not wait for it (guide: architecture); the same for rich, which only a terminal needs."""

    def wrong(path: Path) -> Iterable[tuple[str, int]]:
        tree = parsed(path)
        in_functions = {
            line
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        late = in_functions | checked_by_type_alone(tree)
        heavy = ((name, line) for name, line in imports(tree, path) if name.split(".")[0] in ("pandas", "numpy", "rich"))
        return ((name, line) for name, line in heavy if line not in late)

    assert offences(wrong) == {}


def prints(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "print",
            "click.echo",
            "click.secho",
            "input",
            "warnings.warn",
        ):
            yield f"{ast.unparse(node.func)} in line {node.lineno}"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in (
            "sys.stdout",
            "sys.stderr",
            "sys.__stdout__",
            "sys.__stderr__",
        ):
            yield f"{ast.unparse(node)} in line {node.lineno}"


def test_only_the_command_line_prints() -> None:
    elsewhere = [path for path in FILES if room(path) not in MAY_PRINT]
    assert offences(lambda path: prints(parsed(path)), elsewhere) == {}


def test_everything_that_is_printed_passes_one_place() -> None:
    """There whatever would act in a terminal is made visible; no command can forget it."""

    def wrong(path: Path) -> set[str]:
        uses = {ast.unparse(node) for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)}
        names = {node.id for node in ast.walk(parsed(path)) if isinstance(node, ast.Name)}
        return uses & PRINTERS | names & {"print"}

    assert [*offences(wrong, ROOMS)] == ["cli/screen.py"]


#: The wings that may know the command line: itself, and the words that tell what to type.
KNOW_OPTIONS = {"cli", "messages"}
#: How many columns a terminal has, or the lines that are made for one.
COLUMNS = {78, 79, 80}
#: Numbers that are no columns, by the file in which they stand.
NO_COLUMNS = {"settings/sections.py": {80}, "web/reach.py": {80}, "crm/reach.py": {80}}  # the port of http
#: What asks for a terminal, or makes a text fit into the columns of one.
OF_TERMINALS = {"isatty", "get_terminal_size", "fitted", "padded", "broken"}


def docstrings(tree: ast.AST) -> set[int]:
    """The ids of the constants that are docstrings: a reader is told of options there, and nobody else."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef)
    bodies = (node.body for node in ast.walk(tree) if isinstance(node, owners) and node.body)
    return {id(body[0].value) for body in bodies if isinstance(body[0], ast.Expr)}


def options_named(tree: ast.AST) -> list[str]:
    """The texts of the code that name an option of the command line."""
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    told = docstrings(tree)
    return [text.value for text in texts if id(text) not in told and re.search(r"(?<![-\w])--[a-z{]|(?<![-\w])--$", text.value)]


def terminals_known(tree: ast.AST) -> set[str | int]:
    """The names and numbers in the code that only somebody knows who writes to a terminal."""
    names = {getattr(node, "attr", getattr(node, "id", getattr(node, "name", ""))) for node in ast.walk(tree)}
    numbers = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, int)}
    return names & OF_TERMINALS | numbers & COLUMNS


def test_only_the_command_line_and_the_words_know_its_options() -> None:
    elsewhere = [path for path in FILES if room(path) not in KNOW_OPTIONS]
    assert offences(lambda path: options_named(parsed(path)), elsewhere) == {}


def test_only_the_command_line_knows_a_terminal() -> None:
    elsewhere = [path for path in FILES if room(path) not in KNOW_OPTIONS]
    assert offences(lambda path: terminals_known(parsed(path)) - NO_COLUMNS.get(named(path), set()), elsewhere) == {}


def test_nobody_sleeps() -> None:
    """Every wait can be interrupted: an Event, not ``time.sleep``."""

    def wrong(path: Path) -> Iterable[str]:
        calls = (ast.unparse(node.func) for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))
        return {"time.sleep", "sleep"} & set(calls)

    assert offences(wrong) == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [named(path) for path in FILES if path.stat().st_size and not ast.get_docstring(parsed(path))]
    assert silent == []


def test_the_scans_find_what_they_look_for() -> None:
    """The rules above would hold of an empty scan too."""
    tree = ast.parse(
        "import httpx\nfrom . import job\nfrom .sheets.text import x\nprint(1)\nsys.stdout.write('')\nfrom ..cli import y"
    )
    found = [name for name, _ in imports(tree, PACKAGE / "model.py")]
    assert found[:3] == ["httpx", "batch_editor.job", "batch_editor.sheets.text"]
    assert own(tree, PACKAGE / "model.py") == {"job", "sheets"}
    inside = PACKAGE / "sheets" / "text.py"
    assert own(ast.parse("from ..cli import y\nfrom .sheet import z\nfrom .. import errors"), inside) == {"cli", "errors"}
    assert list(prints(tree)) == ["print in line 4", "sys.stdout in line 5"]
    typed = ast.parse('"""Of --this."""\nx = "give --output FILE"\ny = f"--{x}"\nz = ["--edit", "a--b", "---"]')
    assert set(options_named(typed)) == {"give --output FILE", "--edit", "--"}
    shown = ast.parse("from a import fitted\nif sys.stdout.isatty(): b(78, 81)")
    assert terminals_known(shown) == {"fitted", "isatty", 78}
