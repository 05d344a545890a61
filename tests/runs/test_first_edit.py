"""The proof against the sandbox: tenants that do not keep to the reference are stopped after one clue, the others are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import Commands
from support.records import EDIT, INFO, calls, clues_of, touched

import batch_editor
from batch_editor import Report, Settings, job
from batch_editor.cli.preview_text import preview_lines
from batch_editor.errors import Refused
from batch_editor.events import Event, Notice, SendProgress
from batch_editor.messages import say
from batch_editor.model import Message
from batch_editor.runs.preview import Preview
from batch_editor.sandbox import Sandbox
from batch_editor.stop import Stop

pytestmark = pytest.mark.usefixtures("results_as_csv")

OLD_CHOICE, NEW_CHOICE = "1539179902926138369", "1539179902926138371"  # no double holds either
SOURCE = {"mf_source": {"title": "来源", "type": "single", "options": {"网站": OLD_CHOICE, "门店": NEW_CHOICE}}}
WEEKDAY = 631123200  # 1990-01-01 in China
#: Thirty clues in which every field stands that a careless CRM could clear.
CLUES = [
    {"clue_id": clue, "remark": "old", "address": "there", "label": "a,b", "birthday": WEEKDAY, "gender": "0"}
    | {"email": "a@example.com", "clue_corp_name": "corp", "field_map": {"mf_source": OLD_CHOICE, "mf_other": "other"}}
    for clue in range(11, 41)
]
HEADINGS = "clue_id,remark,birthday,mf_source"


def sheet(folder: Path, rows: int = 30, first: int = 11) -> Path:
    lines = [f"{clue},new {clue},1988-07-01,门店" for clue in range(first, first + rows)]
    return jobs.text_file(folder / "edits.csv", "\n".join([HEADINGS, *lines]) + "\n")


def proving(folder: Path, crm: Sandbox, **over: Any) -> Settings:
    return jobs.settings(folder, crm.url, **jobs.merged({"prove": True, "custom_fields": SOURCE}, over))


def tenant(**options: Any) -> Sandbox:
    return Sandbox(CLUES, access_token=jobs.TOKEN, choice_custom=["mf_source"], **options)


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with tenant() as running:
        yield running


def said(message: Message | None) -> str:
    return say(message, "en") if message else ""


class Watching:
    """What a run tells besides its report."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Notice):
            self.told.append(said(event.message))


def run(path: Path, given: Settings, **options: Any) -> tuple[Report, str]:
    watching = Watching()
    return batch_editor.run(path, given, on_event=watching, **options), "\n".join(watching.told)


# --- what it is for

QUIRKS: dict[str, list[str]] = {
    "ignores-list": ["详细地址 (address): expected there, found (empty)", "mf_other: expected other, found (empty)"],
    "clears-unsent": ["邮箱 (email): expected a@example.com, found (empty)", "标签 (label): expected a, b, found (empty)"],
    "rounds-ids": [f"来源 (mf_source): expected 门店, found {int(float(NEW_CHOICE))}"],
    "shifts-birthdays": ["生日 (birthday): expected 1988-07-01, found 1988-06-30"],
}


@pytest.mark.parametrize("how", ["alone", "snapshot", "attended", "command"])
@pytest.mark.parametrize("quirk", QUIRKS)
def test_a_tenant_that_does_damage_is_stopped_after_one_clue(tmp_path: Path, quirk: str, how: str) -> None:
    with tenant(quirks=[quirk]) as crm:
        before, given, path = crm.clues(), proving(tmp_path, crm), sheet(tmp_path)
        if how == "command":
            done = Commands(tmp_path, crm.url, custom_fields=SOURCE)("run", "edits.csv", "--prove", "--json")
            code, told, results, updated, not_sent = (
                done.code,
                done.err,
                *(done.json[k] for k in ("results", "updated", "not_sent")),
            )
        else:
            report, _ = run(path, given, snapshot=how == "snapshot", attended=how == "attended")
            code, told, results = report.exit_code, said(report.halted), report.results
            updated, not_sent = report.counts["updated"], report.counts["not_sent"]
        assert touched(crm, before) == [11] and clues_of(crm, EDIT) == [11]
    assert (code, updated, not_sent) == (3, 1, 29)
    assert "(row 2, clue 11)" in told and "The other edits were not sent" in told
    for line in QUIRKS[quirk]:
        assert line in told
    assert jobs.statuses(Path(results)) == ["updated"] + ["not_sent"] * 29


