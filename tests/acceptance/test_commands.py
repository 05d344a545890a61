"""The commands and options (guide: reference), as they are typed: what they say, what they send, how they exit."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import openpyxl
import pytest
from support import jobs, virtual_time
from support.commands import TOKEN, Commands
from support.crm import CONFIRMED, Crm, envelope, scripted, status
from support.dispatching import FakeTime

from batch_editor.sandbox import Sandbox

COUNTS = ["updated", "unchanged", "skipped", "invalid", "conflict", "rejected", "failed", "not_sent"]
KEYS = [
    *("run", "exit_code", "rows", *COUNTS, "results", "seconds"),
    *("halted", "unwritten", "reasons", "notes", "left", "undoable", "undoable_rows", "changed_rows"),
    *("reason", "error", "stopped", "check_sheet", "unfinished"),
]
MIXED = "clue_id,remark\n11,a\n12,b\n13,\nbad,c\n"


# --- run


def test_run_sends_writes_results_and_tells(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12, 13])
    with Crm() as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv")
        assert sorted(crm.sent()) == ["row 2", "row 3", "row 4"]
        assert {call.token for call in crm.calls} == {TOKEN}
        assert f"To: {crm.url} (app: that of the access token)" in done.out
    assert done.code == 0 and done.err == ""
    assert re.search(r"^Run \d{8}-\d{6}-[0-9a-f]{4}: 3 rows in (a moment|about \d+ seconds?)$", done.out, re.MULTILINE)
    assert "        3  updated" in done.out
    assert done.out.endswith(f"Results: {tmp_path / 'edits.results.xlsx'}\n")
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["updated"] * 3


def test_exit_codes_0_1_2_3(tmp_path: Path) -> None:
    with Crm(scripted({12: [envelope(7, "不行")], 99: [status(401)]})) as crm:
        command = Commands(tmp_path, crm.url)
        assert command("run", jobs.sheet(tmp_path, [11], "well.csv"), "--quiet").code == 0
        assert command("run", jobs.sheet(tmp_path, [11, 12], "some.csv"), "--quiet").code == 1
        assert command("run", tmp_path / "missing.csv", "--quiet").code == 2
        assert command("run", jobs.sheet(tmp_path, [99, 11], "halted.csv"), "--quiet", "--concurrency", "1").code == 3


def test_a_halted_run_says_how_to_go_on(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(11, 17))
    with Crm(scripted({14: [status(401)]})) as crm:
        command = Commands(tmp_path, crm.url, rate={"concurrency": 1})
        done = command("run", "edits.csv")
        (run,) = re.findall("^Run ([^:]+): 6 rows", done.out, re.MULTILINE)
    assert done.code == 3
    assert done.err.splitlines()[-3].startswith("The CRM does not accept the access token of the settings")
    assert done.err.splitlines()[-2:] == [
        "Still to be sent: 3 rows. To go on:",
        f"  batch-editor resume {run}",
    ]


def test_how_to_go_on_goes_to_the_same_address_and_keeps_what_holds_for_all_rows(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "my edits.csv", "clue_id,remark,address,mine\n11,a,b,c\n12,d,e,f\n")
    with Crm() as crm:
        command = Commands(tmp_path)
        (tmp_path / "config.yaml").rename(tmp_path / "my settings.yaml")
        lasting = ["--config", "my settings.yaml", "--rate", "50", "--concurrency", "2"]
        shaping = ["--base-url", crm.url, "--edit", "remark", "--ignore-column", "mine"]
        done = command("run", "my edits.csv", "--limit", "1", *lasting, *shaping)
        (line,) = [line for line in done.out.splitlines() if line.startswith("  batch-editor resume ")]
        words = shlex.split(line)
        again = command(*words[1:])
    assert words[3:] == lasting
    assert again.code == 0 and [call.body["update_specified_fields"] for call in crm.calls] == [["remark"], ["remark"]]


def test_how_to_mend_repeats_what_shapes_the_edits(tmp_path: Path) -> None:
    """Else the rest would be sent elsewhere, or with other columns."""
    jobs.text_file(tmp_path / "my edits.csv", "clue_id,remark,address,mine\n11,a,b,c\n12,d,e,f\n")
    with Crm(scripted({12: [envelope(7, "不行"), CONFIRMED]})) as crm:
        command = Commands(tmp_path)
        (tmp_path / "config.yaml").rename(tmp_path / "my settings.yaml")
        options = ["--config", "my settings.yaml", "--base-url", crm.url, "--edit", "remark", "--ignore-column", "mine"]
        done = command("run", "my edits.csv", "--concurrency", "2", "--rate", "50", *options)
        (line,) = [line for line in done.out.splitlines() if line.startswith("  batch-editor run ")]
        words = shlex.split(line)
        again = command(*words[1:])
    assert words[2:4] == [str(tmp_path / "my edits.results.xlsx"), "--only-failed"]
    assert set(words[4:]) == {*options, "--concurrency", "2", "--rate", "50"}
    assert again.code == 0 and [call.body["update_specified_fields"] for call in crm.calls] == [["remark"]] * 3


def test_what_is_to_be_typed_again_is_quoted_as_every_shell_knows(tmp_path: Path) -> None:
    """cmd.exe takes apostrophes for a part of the name: a column in them would not be ignored."""
    jobs.text_file(tmp_path / "edits.csv", "clue_id,remark,地址,我的 列\n11,a,b,c\n12,d,e,f\n")
    with Crm(lambda call: envelope(7, "不行")) as crm:
        command = Commands(tmp_path, crm.url)
        done = command("run", "edits.csv", "--ignore-column", "地址", "--ignore-column", "我的 列")
    assert '--only-failed --ignore-column 地址 --ignore-column "我的 列"\n' in done.out


def test_what_is_wrong_and_what_to_do_is_on_the_screen(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12, 13])
    with Crm(scripted({12: [envelope(7, "不行")], 13: [envelope(7, "不行")]})) as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv")
    assert "  2 ×  the CRM refused the edit (7): 不行\n" in done.out
    assert "The column result_message says what is wrong with 2 rows." in done.out
    assert done.out.endswith(f"  batch-editor run {tmp_path / 'edits.results.xlsx'} --only-failed\n")


def test_json_is_one_object_and_all_else_goes_to_stderr(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "edits.csv", MIXED)
    with Crm() as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--json")
    assert list(done.json) == KEYS
    assert "came to a good end (exit code 1)" in done.json["error"]
    assert done.json | {"run": "", "seconds": 0, "error": ""} == {
        **dict.fromkeys(KEYS, 0),
        "run": "",
        "exit_code": 1,
        "rows": 4,
        "updated": 2,
        "skipped": 1,
        "invalid": 1,
        "results": str(tmp_path / "edits.results.xlsx"),
        "halted": None,
        "unwritten": None,
        "reasons": [],
        "notes": [],
        "undoable": False,
        "undoable_rows": 0,
        "changed_rows": 2,
        "reason": "rows",
        "error": "",
        "stopped": False,
        "check_sheet": None,
        "unfinished": [],
    }
    assert done.code == 1 and "Edits to send: 2" in done.err


def test_json_of_a_halted_run(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Crm(lambda call: status(401)) as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--json")
    assert (done.code, done.json["exit_code"], done.json["not_sent"]) == (3, 3, 2)
    assert "does not accept the access token" in done.json["halted"] and done.json["left"] == 2
    assert "does not accept the access token" in done.err and "  batch-editor resume " in done.err


@pytest.mark.parametrize(
    ("args", "reason", "error"),
    [
        (["run", "missing.csv"], "sheet_missing", "There is no file"),
        (["check", "missing.csv"], "sheet_missing", "There is no file"),
        (["run"], "usage", "Missing argument 'SHEET'."),
        (["run", "edits.csv", "--rate", "0"], "usage", "Invalid value for '--rate'"),
        (["run", "edits.csv", "--config", "missing.yaml"], "settings", "There is no settings file"),
        (["run", "edits.csv", "--output", "x.doc"], "usage", "the name must end in .xlsx or .csv"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_json_is_an_object_after_an_error_too(tmp_path: Path, args: list[str], reason: str, error: str) -> None:
    jobs.sheet(tmp_path, [11])
    done = Commands(tmp_path)(*args, "--json")
    assert done.code == 2 and list(done.json) == KEYS
    assert done.json["exit_code"] == 2 and done.json["run"] is None and done.json["results"] is None
    assert (done.json["halted"], done.json["reasons"], done.json["left"], done.json["undoable"]) == (None, [], 0, False)
    assert (done.json["reason"], done.json["stopped"], done.json["check_sheet"]) == (reason, False, None)
    assert error in done.json["error"] and error in done.err


def test_quiet_shows_the_summary_alone(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "edits.csv", MIXED)
    with Crm() as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--quiet")
    assert [line.split()[0] for line in done.out.splitlines()] == [*("Run", "2", "1", "1", "Results:", "The", "batch-editor")]
    assert done.err == ""


def test_verbose_logs_every_attempt(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm(scripted({11: [status(500), envelope(0, "ok", True)]})) as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--verbose")
        silent = Commands(tmp_path, crm.url)("run", "edits.csv")
    assert done.err.count("send_request_headers.complete") == 2 and silent.err == ""


def test_lang_and_the_locale(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        assert "已更新" in command("run", "edits.csv", "--lang", "zh").out
        assert "已更新" in command("run", "edits.csv", LANG="zh_CN.UTF-8").out
        assert "updated" in command("run", "edits.csv", "--lang", "en", LANG="zh_CN.UTF-8").out


# --- options


def test_output(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    (tmp_path / "there").mkdir()
    with Crm() as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--output", "there/结果.csv")
    assert done.out.endswith(f"Results: {tmp_path / 'there' / '结果.csv'}\n")
    assert jobs.statuses(tmp_path / "there" / "结果.csv") == ["updated"]
    assert not (tmp_path / "edits.results.xlsx").exists()


def test_edit_and_ignore_column(tmp_path: Path) -> None:
    text = "clue_id,clue_name,remark,address,mine\n11,甲,a,b,c\n"
    jobs.text_file(tmp_path / "edits.csv", text)
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        assert command("run", "edits.csv", "--edit", "remark").code == 2
        assert command("run", "edits.csv", "--edit", "remark， 地址", "--ignore-column", "mine").code == 0
        assert command("run", "edits.csv", "--ignore-column", "mine", "--ignore-column", "地址").code == 0
        assert command("run", "edits.csv", "--ignore-column", "mine", "--ignore-column", "address").code == 0
        unknown = command("run", "edits.csv", "--ignore-column", "mine", "--edit", "email")
    listed = [call.body["update_specified_fields"] for call in crm.calls]
    assert listed == [["remark", "address"], ["clue_name", "remark"], ["clue_name", "remark"]]
    assert crm.calls[0].body["clue_name"] == "甲"  # sent, since it is required, but not listed
    assert unknown.code == 2 and "--edit names email, which the sheet does not have." in unknown.err


def test_sheet(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for title, clue in (("十月", 11), ("十一月", 12)):
        page = book.create_sheet(title)
        page.append(["clue_id", "remark"])
        page.append([clue, title])
    book.save(tmp_path / "edits.xlsx")
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        command("run", "edits.xlsx")
        command("run", "edits.xlsx", "--sheet", "十一月")
        command("run", "edits.xlsx", "--sheet", "3", "--new")
        missing = command("run", "edits.xlsx", "--sheet", "十二月")
    assert [call.clue for call in crm.calls] == [11, 12, 12]
    assert missing.code == 2 and 'There is no sheet "十二月" in this file. It has: 1 Sheet, 2 十月, 3 十一月.' in missing.err


def test_strict_and_limit(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "edits.csv", MIXED)
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        strict = command("run", "edits.csv", "--strict")
        assert (strict.code, crm.calls) == (2, []) and "A5: clue_id must be an id of 1 to 19 digits" in strict.err
        limited = command("run", "edits.csv", "--limit", "1", "--json")
    assert limited.json["not_sent"] == 1 and crm.sent() == ["a"]


def test_rate_replaces_the_limit_of_a_second(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(11, 21))
    command = Commands(tmp_path, rate={"limits": ["1/second", "10/hour"]})
    assert "Edits to send: 10, to 10 clues, which takes about 10 seconds" in command("check", "edits.csv").out
    assert "Edits to send: 10, to 10 clues, which takes a moment" in command("check", "edits.csv", "--rate", "20").out
    jobs.sheet(tmp_path, range(11, 22))
    assert "which takes about 60 minutes" in command("check", "edits.csv", "--rate", "20").out


def test_rate_and_concurrency_reach_the_run(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url, rate={"concurrency": 3})
        done = command("run", "edits.csv", "--rate", "7", "--concurrency", "9", "--json")
        shown = command("show", done.json["run"]).out
    assert "Permitted rate: 7 a second\n" in shown and "Edits on their way at once: 9\n" in shown


def test_base_url_and_config(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    command = Commands(tmp_path)
    with Crm() as crm:
        assert command("run", "edits.csv", "--base-url", crm.url).code == 0
        (tmp_path / "config.yaml").rename(tmp_path / "other.yaml")
        assert command("run", "edits.csv", "--base-url", crm.url, "--config", "other.yaml").code == 0
        without = command("run", "edits.csv", "--base-url", crm.url, BATCH_EDITOR_STATE_DIR=str(tmp_path / "state"))
    assert len(crm.calls) == 2
    assert without.code == 1 and "is required and missing" in without.output  # its defaults: were in that file


def test_a_first_run_waits_for_nothing_but_its_pace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has just marked as being on its way is no sign that the record of an earlier run was lost."""
    time = FakeTime()
    virtual_time.use(monkeypatch, time)
    jobs.sheet(tmp_path, [11, 12])
    with Crm() as crm:
        assert Commands(tmp_path, crm.url, rate={"limits": ["5/second", "300/minute"]})("run", "edits.csv").code == 0
    assert sum(time.waits) < 1.0


