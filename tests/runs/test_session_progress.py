"""The progress of a session whose edits are sent by several groups of senders, one after the other: it is told as one."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import jobs

from batch_editor import job
from batch_editor.events import Event, SendProgress
from batch_editor.sandbox import Sandbox
from batch_editor.states import WaitReason

pytestmark = pytest.mark.usefixtures("results_as_csv")


def test_the_proof_and_the_rest_are_told_as_one(tmp_path: Path) -> None:
    told: list[SendProgress] = []

    def note(event: Event) -> None:
        if isinstance(event, SendProgress):
            told.append(event)

    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True) as crm:
        given = jobs.settings(tmp_path, crm.url, prove=True)
        report = job.run(jobs.sheet(tmp_path, range(101, 111)), given, on_event=note)
    assert report.counts["updated"] == 10
    assert {event.total for event in told} == {10}
    assert [event.done for event in told] == sorted(event.done for event in told)
    assert told[-1] == SendProgress(10, 10, {"updated": 10})
    (proving,) = [event for event in told if event.waiting and event.waiting.reason is WaitReason.PROOF]
    assert proving.done == 1 and proving.counts == {"updated": 1}