def test_each_damage_is_told_and_nothing_else(tmp_path: Path) -> None:
    """What the sheet has set as it should is no line of the proof."""
    with tenant(quirks=["shifts-birthdays"]) as crm:
        report, _ = run(sheet(tmp_path), proving(tmp_path, crm))
    assert [line.strip() for line in said(report.halted).splitlines() if "expected" in line] == QUIRKS["shifts-birthdays"]


@pytest.mark.parametrize("options", [{}, {"snapshot": True}, {"only_changed": True}, {"attended": True, "snapshot": True}])
def test_a_tenant_that_keeps_to_the_reference_is_sent_everything(tmp_path: Path, crm: Sandbox, options: dict[str, Any]) -> None:
    report, told = run(sheet(tmp_path), proving(tmp_path, crm), **options)
    assert (report.exit_code, report.counts["updated"], report.halted) == (0, 30, None)
    assert "The first edit (row 2) was read back: it did what it says, and nothing else." in told
    assert len(calls(crm, EDIT)) == 30 and clues_of(crm, EDIT)[0] == 11
    order = [request.path for request in crm.requests]
    first = order.index(EDIT)
    assert order[first + 1] == INFO, "read back before anything else is sent"
    assert len(calls(crm, INFO)) == (2 if not options or options == {"attended": True} else 31)


def test_a_sheet_with_every_kind_of_field_is_proved(tmp_path: Path) -> None:
    """Fields that cannot be read, tags, choices, cleared and filled ones: what the CRM makes of them refutes nothing."""
    from support.records import World

    for seed in range(6):
        folder = tmp_path / str(seed)
        folder.mkdir()
        world = World(folder, 3, f"proof {seed}")
        with world.sandbox() as crm:
            report, told = run(world.path, world.settings(folder, crm, prove=True))
            assert (report.exit_code, report.halted) == (0, None) and "was read back" in told
            assert crm.clues() == world.edited


# --- where nothing can be proved


def test_where_clues_may_not_be_read_that_is_told_and_everything_is_sent(tmp_path: Path) -> None:
    with tenant(quirks=["no-reading"]) as crm:
        report, told = run(sheet(tmp_path), proving(tmp_path, crm))
        assert len(calls(crm, EDIT)) == 30 and len(calls(crm, INFO)) == 1
    assert (report.exit_code, report.counts["updated"]) == (0, 30)
    assert "The first edit (row 2) cannot be proved, since the CRM does not show its clue." in told


def test_a_first_clue_that_the_crm_does_not_know_proves_nothing_and_the_next_one_is_taken(tmp_path: Path, crm: Sandbox) -> None:
    report, told = run(sheet(tmp_path, 5, first=9), proving(tmp_path, crm))
    assert jobs.statuses(report.results) == ["rejected", "rejected", "updated", "updated", "updated"] and report.exit_code == 1
    assert "The first edit (row 4) was read back" in told


@pytest.mark.parametrize("snapshot", [False, True])
def test_rejected_rows_are_passed_over_until_one_can_be_proved(tmp_path: Path, snapshot: bool) -> None:
    faults = ["code=7@1", "data-false@2", "400@3"]
    with tenant(quirks=["shifts-birthdays"], faults=faults) as crm:
        before = crm.clues()
        report, _ = run(sheet(tmp_path, 10), proving(tmp_path, crm), snapshot=snapshot)
        assert touched(crm, before) == [14]
    assert jobs.statuses(report.results) == ["rejected"] * 3 + ["updated"] + ["not_sent"] * 6
    assert report.exit_code == 3 and "(row 5, clue 14)" in said(report.halted)


def test_rows_that_turn_out_to_be_equal_are_passed_over(tmp_path: Path) -> None:
    with tenant(quirks=["ignores-list"]) as crm:
        before = crm.clues()
        path = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark\n11,old\n12,old\n13,new\n14,new\n")
        report, _ = run(path, proving(tmp_path, crm), only_changed=True)
        assert touched(crm, before) == [13] and clues_of(crm, INFO) == [11, 12, 13, 13, 13]
    assert jobs.statuses(report.results) == ["unchanged", "unchanged", "updated", "not_sent"] and report.exit_code == 3


def test_when_every_row_is_rejected_the_run_ends_as_ever(tmp_path: Path) -> None:
    with tenant(faults=["code=7"]) as crm:
        report, told = run(sheet(tmp_path, 4), proving(tmp_path, crm))
        assert len(calls(crm, EDIT)) == 4
    assert (report.exit_code, report.counts["rejected"], report.halted, told) == (1, 4, None, "")