def test_rate_replaces_a_limit_of_a_second_however_it_is_written(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url, rate={"limits": ["1 / second ", "500/minute"]})
        run = command("run", "edits.csv", "--rate", "9", "--json").json["run"]
    shown = command("show", run).out
    assert "Permitted rate: 9 a second; 500 a minute\n" in shown


def test_options_are_remembered(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        run = command("run", "edits.csv", "--limit", "1", "--edit", "remark", "--json").json["run"]
    assert "Options: --edit remark --limit 1\n" in command("show", run).out


@pytest.mark.parametrize("keys", ["", " , "])
def test_edit_without_a_name_is_refused(tmp_path: Path, keys: str) -> None:
    """Of an empty variable in a script: not every column is meant."""
    jobs.sheet(tmp_path, [11])
    done = Commands(tmp_path)("check", "edits.csv", "--edit", keys)
    assert done.code == 2 and "it names no column" in done.err


def test_yes_does_not_ask_and_neither_does_a_run_without_a_terminal(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        assert "Send now?" not in command("run", "edits.csv", "--yes").output + command("run", "edits.csv").output
    assert len(crm.calls) == 2


# --- check, results, runs, show


def test_check(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "edits.csv", MIXED)
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        bad, machine = command("check", "edits.csv"), command("check", "edits.csv", "--json")
        well = command("check", jobs.sheet(tmp_path, [11], "well.csv"))
    assert crm.connections == 0 and not (tmp_path / "state").exists()
    assert (bad.code, well.code, machine.code) == (1, 0, 1)
    problems = '\nProblems (1):\n  A5: clue_id must be an id of 1 to 19 digits; it holds "bad"\nSets:\n'
    assert problems in bad.out and bad.out.endswith("\nChecked only; nothing was sent.\n")
    assert list(machine.json) == [*KEYS, "problem_count", "problems"] and machine.json["problem_count"] == 1
    problem = 'clue_id must be an id of 1 to 19 digits; it holds "bad"'
    assert machine.json["problems"] == [{"row": 5, "cell": "A5", "field": "clue_id", "problem": problem}]
    assert (machine.json["not_sent"], machine.json["invalid"], machine.json["results"]) == (2, 1, None)


def test_history(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Crm(scripted({12: [envelope(7, "不行")]})) as crm:
        command = Commands(tmp_path, crm.url)
        assert command("runs").out == "There are no runs yet.\n"
        first, second = (command("run", "edits.csv", "--json").json["run"] for _ in range(2))
        listed = command("runs")
        shown = command("show", first)
        url = crm.url
    source = tmp_path / "edits.csv"
    below = f"    updated 1, rejected by the CRM 1\n    {url} (that of the access token)\n    {source}\n"
    assert listed.out == "".join(f"{run}  finished\n{below}" for run in (second, first))
    assert shown.code == 0
    for line in (
        f"Run: {first}",
        "State: finished",
        f"Address: {url}",
        f"Sheet: {source}",
        "2 rows:",
        "        1  rejected by the CRM",
    ):
        assert f"{line}\n" in shown.out
    assert TOKEN not in shown.out and "Tries of an edit in all: 2\n" in shown.out


def test_results_again(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        run = command("run", "edits.csv", "--json").json["run"]
    results = tmp_path / "edits.results.xlsx"
    before, shown = jobs.raw_results(results), command("show", run).out
    results.unlink()
    assert command("results", run).out == f"Results: {results}\n"
    assert jobs.raw_results(results) == before
    assert command("show", run).out == shown  # when it ended, and how, stays
    assert command("results", run, "--output", "x.csv").code == 0
    assert jobs.raw_results(tmp_path / "x.csv") == before


@pytest.mark.parametrize("mark", ["~$edits.results.xlsx", ".~lock.edits.results.xlsx#"])
def test_results_that_are_open_elsewhere_go_beside_it(tmp_path: Path, mark: str) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        run = command("run", "edits.csv", "--json").json["run"]
    (tmp_path / mark).touch()
    done = command("results", run)
    assert (done.code, done.out) == (0, f"Results: {tmp_path / 'edits.results-2.xlsx'}\n")


# --- template


def test_a_template_is_made_filled_in_and_sent(tmp_path: Path) -> None:
    with Crm() as crm:
        command = Commands(tmp_path, crm.url, ignore_columns=["邮箱"])
        done = command("template", "new edits.xlsx", "--lang", "zh")
        path = tmp_path / "new edits.xlsx"
        assert command("check", path).output.startswith("There are no rows below the headings")
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == ["线索", "说明", "选项"] and "邮箱" not in [cell.value for cell in book["线索"][1]]
        places = {cell.value: cell.coordinate[:-1] for cell in book["线索"][1]}
        book["线索"][f"{places['线索ID *']}2"], book["线索"][f"{places['性别']}2"] = "1591005521987920963", "女"
        book.save(path)
        sent = command(*shlex.split(done.out.splitlines()[-1])[1:])
    assert (done.code, done.err, sent.code) == (0, "", 0)
    assert done.out.splitlines()[0] == f"待填写的表格：{path}" and f'\n  batch-editor check "{path}"\n' in done.out
    ((clue, gender),) = [(call.body["clue_id"], call.body["gender"]) for call in crm.calls]
    assert (clue, gender) == (1591005521987920963, "1")


def test_a_template_is_made_by_the_settings_that_are_named_and_says_so(tmp_path: Path) -> None:
    command = Commands(tmp_path)
    (tmp_path / "config.yaml").rename(tmp_path / "my settings.yaml")
    done = command("template", "new.xlsx", "--config", "my settings.yaml")
    assert done.out.splitlines()[-1] == f'  batch-editor run {tmp_path / "new.xlsx"} --config "my settings.yaml"'
    assert openpyxl.load_workbook(tmp_path / "new.xlsx").sheetnames == ["clues", "instructions", "options"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("there.xlsx", "is there already"),
        ("new.xls", "must end in .xlsx"),
        ("nowhere/new.xlsx", "cannot be written to the folder"),
    ],
)
def test_a_template_that_cannot_be_made(tmp_path: Path, name: str, reason: str) -> None:
    jobs.text_file(tmp_path / "there.xlsx", "mine")
    done = Commands(tmp_path)("template", name)
    assert (done.code, done.out) == (2, "") and reason in done.err
    assert (tmp_path / "there.xlsx").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_quiet_and_json_drop_no_warning(tmp_path: Path, lang: str) -> None:
    """The same sentences are on stderr where the preview is not shown, and in the JSON."""
    jobs.text_file(tmp_path / "edits.csv", "clue_id,remark,\n11,null,x\n11,b,\n")
    clues = [{"clue_id": 11, "clue_name": "a", "clue_pool_id": 1, "follow_user_id": "wo", "remark": "old"}]
    with Sandbox(clues, access_token=TOKEN) as crm:
        command = Commands(tmp_path, crm.url)
        for name in ("check", "diff", "run"):  # the last one also tells, from its second time on, that it sent the same before
            loud, quiet, both = (
                command(name, "edits.csv", "--lang", lang, *more) for more in ([], ["--quiet"], ["--quiet", "--json"])
            )
            warnings = quiet.err.splitlines()
            assert len(warnings) == 3 + (name == "run") and all(warning in loud.output for warning in warnings[-3:]), name
            assert [len(both.json["notes"]), both.json["notes"][-3:]] == [len(warnings), warnings[-3:]], name
            assert loud.code == quiet.code == both.code == both.json["exit_code"] and both.json["reasons"] == [], name


def test_a_quiet_check_says_what_is_wrong(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "edits.csv", MIXED)
    done = Commands(tmp_path)("check", "edits.csv", "--quiet")
    assert done.code == 1 and "A5: clue_id must be an id of 1 to 19 digits" in done.out and "To: " not in done.out
