"""The documents say what is so: every command of the READMEs and of the guide is run, every table and setting in them is
compared with the code.

A block is run unless the comment before it says ``not run``. Other comments: ``exits with N`` (its last command does), ``each
exits with N`` (each of its commands does), ``in the background`` (they work until the page is done), ``file: NAME`` (the
block or table is that file), ``picture: NAME`` (it shows what a command really prints or writes), ``generated: NAME`` (the code
makes it).
"""

from __future__ import annotations

import ast
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pytest
import yaml
from openpyxl import Workbook, load_workbook
from support.commands import Commands
from support.reference import (
    CJK,
    EXAMPLE,
    LANGUAGES,
    TEXTS,
    commands,
    explanations,
    leaves,
    page_of,
    sent,
    with_tables,
)
from support.servers import unused_port

from batch_editor import Settings, load_edits, run
from batch_editor.cli.commands import cli
from batch_editor.cli.demo import SHEETS
from batch_editor.edits.cells import BadCell, converter
from batch_editor.fields import BY_KEY, FIELDS, Kind
from batch_editor.guide import TOPICS
from batch_editor.messages import Lang
from batch_editor.messages.help import CHINESE as CHINESE_HELP
from batch_editor.model import Status
from batch_editor.output.results import MOST_WORKBOOK_ROWS
from batch_editor.runs.earlier_runs import MAX_AGE_TO_CONTINUE
from batch_editor.runs.memory_use import MemoryUse
from batch_editor.runs.preview import UNPROVED
from batch_editor.sandbox import Sandbox, fault_help
from batch_editor.settings.credentials import TOKEN_VARIABLES
from batch_editor.settings.mistakes import ENV_PREFIX
from batch_editor.settings.row_rules import CLEAR_DEFAULTS
from batch_editor.settings.sections import CustomField

ROOT = Path(__file__).parent.parent
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
READMES = (ENGLISH, CHINESE)
GUIDE = {lang: [page_of(topic, lang) for topic in TOPICS] for lang in LANGUAGES}
DOCUMENTS = [*READMES, *GUIDE["en"], *GUIDE["zh"]]
#: The id of an employee, as one has to look.
OWNER = "wo-owner-of-the-tests"
#: Each document in English with the Chinese one.
PAIRS = [(ENGLISH, CHINESE), *zip(GUIDE["en"], GUIDE["zh"], strict=True)]
#: The most lines of a README; the rest is in the guide.
MOST_README_LINES = 150


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


each_readme = pytest.mark.parametrize("readme", READMES, ids=name_of)
each_language = pytest.mark.parametrize("lang", LANGUAGES)
each_pair = pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=[name_of(english) for english, _ in PAIRS])
needs_shell = pytest.mark.skipif(os.name == "nt", reason="the commands of the READMEs outside the Windows blocks are for sh")


@dataclass(frozen=True)
class Block:
    """A fenced block and the comment right before it."""

    language: str
    comment: str
    text: str

    @property
    def is_run(self) -> bool:
        return not self.comment.startswith(("not run", "picture")) and not self.text.startswith("python3 -m venv")

    @property
    def file(self) -> str:
        return self.comment.removeprefix("file: ") if self.comment.startswith("file: ") else ""