@pytest.mark.parametrize("fault", ["read:500@2-99", "read:code=7@2-99", "read:lost-before@2-99"])
def test_it_halts_when_the_clue_can_no_longer_be_read(tmp_path: Path, fault: str) -> None:
    """It was read before: only the reading back has no answer, at any attempt, or a refusal."""
    with tenant(faults=[fault]) as crm:
        before = crm.clues()
        report, _ = run(sheet(tmp_path), proving(tmp_path, crm))
        assert touched(crm, before) == [11]
    assert (report.exit_code, report.counts["updated"], report.counts["not_sent"]) == (3, 1, 29)
    assert "The first edit" not in said(report.halted) and "the first edit (row 2) could not be proved" in said(report.halted)


@pytest.mark.parametrize("snapshot", [False, True])
def test_it_halts_when_the_first_edit_is_not_answered(tmp_path: Path, snapshot: bool) -> None:
    with tenant(faults=["500@1-2"]) as crm:
        before = crm.clues()
        report, _ = run(sheet(tmp_path), proving(tmp_path, crm), snapshot=snapshot)
        assert touched(crm, before) == [] and clues_of(crm, EDIT) == [11, 11]
    assert (report.exit_code, report.counts["failed"], report.counts["not_sent"]) == (3, 1, 29)


def test_it_halts_when_the_record_cannot_be_understood(tmp_path: Path) -> None:
    with tenant(info_extra={"birthday": "soon"}) as crm:
        report, _ = run(sheet(tmp_path), proving(tmp_path, crm))
        assert calls(crm, EDIT) == []
    assert (report.exit_code, report.counts["not_sent"]) == (3, 30)
    assert "clue 11 cannot be understood" in said(report.halted) and '"soon"' in said(report.halted)


# --- when it is made


@pytest.mark.parametrize(
    ("rows", "attended", "prove", "proves"),
    [
        (21, True, None, True),
        (20, True, None, False),
        (21, False, None, False),
        (1, True, True, True),
        (1, False, True, True),
        (30, True, False, False),
    ],
)
def test_when_the_first_edit_is_proved(
    tmp_path: Path, crm: Sandbox, rows: int, attended: bool, prove: bool | None, proves: bool
) -> None:
    shown = list[Preview]()
    given = proving(tmp_path, crm, prove=prove, snapshot=False)
    report, told = run(sheet(tmp_path, rows), given, attended=attended, confirm=lambda preview: not shown.append(preview))
    assert report.exit_code == 0 and len(calls(crm, INFO)) == (2 if proves else 0) and ("was read back" in told) == proves
    lines = [say(line, "en") for line in preview_lines(shown[0])]
    assert ("The first edit is sent alone and read back; the others follow if it is right." in lines) == proves


@pytest.mark.parametrize("again", ["resume", "attended"])
@pytest.mark.parametrize("prove", [True, None])
def test_after_a_refuted_proof_going_on_proves_again(tmp_path: Path, again: str, prove: bool | None) -> None:
    """Whoever goes on without having mended the tenant loses one more clue, and not all the others: of 21 edits 20 are left,
    which nobody would prove otherwise."""
    with tenant(quirks=["clears-unsent"]) as crm:
        before, given, path = crm.clues(), proving(tmp_path, crm, prove=prove), sheet(tmp_path, 21)
        first, _ = run(path, given, attended=True)
        assert (first.exit_code, touched(crm, before)) == (3, [11])
        second = batch_editor.resume(first.run or "", given, attended=again == "attended")
        assert second.run == first.run and second.exit_code == 3 and touched(crm, before) == [11, 12]
    assert "(row 3, clue 12)" in said(second.halted)


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("again", [{}, {"prove_only": True}])
def test_the_same_command_once_more_sends_nothing_after_a_refuted_proof(
    tmp_path: Path, alone: bool, again: dict[str, Any]
) -> None:
    """A nightly job would spoil one more clue each night; and tried again on the clue that is spoilt, a proof finds nothing."""
    with tenant(quirks=["clears-unsent"]) as crm:
        before, given, path = crm.clues(), proving(tmp_path, crm), sheet(tmp_path, 21)
        first, _ = run(path, given, prove_only=alone)
        assert (first.exit_code, touched(crm, before)) == (3, [11])
        for told in ["was not put back", "did not prove right"] if alone else ["did not prove right"] * 2:
            with pytest.raises(Refused, match=told):
                run(path, given, **again)
            if alone and told == "was not put back":
                batch_editor.undo(first.run or "", given)
        assert touched(crm, before) == [11]
        assert run(path, given, new=True, **again)[0].run != first.run, "whoever says so has looked"


