"""Where the settings are looked for, and what is said of it: a file beside the sheet, none at all, one with another name.

Such a file may have come with its sheet: it is named before anything is sent, and sends no credentials of others anywhere.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from support import jobs
from support.commands import TOKEN, Commands, Done
from support.crm import Crm
from support.reference import CJK

#: Defaults of a settings file for which somebody fills in a sheet.
DEFAULTS = {
    "user_id": "wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q",
    "clue_pool_id": 7,
    "follow_user_id": "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q",
}


class Place:
    """A folder where commands are typed, without a settings file, and ``mail`` below it, which holds a sheet."""

    def __init__(self, folder: Path, url: str) -> None:
        self.command = Commands(folder, url)
        self.here, self.mail = folder, folder / "mail"
        self.settings = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
        (folder / "config.yaml").unlink()
        self.mail.mkdir()
        jobs.sheet(self.mail, [11, 12])
        self.command.env |= {"BATCH_EDITOR_STATE_DIR": str(folder / "state"), "BATCH_EDITOR_API__BASE_URL": url}

    def put(self, path: Path, **over: object) -> Path:
        path.write_text(yaml.safe_dump(self.settings | over, allow_unicode=True), encoding="utf-8")
        return path

    def __call__(self, *words: str, **env: str) -> Done:
        return self.command(*words, **env)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, "http://127.0.0.1:1")


def without_address(place: Place) -> dict[str, object]:
    return {"api": {key: value for key, value in place.settings["api"].items() if key != "base_url"}}


# --- which file is read


def test_the_file_of_this_folder_wins_over_the_one_beside_the_sheet_and_a_named_one_over_both(place: Place) -> None:
    place.put(place.mail / "config.yaml", ignore_columns=["remark"])
    beside = place("check", "mail/edits.csv")
    assert "Settings: mail/config.yaml\n" in beside.out and "remark" not in beside.out.partition("Fields to set")[2]
    place.put(place.here / "config.yaml")
    here = place("check", "mail/edits.csv")
    assert "Settings:" not in here.output
    named = place("check", "mail/edits.csv", "--config", str(place.mail / "config.yaml"))
    assert "Settings:" not in named.output and here.out != named.out


@pytest.mark.parametrize(("lang", "used"), [("en", "Settings: mail/config.yaml"), ("zh", "设置文件：mail/config.yaml")])
@pytest.mark.parametrize("options", [["--yes"], ["--yes", "--quiet"], ["--yes", "--json"]])
def test_the_file_beside_the_sheet_is_named_before_anything_is_sent(
    tmp_path: Path, options: list[str], lang: str, used: str
) -> None:
    with Crm() as crm:
        place = Place(tmp_path, crm.url)
        place.put(place.mail / "config.yaml")
        done = place("run", "mail/edits.csv", *options, "--lang", lang)
    assert done.code == 0 and used in done.output.splitlines()


def test_a_link_to_the_same_folder_is_that_folder(place: Place) -> None:
    place.put(place.here / "config.yaml")
    (place.here / "again").symlink_to(place.here, target_is_directory=True)
    jobs.sheet(place.here, [11])
    assert "Settings:" not in place("check", "again/edits.csv").output
    (place.here / "config.yaml").unlink()
    assert f"There is no config.yaml in this folder ({place.here})." in place("check", "again/edits.csv").out


def test_a_mistake_in_the_file_beside_the_sheet_is_told_with_its_name(place: Place) -> None:
    place.put(place.mail / "config.yaml", guards={"max_rows": "x"})
    done = place("check", "mail/edits.csv")
    assert done.code == 2 and "guards.max_rows" in done.err and "Settings: mail/config.yaml" in done.err


# --- a file that came with its sheet sends nothing of others anywhere


def test_a_file_beside_the_sheet_does_not_say_where_a_token_of_the_environment_goes(tmp_path: Path) -> None:
    with Crm() as theirs, Crm() as ours:
        place = Place(tmp_path, ours.url)
        del place.command.env["BATCH_EDITOR_API__BASE_URL"]
        place.put(place.mail / "config.yaml", api=place.settings["api"] | {"base_url": theirs.url})
        for words in (["run", "--yes"], ["run", "--yes", "--quiet"], ["check"], ["diff"]):
            done = place(words[0], "mail/edits.csv", *words[1:])
            assert done.code == 2 and theirs.url in done.err and str(Path("mail/config.yaml")) in done.err
            assert "--config" in done.err and TOKEN not in done.output
        app = place("run", "mail/edits.csv", "--yes", WSHOTO_ACCESS_TOKEN="", WSHOTO_APP_ID="a", WSHOTO_APP_SECRET="s")
        half = place("run", "mail/edits.csv", "--yes", WSHOTO_ACCESS_TOKEN="", WSHOTO_APP_ID="a")
        assert (app.code, half.code) == (2, 2) and theirs.url in app.err and theirs.url in half.err
        chinese = place("run", "mail/edits.csv", "--yes", "--lang", "zh")
        assert chinese.code == 2 and "凭证会被发到该地址" in chinese.err
        assert theirs.calls == ours.calls == []
        # ways out: whoever names the address or the file has seen it
        assert place("run", "mail/edits.csv", "--yes", "--base-url", ours.url).code == 0
        assert place("run", "mail/edits.csv", "--yes", "--new", "--config", "mail/config.yaml").code == 0
        assert len(ours.calls) == 2 and len(theirs.calls) == 2


def test_a_file_beside_the_sheet_with_credentials_of_its_own_goes_where_it_says(tmp_path: Path) -> None:
    with Crm() as crm:
        place = Place(tmp_path, crm.url)
        del place.command.env["BATCH_EDITOR_API__BASE_URL"]
        place.put(place.mail / "config.yaml", api=place.settings["api"] | {"access_token": "of-the-file"})
        assert place("run", "mail/edits.csv", "--yes", WSHOTO_ACCESS_TOKEN="").code == 0


# --- going on


def test_what_is_to_be_typed_next_works_as_it_is_printed(tmp_path: Path) -> None:
    with Crm() as crm:
        place = Place(tmp_path, crm.url)
        place.put(place.mail / "config.yaml", rate={"concurrency": 1}, state_dir=str(tmp_path / "elsewhere"))
        del place.command.env["BATCH_EDITOR_STATE_DIR"]
        first = place("run", "mail/edits.csv", "--limit", "1")
        (typed,) = [line.split() for line in first.out.splitlines() if line.strip().startswith("batch-editor resume ")]
        assert typed[-2:] == ["--config", os.path.join("mail", "config.yaml")]  # noqa: PTH118  # as it is typed
        done = place(*typed[1:])
    assert done.code == 0 and jobs.statuses(place.mail / "edits.results.xlsx") == ["updated", "updated"]


@pytest.mark.parametrize("command", ["resume", "results", "show", "undo"])
def test_a_run_is_gone_on_with_by_the_settings_beside_its_sheet(tmp_path: Path, command: str) -> None:
    """Also without --config: what other messages tell to type holds no option."""
    with Crm() as crm:
        place = Place(tmp_path, crm.url)
        place.put(place.mail / "config.yaml", lang="zh")
        run = place("run", "mail/edits.csv", "--limit", "1", "--json").json["run"]
        done = place(command, run)
    assert CJK.search(done.output), "the settings say zh"
    assert done.code == (2 if command == "undo" else 0)  # whose old values were not read


def test_a_run_that_nobody_knows_says_where_the_settings_were_looked_for(place: Place) -> None:
    done = place("show", "20260101-000000-aaaa")
    assert done.code == 2 and f"There is no config.yaml in this folder ({place.here})." in done.err


@pytest.mark.parametrize("headings", ["线索ID,客户等级", "编号,备注"])
def test_headings_that_the_settings_may_explain_say_where_they_were_looked_for(place: Place, headings: str) -> None:
    jobs.text_file(place.mail / "edits.csv", f"{headings}\n11,A类\n")
    jobs.text_file(place.mail / "config.yaml.txt", "lang: zh\n")
    done = place("check", "mail/edits.csv")
    assert done.code == 2 and "nor beside the sheet" in done.err and "config.yaml.txt is there, but is not read" in done.err
    place.put(place.here / "config.yaml")
    assert "Where the settings were looked for" not in place("check", "mail/edits.csv").err


# --- none, and one with another name


def test_no_settings_are_told_in_the_preview_and_with_a_missing_token(place: Place) -> None:
    shown = place("check", "mail/edits.csv").out
    line = f"Settings: none. There is no config.yaml in this folder ({place.here}), nor beside the sheet ({place.mail})."
    assert line in shown.splitlines()
    for options in ([], ["--quiet"], ["--json"]):
        done = place("run", "mail/edits.csv", *options, WSHOTO_ACCESS_TOKEN="")
        assert done.code == 2 and line in done.err and (options != ["--json"] or line in done.json["error"])
    chinese = place("run", "mail/edits.csv", "--lang", "zh", WSHOTO_ACCESS_TOKEN="")
    assert f"当前文件夹（{place.here}）和表格所在的文件夹（{place.mail}）中都没有 config.yaml" in chinese.err
    assert "Settings:" not in place("check", "mail/edits.csv", "--quiet").output, "that there is none is no warning"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "config.yaml.txt",
            "Config.YAML.TXT",
            "config.yml",
            "config.yml.txt",
            "Config.YAML",
            "CONFIG.yaml",
            "config.yaml.yaml",
        ),
        *("config.yaml.yml", "config(1).yaml", "config (1).yaml", "config - 副本.yaml", "config - Copy.yaml", "config.yaml "),
        *("ｃｏｎｆｉｇ.yaml", "config．yaml", "config。yaml", " config.yaml", "config2.yaml"),
    ],
)
@pytest.mark.parametrize("folder", ["here", "mail"])
def test_a_file_with_nearly_that_name_is_named(place: Place, folder: str, name: str) -> None:
    jobs.text_file(getattr(place, folder) / name, "lang: zh\n")
    path = Path(name) if folder == "here" else Path("mail") / name
    for words in (["check", "mail/edits.csv"], ["check", "mail/edits.csv", "--quiet"], ["check", "mail/edits.csv", "--json"]):
        done = place(*words)
        assert f"{path} is there, but is not read: rename it to config.yaml" in done.output
    assert f"有文件 {path}，但不会被读取" in place("run", "mail/edits.csv", "--lang", "zh", WSHOTO_ACCESS_TOKEN="").err
    assert ("Windows hides the .txt" in done.output) == name.lower().endswith(".txt")


def test_a_file_with_nearly_that_name_is_told_though_the_one_beside_the_sheet_is_read(place: Place) -> None:
    jobs.text_file(place.here / "config.yaml.txt", "lang: zh\n")
    place.put(place.mail / "config.yaml")
    shown = place("check", "mail/edits.csv").out
    assert "Settings: mail/config.yaml\n" in shown and "config.yaml.txt is there, but is not read" in shown


def test_the_example_is_named_only_where_there_is_nothing_else(place: Place) -> None:
    jobs.text_file(place.mail / "config.example.yaml", "lang: zh\n")
    assert "copy it to config.yaml" in place("check", "mail/edits.csv").out
    jobs.text_file(place.here / "config.yml", "lang: zh\n")
    assert "copy it to config.yaml" not in place("check", "mail/edits.csv").out


@pytest.mark.parametrize(
    "name", ["config.json", "configs.yaml", "my-config.yaml", "config.yaml.bak", "config.yaml~", "edits.yaml"]
)
def test_other_files_are_not_named(place: Place, name: str) -> None:
    jobs.text_file(place.here / name, "lang: zh\n")
    assert name not in place("check", "mail/edits.csv").output


def test_a_folder_or_a_link_that_leads_nowhere_is_refused_and_not_passed_over(place: Place) -> None:
    place.put(place.mail / "config.yaml")
    (place.here / "config.yaml").mkdir()
    folder = place("check", "mail/edits.csv")
    assert folder.code == 2 and "config.yaml" in folder.err and "folder" in folder.err
    (place.here / "config.yaml").rmdir()
    (place.here / "config.yaml").symlink_to(place.here / "nowhere")
    assert place("check", "mail/edits.csv").code == 2


def test_what_is_no_file_has_no_folder(place: Place) -> None:
    done = place("check", "-")
    assert "nor beside" not in done.output
    assert place("check", "nowhere/edits.csv").code == 2


def test_a_template_is_made_by_the_settings_beside_it(place: Place) -> None:
    place.put(place.mail / "config.yaml", defaults=DEFAULTS)
    done = place("template", "mail/new.xlsx")
    assert done.code == 0 and "batch-editor check" in done.out and "--config mail/config.yaml" in done.out
    assert "Settings: mail/config.yaml" in done.err