def blocks(readme: Path) -> list[Block]:
    fence = r"(?:^ *<!-- (?P<comment>[^\n]*?) -->\n)?^ *```(?P<language>\w+)\n(?P<text>.*?)^ *```$"
    found = re.finditer(fence, readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [Block(one["language"], one["comment"] or "", textwrap.dedent(one["text"])) for one in found]


def whole_text(lang: Lang) -> str:
    """The README and all pages of the guide."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (READMES[LANGUAGES.index(lang)], *GUIDE[lang]))


def tables(readme: Path) -> list[list[list[str]]]:
    """The tables, each a list of rows of cells, without the line below the headings."""
    found: list[list[list[str]]] = [[]]
    for line in readme.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            found.append([])
        elif not set(line) <= set("|-"):
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
    return [table for table in found if table]


def table(readme: Path, *headings: str) -> list[list[str]]:
    """The rows of the one table whose first heading is among ``headings``."""
    (found,) = [one for one in tables(readme) if one[0][0] in headings]
    return found[1:]


def code(cell: str) -> str:
    """What stands in the backticks of a cell."""
    (found,) = re.findall(r"`([^`]*)`", cell)
    return str(found)


def tracked_files() -> list[Path]:
    """The files of the project: what git knows or would add; without git, what .gitignore does not name
    and no environment of Python holds."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
        return [ROOT / name for name in listed if name and (ROOT / name).exists()]
    patterns = (ROOT / ".gitignore").read_text(encoding="utf-8").split()

    def walk(folder: Path) -> Iterator[Path]:
        for path in folder.iterdir():
            if path.name == ".git" or (path / "pyvenv.cfg").exists() or ignored(path.relative_to(ROOT).as_posix(), patterns):
                continue
            yield from walk(path) if path.is_dir() else [path]

    return list(walk(ROOT))


def ignored(name: str, patterns: Sequence[str]) -> bool:
    """What git makes of so simple patterns: the last that matches decides; one with a slash means the whole path."""
    found = False
    for pattern in patterns:
        plain = pattern.removeprefix("!").rstrip("/")
        whole = name if "/" in plain else name.rpartition("/")[2]
        if fnmatch.fnmatch(whole, plain.lstrip("/")):
            found = not pattern.startswith("!")
    return found


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path, content.decode(errors="replace")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith((ENV_PREFIX, *TOKEN_VARIABLES)):
            monkeypatch.delenv(name)


# --- the two main commands, as typed in a fresh copy


@pytest.fixture
def fresh_copy(tmp_path: Path) -> Path:
    for path in tracked_files():
        target = tmp_path / "copy" / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return tmp_path / "copy"


def typed(command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"LANG": "C.UTF-8", "LC_ALL": "", "CI": ""} | variables
    arguments = ["bash", "-c", command]
    return subprocess.run(
        arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600
    )


def main_command(end: str) -> str:
    (found,) = [one.text for one in blocks(ENGLISH) if one.text.startswith("python3 -m venv") and one.text.endswith(end + "\n")]
    assert found.count("\n") == 1, "it is one line"
    return found


@needs_shell
@pytest.mark.slow
@pytest.mark.timeout(700)
def test_the_first_command_shows_the_demo(fresh_copy: Path) -> None:
    done = typed(main_command("batch-editor demo"), fresh_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in SHEETS:
        assert f"== {name}" in done.stdout
        assert (fresh_copy / "batch-editor-demo" / f"{Path(name).stem}.results.xlsx").exists()
    done = typed(".venv/bin/batch-editor guide rules --lang zh", fresh_copy)
    assert done.stdout.startswith("# 填表规则"), "the guide is in what was installed"


@needs_shell
@pytest.mark.slow
@pytest.mark.timeout(700)
def test_the_second_command_finds_the_tests(fresh_copy: Path) -> None:
    done = typed(main_command("pytest"), fresh_copy, PYTEST_ADDOPTS="--collect-only -q -p no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests/test_documents.py::test_the_second_command_finds_the_tests" in done.stdout


def test_what_is_checked_of_a_checkout_begins_with_the_second_command() -> None:
    (pattern,) = re.findall(r"grep -m 1 '(.*)' README.md", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    lines = ENGLISH.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.search(pattern, line)] == [main_command("pytest").rstrip("\n")]


# --- all other commands, in the order of the page


def table_after(page: Path, comment: str) -> list[list[str]]:
    """The table right after a comment, with its headings."""
    after = page.read_text(encoding="utf-8").split(f"<!-- {comment} -->\n")[1].split("\n\n")[0]
    lines = (line for line in after.splitlines() if not set(line) <= set("|-"))
    return [[cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")] for line in lines]


def sheet_of(readme: Path) -> list[list[str]]:
    """The example sheet: the table after its comment."""
    return table_after(readme, "file: edits.xlsx")


def write_sheets(folder: Path) -> None:
    rows = sheet_of(ENGLISH)
    book = Workbook()
    book.active.title = "Sheet1"
    for row in rows:
        book.active.append(row)
    book.save(folder / "edits.xlsx")
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    frame.to_csv(folder / "edits.csv", index=False, encoding="utf-8")
    right = frame[frame["性别"] != "先生"]
    right.to_csv(folder / "migrate.csv", index=False, encoding="utf-8")
    right.drop(columns=["客户等级"]).to_csv(folder / "nightly.csv", index=False, encoding="utf-8")


def shell(command: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", "set -eu\n" + command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@contextmanager
def background(command: str, folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """``command`` (one, and no shell around it that could survive) while the context lasts, once it has said its first word."""
    with subprocess.Popen(
        command.split(), cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline(), command
            yield
        finally:
            process.terminate()


def mend(folder: Path, comment: str) -> None:
    """Puts into a cell what a person is told to put there: ``once E4 of edits.results.xlsx holds …``."""
    told = re.fullmatch(r"once ([A-Z]+[0-9]+) of (\S+) holds (\S+)", comment)
    assert told, comment
    book = load_workbook(folder / told[2])
    book.worksheets[0][told[1]] = told[3]
    book.save(folder / told[2])


def play(readme: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Every block of the page in its order: files are written, commands and programs run."""
    port = str(unused_port())
    with ExitStack() as until_the_end:
        for block in filter(lambda one: one.is_run, blocks(readme)):
            text = block.text.replace("8765", port)
            if block.file:
                (folder / block.file).write_text(text, encoding="utf-8")
                if block.language == "yaml":
                    Settings.load(folder / block.file)
            elif block.comment == "in the background":
                for command in text.splitlines():
                    until_the_end.enter_context(background(command, folder, environment))
            elif block.language == "sh":
                if re.search(r"\bRUN\b", text):
                    latest = shell("batch-editor runs", folder, environment).stdout.split()[0]
                    text = re.sub(r"\bRUN\b", latest, text)
                # Who reads the page is asked, and says yes; here there is no terminal.
                text = re.sub(r"^(batch-editor undo .*)$", r"\1 --yes", text, flags=re.MULTILINE)
                if block.comment.startswith("once "):
                    mend(folder, block.comment)
                each = block.comment.startswith("each ")
                exits = re.search("exits with ([0-9])", block.comment)
                expected = int(exits[1]) if exits else 0
                for command in text.splitlines() if each else (text,):
                    done = shell(command, folder, environment)
                    assert done.returncode == expected, f"{command}{done.stdout}{done.stderr}"
                    assert "Traceback" not in done.stderr
            elif block.language == "python":
                program = [sys.executable, "-c", text]
                done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
                assert done.returncode == 0, done.stderr
            else:
                assert block.language in ("json", "yaml")  # what it looks like, and a part of a settings file


def column(path: Path, name: str) -> list[object]:
    first, *rows = load_workbook(path).active.iter_rows(values_only=True)
    return [row[first.index(name)] for row in rows]


def statuses(path: Path) -> list[object]:
    return column(path, "result_status")


@contextmanager
def crm_of_a_page(tmp_path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with the sheets of the pages, and the variables with which commands reach a stand-in of the CRM."""
    folder = tmp_path / "page"
    folder.mkdir()
    write_sheets(folder)
    with Sandbox(accept_any_clue=True, access_token="page-token", choice_custom=("mf_clue_51",)) as crm:
        yield (
            folder,
            os.environ
            | {
                "PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"],
                "LANG": "C.UTF-8",
                "BROWSER": "true",  # a command that opens nothing
                "WSHOTO_ACCESS_TOKEN": "page-token",
                "BATCH_EDITOR_API__BASE_URL": crm.url,
                "BATCH_EDITOR_COMPARE_COLUMNS": "[]",  # the stand-in makes up the names of clues
                "BATCH_EDITOR_RATE__LIMITS": "[]",
                "BATCH_EDITOR_RETRY__MAX_WAIT": "0.01",
                "BATCH_EDITOR_STATE_DIR": str(tmp_path / "state"),
            },
        )


def example_summary() -> dict[str, object]:
    """The JSON summary that the guide shows."""
    (shown,) = [json.loads(block.text) for block in blocks(page_of("night", "en")) if block.language == "json"]
    assert isinstance(shown, dict)
    return shown


def assert_results_are_as_told(folder: Path) -> None:
    """The results of the example sheet, after each command of its section."""
    for name, of_mended in (("edits.results.xlsx", ("invalid", None)), ("edits.results-2.xlsx", ("updated", "1"))):
        assert statuses(folder / name) == ["updated", "updated", of_mended[0], "skipped", "updated"]
        attempts = ["1", "1", of_mended[1], None, "1"]
        assert column(folder / name, "result_attempts") == attempts, "no row is sent a second time"


@needs_shell
@pytest.mark.slow
def test_every_command_of_the_readme_works(tmp_path: Path) -> None:
    with crm_of_a_page(tmp_path) as (folder, environment):
        play(ENGLISH, folder, environment)
        latest = shell("batch-editor runs", folder, environment).stdout
        (run_of_edits,) = re.findall(r"^(\S+)  .*\n.*\n.*\n    .*edits\.xlsx$", latest, re.MULTILINE)
        for lang, readme in zip(LANGUAGES, READMES, strict=True):
            command = f"batch-editor results {run_of_edits} --lang {lang} --output {lang}.xlsx"
            assert shell(command, folder, environment).returncode == 0
            shown = table_after(readme, "picture: results")
            assert shown[1:] == [
                [str(cell or "") for cell in row]
                for row in zip(*(column(folder / f"{lang}.xlsx", heading) for heading in shown[0]), strict=True)
            ]
    assert_results_are_as_told(folder)
    printed = json.loads((folder / "nightly.json").read_text(encoding="utf-8"))
    assert [printed[name] for name in ("exit_code", "rows", "updated", "unchanged", "skipped")] == [0, 4, 0, 3, 1]


@needs_shell
@pytest.mark.slow
def test_every_command_of_the_guide_works(tmp_path: Path) -> None:
    with crm_of_a_page(tmp_path) as (folder, environment):
        for page in GUIDE["en"]:
            play(page, folder, environment)
    # what the pages tell of their examples
    assert_results_are_as_told(folder)
    assert statuses(folder / "tried.xlsx") == ["updated", "updated", "invalid", "skipped", "updated"]
    printed = json.loads((folder / "nightly.json").read_text(encoding="utf-8"))
    assert list(printed) == list(example_summary())
    assert [printed[name] for name in ("exit_code", "rows", "updated", "unchanged", "skipped")] == [0, 4, 0, 3, 1]
    assert statuses(folder / "notes.results.xlsx") == ["updated", "unchanged"]
    assert (column(folder / "notes.diff.xlsx", "now"), column(folder / "notes.undo.xlsx", "描述")) == (
        ["周五回访"],
        ["周五回访"],
    )


#: What executes a notebook, in a process of its own, which is to end without a warning.
EXECUTE = """
import sys
import nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, kernel_name="python3", timeout=240).execute()
nbformat.write(notebook, sys.argv[1])
"""
#: What remains of a run in the kernel, told by its last cell.
REMAINS = "import os, threading; print(os.getpid(), *(thread.name for thread in threading.enumerate()))"


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_python_of_the_guide_works_in_a_notebook(lang: Lang, tmp_path: Path) -> None:
    import nbformat

    examples = [block.text for block in blocks(page_of("python", lang)) if block.language == "python"]
    cells = [*examples, "report", "seen.preview", REMAINS]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with crm_of_a_page(tmp_path) as (folder, environment):
        (settings,) = [block.text for block in blocks(READMES[LANGUAGES.index(lang)]) if block.file == "config.yaml"]
        (folder / "config.yaml").write_text(f"{settings}\nlang: {lang}\n", encoding="utf-8")
        nbformat.write(notebook, folder / "guide.ipynb")
        folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
        done = subprocess.run(
            [sys.executable, "-c", EXECUTE, "guide.ipynb"],
            cwd=folder,
            env=environment | folders | {"IPYTHONDIR": str(tmp_path / "ipython"), "JUPYTER_PLATFORM_DIRS": "1"},
            capture_output=True,
            text=True,
            timeout=280,
        )
    assert done.returncode == 0, done.stderr
    ran = nbformat.read(folder / "guide.ipynb", as_version=4).cells
    streams = [output for cell in ran for output in cell.outputs if output.output_type == "stream"]
    assert [output.text for output in streams if output.name == "stderr"] == []
    table, preview, remains = (cell.outputs[0] for cell in ran[-3:])
    assert all(shown.data["text/html"].startswith("<table ") for shown in (table, preview))
    assert {"en": "Run", "zh": "运行"}[lang] in table.data["text/html"]
    process, *threads = remains.text.split()
    assert not [name for name in threads if name.startswith(("sender", "stop-watch", "journal", "Timer"))]
    if os.name != "nt":
        with pytest.raises(ProcessLookupError):
            os.kill(int(process), 0)


@each_language
def test_the_picture_of_a_check_is_what_it_prints(lang: Lang, tmp_path: Path) -> None:
    write_sheets(tmp_path)
    readme = READMES[LANGUAGES.index(lang)]
    (settings,) = [block.text for block in blocks(readme) if block.file == "config.yaml"]
    command = Commands(tmp_path)
    (tmp_path / "config.yaml").write_text(settings, encoding="utf-8")
    done = command("check", "edits.xlsx", "--lang", lang, WSHOTO_ACCESS_TOKEN="")
    (picture,) = [block.text for block in blocks(readme) if block.comment == "picture: check"]
    assert done.out.replace(str(tmp_path) + os.sep, "") == picture


@needs_shell
def test_a_refusal_is_json_with_an_error_too(tmp_path: Path) -> None:
    path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    done = shell("batch-editor run nowhere.csv --json", tmp_path, os.environ | {"PATH": path, "WSHOTO_ACCESS_TOKEN": "any"})
    assert done.returncode == 2
    assert list(json.loads(done.stdout)) == list(example_summary())


# --- both languages


@each_pair
def test_both_languages_hold_the_same_blocks(english: Path, chinese: Path) -> None:
    shared, of_chinese = ([one for one in blocks(page) if "picture" not in one.comment] for page in (english, chinese))
    assert shared == of_chinese


def test_the_example_sheet_is_the_same_everywhere() -> None:
    pages = (ENGLISH, CHINESE, *(page_of("tasks", lang) for lang in LANGUAGES))
    assert all(sheet_of(page) == sheet_of(ENGLISH) for page in pages)


@each_pair
def test_both_languages_have_the_same_structure(english: Path, chinese: Path) -> None:
    def outline(page: Path) -> list[str]:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        return re.findall(r"^(#+ |[ ]*- |[0-9]+\. |\|)", text, re.MULTILINE)

    assert outline(english) == outline(chinese)


def test_each_readme_names_the_other_one_and_is_short() -> None:
    assert "README.zh-CN.md" in ENGLISH.read_text(encoding="utf-8").splitlines()[2]
    assert "README.md" in CHINESE.read_text(encoding="utf-8").splitlines()[2]
    for readme in READMES:
        assert len(readme.read_text(encoding="utf-8").splitlines()) <= MOST_README_LINES


# --- commands, options, exit codes, statuses


def real_options() -> dict[str, set[str]]:
    """Every option of every command, but for --help and --version, and the commands that have it."""
    found: dict[str, set[str]] = {}
    for name, command in commands().items():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                for option in (*parameter.opts, *parameter.secondary_opts):
                    found.setdefault(option, set()).add(name)
    return found


@pytest.mark.parametrize("document", [*GUIDE["en"], *GUIDE["zh"]], ids=name_of)
def test_generated_tables_are_as_the_code_makes_them(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    lang: Lang = "zh" if document in GUIDE["zh"] else "en"
    assert text == with_tables(text, lang), "in tests/, run: python -m support.reference"
    assert text.count("<!-- generated: ") == text.count("<!-- end -->")


def test_every_part_of_the_reference_is_generated_in_both_languages() -> None:
    parts = [
        re.findall("<!-- generated: (.*) -->", page_of("reference", lang).read_text(encoding="utf-8")) for lang in LANGUAGES
    ]
    assert parts[0] == parts[1]
    assert set(parts[0]) == {"commands", "options", "exit codes", "summary", "reasons", "statuses", "settings", "fields"}


def test_no_sentence_of_the_reference_is_left_over() -> None:
    everything = [cli, *cli.commands.values(), *commands().values()]
    helps = {command.help for command in everything}
    for command in everything:
        with click.Context(command, help_option_names=["-h", "--help"]) as ctx:
            helps |= {option.help for option in command.get_params(ctx) if isinstance(option, click.Option)}
    faults = (line.strip() if line[0] != " " else line.strip().partition("  ")[2].strip() for line in fault_help().splitlines())
    assert helps | {*faults} == CHINESE_HELP.keys()
    assert all(CJK.search(chinese) for chinese in CHINESE_HELP.values())
    assert TEXTS["statuses"].keys() == set(Status) - {Status.PENDING, Status.SENDING}
    assert list(TEXTS["summary"]) == [*example_summary(), "slowed_to", "detached", *MemoryUse(0, 0, 0).as_json()]


@each_language
def test_every_command_is_in_the_table(lang: Lang) -> None:
    told = [code(row[0]).removeprefix("batch-editor ") for row in table(page_of("reference", lang), "Command", "命令")]
    told = [words.replace("[", "").replace("]", "") for words in told]
    real = {
        " ".join([name, *(one.name.upper() for one in command.params if isinstance(one, click.Argument) and one.name)])
        for name, command in commands().items()
    }
    assert set(told) == real and len(told) == len(real)


@each_language
def test_every_option_is_in_the_table_with_its_commands(lang: Lang) -> None:
    told: dict[str, set[str]] = {}
    for options, of, _ in table(page_of("reference", lang), "Option", "选项"):
        named = set(re.findall(r"`([\w ]+)`", of))
        everywhere_else = of.startswith(("all but", "除"))
        for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", options):
            having = set(commands()) - named if everywhere_else else named
            told[option] = told.get(option, set()) | having
    assert told.pop("--help") == told.pop("--version") == set()
    assert told == real_options()


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "CHANGELOG.md", EXAMPLE], ids=name_of)
def test_every_command_and_option_that_is_named_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    of_others = {"--check"}  # ruff's; and those of systemctl, docker, pip and useradd
    of_others |= {"--now", "--build-arg", "--time", "--no-cache-dir", "--create-home", "--uid"}
    known = real_options().keys() | {"--help", "--version"} | of_others
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) <= known
    assert set(re.findall(r"\bbatch-editor ([a-z]+)\b", text)) - {"takes"} <= set(cli.commands)


@each_language
@pytest.mark.parametrize("topic", ["night", "reference"])
def test_the_exit_codes_are_told(topic: str, lang: Lang) -> None:
    assert [int(row[0]) for row in table(page_of(topic, lang), "Exit code", "退出码")] == [0, 1, 2, 3, 4]


@each_language
@pytest.mark.parametrize("topic", ["rules", "reference"])
def test_every_status_is_told(topic: str, lang: Lang) -> None:
    ends = set(Status) - {Status.PENDING, Status.SENDING}
    assert {code(row[0]) for row in table(page_of(topic, lang), "`result_status`")} == ends


def test_each_row_of_the_table_of_failures_names_its_test() -> None:
    page = page_of("cluster", "en").read_text(encoding="utf-8")
    named = re.findall(r"^<!-- test: (\w+) -->$", page, re.MULTILINE)
    told = [table(page_of("cluster", lang), "What happens", "情况") for lang in LANGUAGES]
    assert len(named) == len({*named}) == len(told[0]) == len(told[1])
    failures = (ROOT / "tests" / "cluster" / "test_failures.py").read_text(encoding="utf-8")
    assert {*named} <= names_of(failures)


@each_language
def test_the_numbers_in_the_text_are_the_defaults(lang: Lang) -> None:
    settings = Settings()
    assert settings.rate.limits == ("5/second", "300/minute")
    migration = f"{1_000_000 / 300 / 60:.0f}"
    minutes = f"{settings.rate.patience / 60:.0f}"
    failures, rejections = settings.halt.after_failures, settings.halt.after_rejections
    continued = MAX_AGE_TO_CONTINUE // timedelta(hours=1)
    told = [
        ("migration", f"{MOST_WORKBOOK_ROWS:,} rows", f"{MOST_WORKBOOK_ROWS:,} 行"),
        ("migration", f"{migration} hours", f"{migration} 小时"),
        ("night", f"{continued} hours", f"{continued} 小时"),
        ("undo", f"more than {UNPROVED} edits", f"超过 {UNPROVED} 条编辑"),
        ("rules", f'"too fast" for {minutes} minutes', f"连续 {minutes} 分钟"),
        ("rules", f"{failures} failed rows", f"连续 {failures} 行失败"),
        ("rules", f"{rejections} rejections", f"连续 {rejections} 行因"),
        *(("crm", str(auth_code), str(auth_code)) for auth_code in settings.api.auth_codes),
    ]
    for topic, english, chinese in told:
        text = " ".join(page_of(topic, lang).read_text(encoding="utf-8").split())
        assert " ".join((english if lang == "en" else chinese).split()) in text
    readme = READMES[LANGUAGES.index(lang)].read_text(encoding="utf-8")
    assert (f"{migration} hours" if lang == "en" else f"{migration} 小时") in readme


# --- the rules of a sheet


@each_language
@pytest.mark.parametrize("topic", ["rules", "reference"])
def test_the_table_of_fields_is_the_catalogue(topic: str, lang: Lang) -> None:
    rows = table(page_of(topic, lang), "Heading", "列标题")
    assert len(rows) == len(FIELDS)
    for (heading, key, synonyms, accepts, example, becomes), field in zip(rows, FIELDS, strict=True):
        assert (heading, code(key)) == (field.title, field.key)
        assert tuple(filter(None, re.split(", |、", synonyms))) == (*field.synonyms, *field.loose)
        assert bool(re.search("required|必填", accepts)) is field.required, accepts
        assert bool(re.search("cannot be cleared|不能清空", accepts)) is (field.editable and not field.clearable)
        assert bool(re.search("replaces all|整体替换", accepts)) is (field.kind is Kind.TAGS)
        body = sent(heading, code(example), Settings())
        assert body[field.key] == json.loads(code(becomes)), heading
        assert (field.key in body["update_specified_fields"]) is field.editable


@each_language
def test_the_table_of_custom_fields_is_true(lang: Lang, tmp_path: Path) -> None:
    readme = page_of("rules", lang)
    (declared,) = [one.text for one in blocks(readme) if one.file == "custom.yaml"]
    (tmp_path / "custom.yaml").write_text(declared, encoding="utf-8")
    settings = Settings.load(tmp_path / "custom.yaml")
    by_title = {field.title: (key, field.type) for key, field in settings.custom_fields.items()}
    rows = table(readme, "Type", "类型")
    assert len(rows) == len(by_title)
    for kind, heading, _, example, becomes in rows:
        key, declared_kind = by_title[heading]
        assert code(kind) == declared_kind
        assert sent(heading, code(example), settings)[key] == json.loads(code(becomes))


@each_language
def test_the_dates_of_the_text_are_taken_and_refused_as_told(lang: Lang) -> None:
    text, birthday = page_of("rules", lang).read_text(encoding="utf-8"), converter(BY_KEY["birthday"], Settings().row_rules)
    for good in ("1990-05-01", "1990/5/1", "1990.5.1", "1990年5月1日", "19900501"):
        assert f"`{good}`" in text
        assert birthday(good) == 641491200
    for bad in ("05/06/1990", "33000"):
        assert f"`{bad}`" in text
        with pytest.raises(BadCell):
            birthday(bad)


@each_language
def test_the_ids_that_the_text_calls_refused_are(lang: Lang) -> None:
    text, to_id = page_of("rules", lang).read_text(encoding="utf-8"), converter(BY_KEY["clue_id"], Settings().row_rules)
    assert "`1.59E+18`" in text
    for bad in ("1.59E+18", "1234567890123450", "1591005521987920000"):
        with pytest.raises(BadCell):
            to_id(bad)
    assert to_id("123456789012345") == 123456789012345


@each_language
def test_clear_markers_of_the_text_clear(lang: Lang) -> None:
    for marker in ("#CLEAR", "#clear", "＃CLEAR"):
        assert f"`{marker}`" in page_of("rules", lang).read_text(encoding="utf-8")
        assert sent("邮箱", marker, Settings())["email"] == ""


def test_hidden_and_filtered_rows_are_sent_as_the_limits_say(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (["线索ID", "备注"], ["1591005521987920962", "a"], ["1591005521987920963", "b"]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.auto_filter.ref = "A1:B3"
    book.save(tmp_path / "hidden.xlsx")
    settings = Settings(defaults={"clue_name": "n", "clue_pool_id": 1, "follow_user_id": OWNER, "user_id": OWNER})
    assert [edit.row for edit in load_edits(tmp_path / "hidden.xlsx", settings).edits] == [2, 3]


def test_a_run_of_a_frame_without_output_writes_no_sheet(tmp_path: Path) -> None:
    row = {"线索ID": "1", "线索名称": "n", "线索池ID": "1591005280874161218", "跟进人ID": OWNER, "用户ID": OWNER, "描述": "x"}
    with Sandbox(accept_any_clue=True, access_token="t") as crm:
        settings = Settings(api={"base_url": crm.url, "access_token": "t"}, state_dir=tmp_path / "state")
        report = run(pd.DataFrame([row]), settings)
    assert (report.results, report.counts["updated"]) == (None, 1)


# --- settings


def given(values: Mapping[str, Any], known: Sequence[tuple[str, ...]], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every setting that a file gives a value."""
    for name, value in values.items():
        here = (*path, name)
        if isinstance(value, Mapping) and here not in known:
            yield from given(value, known, here)
        else:
            yield here


def at(values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    for name in path:
        values = values[name]
    return values


def uncommented() -> str:
    """The example with its commented-out settings in force: a ``#`` right before a key, or before its indentation."""
    return re.sub(r"^( *)#(?=[^\s#]|  )", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_the_example_settings_are_the_defaults() -> None:
    assert Settings.load(EXAMPLE) == Settings()
    values = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    defaults, known = Settings().model_dump(mode="json"), list(leaves(Settings))
    active = set(given(values, known))
    for path in active:
        assert at(values, path) == at(defaults, path), path
    for path in set(known) - active:
        assert at(defaults, path) in (None, {}, []) or path == ("state_dir",), f"{path} has a default; show it"


def test_the_example_names_every_setting_and_no_other(tmp_path: Path) -> None:
    values, known = yaml.safe_load(uncommented()), list(leaves(Settings))
    assert set(given(values, known)) == set(known)
    (tmp_path / "all.yaml").write_text(uncommented(), encoding="utf-8")
    settings = Settings.load(tmp_path / "all.yaml")
    (custom,) = values["custom_fields"].values()
    assert set(custom) == set(CustomField.model_fields)
    defaults = CustomField().model_dump(mode="json")
    assert [name for name in custom if custom[name] != defaults[name]] == ["title", "type", "options"]
    assert settings.custom_fields


def test_the_example_explains_every_setting_in_both_languages() -> None:
    names = {path[-1] for path in leaves(Settings)}
    explained, comment, in_comment = set(), "", False
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if re.match(r" *# ?\S", line) and not re.match(r" *#\S+:", line):
            comment = comment + line if in_comment else line
            in_comment = True
            continue
        in_comment = False
        key = re.match(r" *#? *(\w+):", line)
        if key and key[1] in names and CJK.search(comment) and re.search("[a-z]{3}", comment):
            explained.add(key[1])
    assert explained == names
    assert all(english and CJK.search(chinese) for english, chinese in explanations().values())
    assert explanations().keys() >= set(leaves(Settings))


def test_the_example_tells_what_cleared_fields_are_sent_as() -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("\n# ", " ")
    told = ", ".join(f"{group} {json.dumps(value)}" for group, value in CLEAR_DEFAULTS.items())
    assert told in text


@each_language
def test_settings_and_variables_that_the_documents_name_exist(lang: Lang) -> None:
    text, known = whole_text(lang), {".".join(path) for path in leaves(Settings)}
    sections = {name.split(".")[0] for name in known}
    for name in re.findall(r"`([a-z_]+(?:\.[a-z_]+)*):?`", text) + re.findall(r"`([a-z_.]+): ", text):
        if "." in name and name.split(".")[0] in sections:
            assert name in known
    assert len({name for name in known if f"`{name}" in text}) > 10
    for variable in re.findall(r"\bBATCH_EDITOR_([A-Z_]+)\b", text):
        assert variable.lower().replace("__", ".") in known
    assert set(re.findall(r"\bWSHOTO_\w+", text)) == set(TOKEN_VARIABLES)


# --- citations


#: Written so that no expression finds itself.
NOT_IN_THE_REPOSITORY = r"\b[D]ESIGN\b|[p]latform-facts|[c]lue-info\.md|[c]lue-edit\.txt"
CITATION = re.compile(r"\([g]uide:\s(?P<topic>[^)]*)\)")


def test_every_citation_of_the_guide_leads_to_a_page() -> None:
    cited = [
        (f"{name_of(path)}:{text.count(chr(10), 0, match.start()) + 1}", match["topic"])
        for path, text in texts()
        for match in CITATION.finditer(text)
    ]
    assert len(cited) > 20
    for where, citation in cited:
        topic, _, heading = " ".join(citation.split()).partition(", ")
        assert topic in TOPICS, f"{where}: {citation}"
        headings = re.findall("^#+ (.*)$", page_of(topic, "en").read_text(encoding="utf-8"), re.MULTILINE)
        assert not heading or heading.strip('"') in headings, f"{where}: {citation}"


def test_no_file_cites_a_document_that_is_not_in_the_repository() -> None:
    found = [
        f"{name_of(path)}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for path, text in texts()
        for match in re.finditer(NOT_IN_THE_REPOSITORY, text)
    ]
    assert not found


def names_of(source: str) -> set[str]:
    """The functions, classes and constants of a module, and ``Class.name`` for what belongs to a class."""
    names: set[str] = set()

    def collect(nodes: Sequence[ast.stmt], prefix: str) -> None:
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(prefix + node.name)
                collect(node.body if isinstance(node, ast.ClassDef) else [], f"{prefix}{node.name}.")
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names.update(prefix + target.id for target in targets if isinstance(target, ast.Name))

    collect(ast.parse(source).body, "")
    return names


def test_the_questions_of_a_newcomer_are_answered_by_files_and_names_that_are_there() -> None:
    english, chinese = (table(page_of("architecture", lang), "Question", "问题") for lang in LANGUAGES)
    assert len(english) == 20
    assert [row[1:] for row in english] == [row[1:] for row in chinese]
    for question, file, name in english:
        source = (ROOT / "batch_editor" / code(file)).read_text(encoding="utf-8")
        assert code(name) in names_of(source), f"{question} {file} has no {name}"


# --- the page about the tests


def test_the_page_about_the_tests_names_tests_that_exist() -> None:
    page = ROOT / "tests" / "README.md"
    promises, held = tables(page)
    for _, test, _ in promises[1:] + held[1:]:
        file, _, name = code(test).partition("::")
        assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), test
    assert {row[0].split(".")[0] for row in promises[1:]} == {*map(str, range(1, 16))}
    assert {code(row[0]) for row in held[1:]} == set(commands())


# --- all files of the project


def test_without_git_the_same_files_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    by_git = set(tracked_files())
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert set(tracked_files()) == by_git


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "CHANGELOG.md"], ids=name_of)
def test_links_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (document.parent / link).exists(), link


def test_the_changelog_tells_of_this_version() -> None:
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    newest = re.search(
        r"^## \[(.*)\] - (\d{4}-\d{2}-\d{2})$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert newest
    assert newest[1] == version[1]


#: Written so that no expression finds itself.
FOREIGN = {
    "a folder of one machine": r"(?<![\w.])/([w]ork|[r]oot|[f]arm|[t]mp/w|[h]ome/[a-z]+|[U]sers/[a-z]+)(?!\w)",
    "somebody else's part": r"\b([c]laude|[a]nthropic|[c]hatgpt|[l]anguage model|[s]ub-?agent|[h]elper session)\b",
    "the host of a registry": r"\b([p]ypi|[p]ythonhosted|[n]pmjs|[c]rates|[r]ubygems|proxy\.[g]olang|[t]una\.tsinghua)\.",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_the_project_speaks_of_itself_alone(kind: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for path, text in texts()
        for match in re.finditer(FOREIGN[kind], text, re.IGNORECASE)
    ]
    assert not found