def test_a_proof_that_is_not_put_back_is_put_back_before_the_sheet_is_sent(tmp_path: Path, crm: Sandbox) -> None:
    """It was broken off in between: a proof of what it has left there would put that back."""
    before, given, path, stop = crm.clues(), proving(tmp_path, crm), sheet(tmp_path), Stop()

    def on_event(event: Event) -> None:
        if isinstance(event, Notice) and event.message.key == "proof.given":
            stop.ask()

    broken = batch_editor.run(path, given, prove_only=True, on_event=on_event, stop=stop)
    assert broken.exit_code == 3 and touched(crm, before) == [11] and broken.put_back and broken.put_back.left == 1
    for options in ({}, {"prove_only": True}):
        with pytest.raises(Refused, match=f"batch-editor undo {broken.run}"):
            run(path, given, **options)
    batch_editor.undo(broken.run or "", given)
    assert crm.clues() == before and run(path, given, prove_only=True)[0].exit_code == 0


def test_after_a_proof_that_was_broken_off_going_on_proves(tmp_path: Path) -> None:
    """Somebody presses Ctrl-C when the first edit is confirmed and not read back yet; of 21 edits 20 are left."""
    with tenant(quirks=["clears-unsent"]) as crm:
        before, given, stop = crm.clues(), proving(tmp_path, crm, prove=None), Stop()

        def on_event(event: Event) -> None:
            if isinstance(event, SendProgress) and event.done:
                stop.ask()

        first = batch_editor.run(sheet(tmp_path, 21), given, attended=True, on_event=on_event, stop=stop)
        assert (first.exit_code, touched(crm, before)) == (3, [11])
        assert said(first.halted) == "Stopped on request, before the first edit was proved."
        second = batch_editor.resume(first.run or "", given)
        assert second.exit_code == 3 and touched(crm, before) == [11, 12]
    assert "(row 3, clue 12)" in said(second.halted)


def test_after_a_refuted_proof_it_goes_on_once_all_is_well(tmp_path: Path) -> None:
    with tenant(info_extra={"email": "b@example.com"}) as crm:
        first, _ = run(sheet(tmp_path), proving(tmp_path, crm))
        assert first.exit_code == 0, "what is shown in the same way before and after refutes nothing"
    with tenant(quirks=["shifts-birthdays"]) as crm:
        given = proving(tmp_path, crm)
        first, _ = run(sheet(tmp_path), given)
        crm._quirks = frozenset()
        second = batch_editor.resume(first.run or "", given)
        assert second.run == first.run and (second.exit_code, second.counts["updated"]) == (0, 30)
        assert len(calls(crm, EDIT)) == 30


# --- the proof alone


def test_the_proof_alone_puts_the_clue_back_and_is_nothing_to_go_on_with(tmp_path: Path, crm: Sandbox) -> None:
    before, given, path = crm.clues(), proving(tmp_path, crm, prove=None), sheet(tmp_path)
    proof, told = run(path, given, prove_only=True)
    assert crm.clues() == before and clues_of(crm, EDIT) == [11, 11]
    assert (proof.exit_code, proof.halted, proof.results) == (0, None, None) and proof.put_back and proof.left == 0
    assert proof.put_back.counts["updated"] == 1 and "was read back" in told and [*tmp_path.glob("edits.*")] == [path]
    with pytest.raises(Refused) as refused:
        batch_editor.resume(proof.run or "", given)
    assert "was for the proof of one edit" in str(refused.value)
    report, _ = run(path, given)
    assert report.run != proof.run and (report.exit_code, report.counts["updated"]) == (0, 30)
    assert report.results == tmp_path / "edits.results.csv"
    again, _ = run(path, given, prove_only=True, output=tmp_path / "proof.csv")
    assert not again.preview.circumstances.repeats, "that it was sent and put back before is no reason to warn"
    assert jobs.statuses(again.results) == ["updated"] + ["not_sent"] * 29


def test_the_proof_alone_does_not_go_on_with_a_run_that_stopped(tmp_path: Path, crm: Sandbox) -> None:
    before, given, path = crm.clues(), proving(tmp_path, crm, prove=None), sheet(tmp_path)
    first, _ = run(path, given, limit=2)
    proof, _ = run(path, given, prove_only=True)
    assert proof.run != first.run and proof.exit_code == 0 and touched(crm, before) == [11, 12]
    second, _ = run(path, given)
    assert second.run == first.run and second.counts["updated"] == 30
    with job.open_journal(given) as journal:
        assert len(journal.runs()) == 3


