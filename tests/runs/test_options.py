"""The options of a run as the journal keeps them: those of today, of an older version, and of a newer one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from support import jobs

import batch_editor
from batch_editor.errors import SettingsError
from batch_editor.runs.options import RunOptions, key_names
from batch_editor.sandbox import Sandbox

ALL = RunOptions(
    edit_keys=("remark", "email"),
    only_failed=True,
    limit=3,
    strict=True,
    visible_only=True,
    heading_row=2,
    left_out=(3, 5),
    named=((1, "备注"),),
    hidden_rows=2,
    output="/x.csv",
    only_changed=True,
    tags="add",
    snapshot=True,
    prove_only=True,
    undo="20261124-093000-7f3a",
    force=True,
)
NONE = RunOptions()


@pytest.mark.parametrize("options", [ALL, NONE], ids=["all", "none"])
def test_what_is_kept_comes_back(options: RunOptions) -> None:
    stored = options.as_json()
    assert RunOptions.from_json(stored) == options
    assert stored["edit"] == list(options.edit_keys) and len(stored) == len(dataclasses.fields(RunOptions))


@pytest.mark.parametrize("stored", [{}, {"edit": None}, {"edit": [], "of a version to come": 1}])
def test_what_an_older_or_a_newer_version_has_kept_is_read(stored: dict[str, object]) -> None:
    assert RunOptions.from_json(stored) == NONE


def test_what_version_2_has_kept_is_read() -> None:
    stored = {"edit": ["remark"], "only_failed": True, "limit": 5, "strict": True, "output": "/x.csv"}
    assert RunOptions.from_json(stored) == RunOptions(
        edit_keys=("remark",), only_failed=True, limit=5, strict=True, output="/x.csv"
    )


SHAPING = (
    "edit_keys",
    "only_failed",
    "visible_only",
    "heading_row",
    "left_out",
    "named",
    "only_changed",
    "tags",
    "snapshot",
    "prove_only",
)


@pytest.mark.parametrize("name", [option.name for option in dataclasses.fields(RunOptions)])
def test_two_runs_go_on_with_each_other_if_their_options_make_the_same_of_a_row(name: str) -> None:
    one_differs = dataclasses.replace(NONE, **{name: getattr(ALL, name)})
    assert (one_differs.shape != NONE.shape) == (name in SHAPING)


def test_a_single_key_is_one_key() -> None:
    assert key_names("remark") == key_names(["remark"]) == ("remark",)
    assert key_names([]) == ()


@pytest.mark.parametrize("tags", ["ADD", "replace", "", " add"])
def test_tags_that_are_neither_of_the_two_words_are_refused_and_never_removed(tags: str, tmp_path: Path) -> None:
    records = [{"clue_id": 101, "label": "etvvCXcAAAZHYVzWCdeC"}]
    with Sandbox(records, access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url)
        for ask in (batch_editor.run, batch_editor.check, batch_editor.diff, batch_editor.plan):
            with pytest.raises(SettingsError, match=f'and not "{tags}"'):
                ask(records, given, tags=tags)  # type: ignore[operator]
        assert crm.requests == []
