"""``--metrics``: the figures of a night as a collector reads them, whatever becomes of the night."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support import jobs
from support.commands import Commands
from support.crm import CONFIRMED, Crm, status

from batch_editor.cli.metrics_file import known_by
from batch_editor.messages.visible import visible
from batch_editor.output.metrics import Figures, last_success_in, metrics_text
from batch_editor.settings.settings import Settings

LAST = "batch_editor_last_success_timestamp_seconds"
_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
_SAMPLE = re.compile(rf"({_NAME})\{{({_LABEL}(?:,{_LABEL})*)?\}} (-?[0-9]+(?:\.[0-9]+)?)")


def parsed(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """The samples of a text in the format of Prometheus, by its rules: UTF-8, lines that end with a line feed, families whose
    lines stand together below one HELP and one TYPE, each sample once, values of labels with their escapes. Prometheus' reader
    for Python reads the same."""
    assert text.endswith("\n") and "\r" not in text
    samples, families, family = dict[tuple[str, tuple[tuple[str, str], ...]], float](), list[str](), ""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
            assert family not in families and re.fullmatch(_NAME, family)
            assert not re.search(r"\\(?![\\n])", line)
            assert next(lines) == f"# TYPE {family} gauge"
            families.append(family)
            continue
        match = _SAMPLE.fullmatch(line)
        assert match and match[1] == family, line
        labels = re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"', match[2] or "")
        unescaped = {name: re.sub(r"\\(.)", lambda char: "\n" if char[1] == "n" else char[1], value) for name, value in labels}
        assert len(unescaped) == len(labels)
        key = (family, tuple(unescaped.items()))
        assert key not in samples
        samples[key] = float(match[3])
    read = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    assert all(sample.timestamp is None for sample in read)  # the textfile collector takes no file with one
    assert {(sample.name, frozenset(sample.labels.items())): sample.value for sample in read} == {
        (name, frozenset(labels)): value for (name, labels), value in samples.items()
    }
    return samples


def value_of(text: str, name: str, **labels: str) -> float:
    (value,) = [
        value for (family, has), value in parsed(text).items() if family == name and labels.items() <= dict(has).items()
    ]
    return value


@pytest.mark.parametrize(
    "series",
    [
        'C:\\night\\"a"\nb{c}=,#\u3000夜间\ud800',
        "\\",
        '"',
        '\\"',
        "\\\\n\\n\n",
        'x"} 1 1764380000000\nbatch_editor_requests{series="y"} 9\n# HELP batch_editor_rows z',
        "a\r\nb\x00\x1b[31m\u2028\x85c",
        " ",
    ],
)
def test_the_text_is_in_the_format_whatever_a_series_is_called(series: str) -> None:
    figures = Figures(series, 1764380000.5, 1, 12.25, 1764300000, "rows", {"updated": 3, "failed": 0}, 7, 0.25, 2)
    text = metrics_text(figures)
    text.encode()
    samples = parsed(text)
    assert {dict(labels)["series"] for _, labels in samples} == {visible(series)}
    assert value_of(text, LAST) == last_success_in(text) == 1764300000
    assert value_of(text, "batch_editor_rows", status="updated") == 3 and value_of(text, "batch_editor_requests") == 7
    assert value_of(text, "batch_editor_exit_code", reason="rows") == 1
    assert (value_of(text, "batch_editor_duration_seconds"), value_of(text, "batch_editor_slowed_ratio")) == (12.25, 0.25)
    assert value_of(text, "batch_editor_unfinished_runs") == 2
    assert parsed(metrics_text(Figures("", 0, 0, 0)))


def test_the_last_success_outlives_nights_that_fail(tmp_path: Path) -> None:
    path = tmp_path / "night.prom"
    with Crm(lambda call: CONFIRMED if call.clue != 13 else status(500)) as crm:
        command = Commands(tmp_path, crm.url)
        began = int(time.time())
        jobs.sheet(tmp_path, [11, 12])
        assert command("run", "edits.csv", "--metrics", "night.prom").code == 0
        text = path.read_text("utf-8")
        good = value_of(text, LAST)
        assert began <= good <= time.time() + 1 and value_of(text, "batch_editor_rows", status="updated") == 2
        assert value_of(text, "batch_editor_requests", series=str(tmp_path / "config.yaml")) == 2
        path.unlink()  # so that the journal alone knows of it
        jobs.sheet(tmp_path, [13])
        assert command("run", "edits.csv", "--metrics", "night.prom").code == 1
        text = path.read_text("utf-8")
        assert abs(value_of(text, LAST) - good) <= 2 and value_of(text, "batch_editor_exit_code") == 1
        for words in (
            ["run", "nowhere.csv"],
            ["run", "edits.csv", "--tags", "all"],
            ["run", "edits.csv", "--config", "nowhere.yaml"],
        ):
            assert command(*words, "--metrics", "night.prom").code == 2
            text = path.read_text("utf-8")
            assert abs(value_of(text, LAST) - good) <= 2 and value_of(text, "batch_editor_exit_code") == 2, words


def test_a_pass_of_which_a_guard_refuses_a_sheet_has_its_figures(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    jobs.sheet(folder, [11, 12])
    (folder / "edits.csv").rename(folder / "a.csv")
    (folder / "b.csv").write_bytes((folder / "a.csv").read_bytes())
    for name in ("a.csv", "b.csv"):
        (folder / f"{name}.done").touch()
    words = ["inbox", "in", "--marker", ".done", "--metrics", "in.prom", "--json"]
    with Crm(lambda call: CONFIRMED) as crm:
        done = Commands(tmp_path, crm.url)(*words, BATCH_EDITOR_GUARDS__REPEAT="refuse")
    text = (tmp_path / "in.prom").read_text("utf-8")
    assert (done.code, value_of(text, "batch_editor_exit_code", reason="guard.repeat")) == (2, 2)
    assert [value_of(text, "batch_editor_rows", status=word) for word in ("updated", "not_sent")] == [2, 2]
    assert value_of(text, "batch_editor_requests") == 2
    assert [bool(sheet["run"]) for sheet in done.json["sheets"]] == [True, False]


def test_a_run_that_is_forgotten_has_made_no_requests(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state")
    assert known_by(settings, "night")(["20261129-020000-5c1e"]).requests == 0


def test_what_is_no_night_is_no_success(tmp_path: Path) -> None:
    """Neither a look at the sheet, nor a pass over an inbox in which nothing lies: an alert is to come all the same."""
    jobs.sheet(tmp_path, [11])
    (tmp_path / "in").mkdir()
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        for words in (["check", "edits.csv"], ["inbox", "in", "--config", "config.yaml"]):
            assert command(*words, "--metrics", "night.prom").code == 0
            assert value_of((tmp_path / "night.prom").read_text("utf-8"), LAST) == 0, words
        assert command("run", "edits.csv", "--metrics", "night.prom").code == 0
        good = value_of((tmp_path / "night.prom").read_text("utf-8"), LAST)
        assert good and command("check", "edits.csv", "--metrics", "night.prom").code == 0
        assert value_of((tmp_path / "night.prom").read_text("utf-8"), LAST) == good


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_collector_that_is_another_user_may_read_the_file(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    before = os.umask(0o077)
    try:
        Commands(tmp_path)("run", "nowhere.csv", "--metrics", "night.prom")
    finally:
        os.umask(before)
    assert (tmp_path / "night.prom").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("content", ["clue_id\n11\n", "# HELP node_load1 x\n", '{"exit_code": 0}'])
def test_a_file_that_holds_anything_else_is_never_replaced(content: str, tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    (tmp_path / "other").write_text(content, "utf-8")
    for words in (["run", "edits.csv"], ["run"]):
        assert Commands(tmp_path)(*words, "--metrics", "other").code == 2
        assert (tmp_path / "other").read_text("utf-8") == content


def test_where_it_cannot_be_written_that_is_told_and_changes_nothing(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--json", "--metrics", "nowhere/night.prom")
    assert (done.code, done.json["updated"]) == (0, 1) and "could not be written" in done.err