def test_guards_do_not_stand_in_the_way_of_what_is_put_back(tmp_path: Path) -> None:
    """The sheet has passed them; of the one row that puts back an empty field they would all make something else."""
    with Sandbox([{"clue_id": 11}, {"clue_id": 12}], access_token=jobs.TOKEN) as crm:
        before = crm.clues()
        given = jobs.settings(tmp_path, crm.url, guards={"min_rows": 2, "max_clears": 0})
        proof, _ = run(jobs.sheet(tmp_path, [11, 12]), given, prove_only=True)
        assert crm.clues() == before and len(calls(crm, EDIT)) == 2
    assert (proof.exit_code, proof.halted) == (0, None) and proof.put_back


def test_nothing_is_sent_for_the_proof_alone_where_clues_may_not_be_read(tmp_path: Path) -> None:
    with tenant(quirks=["no-reading"]) as crm:
        proof, _ = run(sheet(tmp_path), proving(tmp_path, crm), prove_only=True)
        assert clues_of(crm, EDIT) == []
    assert (proof.exit_code, proof.counts["not_sent"], proof.put_back) == (3, 30, None)
    assert said(proof.halted).startswith("Nothing was sent: the edit of row 2 could neither be proved nor put back")


def test_a_first_row_that_is_refused_proves_nothing_alone_and_the_next_one_is_taken(tmp_path: Path) -> None:
    with tenant(faults=["code=7@1"]) as crm:
        before = crm.clues()
        proof, told = run(sheet(tmp_path), proving(tmp_path, crm), prove_only=True)
        assert clues_of(crm, EDIT) == [11, 12, 12] and crm.clues() == before
    assert (proof.exit_code, proof.counts["updated"], proof.counts["rejected"]) == (0, 1, 1) and "was read back" in told


def test_a_field_that_cannot_be_read_is_told_where_the_others_are_put_back(tmp_path: Path, crm: Sandbox) -> None:
    before = crm.clue(11)
    path = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark,uin\n11,new,u\n")
    proof, _ = run(path, proving(tmp_path, crm), prove_only=True)
    assert proof.exit_code == 1 and proof.put_back and crm.clue(11) == before | {"uin": "u"}


def test_an_edit_that_cannot_be_put_back_is_told_as_one_that_was_sent(tmp_path: Path) -> None:
    with tenant() as crm:
        path = jobs.text_file(tmp_path / "edits.csv", "clue_id,uin\n11,new\n12,new\n")
        proof, _ = run(path, proving(tmp_path, crm), prove_only=True)
        assert clues_of(crm, EDIT) == [11] and crm.clue(11)["uin"] == "new"
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--prove-only")
    assert (proof.exit_code, proof.counts["updated"], proof.put_back) == (1, 1, None)
    assert f"NOT put back, since no value from before is known; the run {proof.run}" in said(proof.halted)
    assert done.code == 1 and "NOT put back" in done.err and "othing was sent" not in done.output


@pytest.mark.parametrize("quirk", QUIRKS)
def test_the_proof_alone_of_a_tenant_that_does_damage(tmp_path: Path, quirk: str) -> None:
    """Exit 3, and nothing is put back by a tenant that has just shown what it does with an edit."""
    with tenant(quirks=[quirk]) as crm:
        before = crm.clues()
        proof, _ = run(sheet(tmp_path), proving(tmp_path, crm), prove_only=True)
        assert touched(crm, before) == [11] and clues_of(crm, EDIT) == [11]
        report, _ = run(sheet(tmp_path), proving(tmp_path, crm, prove=False), new=True)
        assert report.run != proof.run
        assert report.preview.circumstances.earlier is None, "nothing was begun that could be gone on with"
    assert (proof.exit_code, proof.put_back, proof.results) == (3, None, None)
    assert all(line in said(proof.halted) for line in QUIRKS[quirk])


def test_what_the_command_says_of_the_proof_alone(tmp_path: Path, crm: Sandbox) -> None:
    sheet(tmp_path)
    command = Commands(tmp_path, crm.url, custom_fields=SOURCE)
    done = command("run", "edits.csv", "--prove-only")
    assert done.code == 0 and "was read back" in done.err and "put back" in done.out
    assert "resume" not in done.output and [*tmp_path.glob("edits.*")] == [tmp_path / "edits.csv"]
    machine = command("run", "edits.csv", "--prove-only", "--json")
    assert (machine.json["exit_code"], machine.json["updated"], machine.json["not_sent"]) == (0, 1, 29)
    assert crm.clues() == {clue["clue_id"]: crm.clue(clue["clue_id"]) for clue in CLUES} and remark(crm) == "old"  # type: ignore[call-overload]


def remark(crm: Sandbox) -> object:
    return crm.clue(11)["remark"]
