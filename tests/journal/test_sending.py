"""A stop that comes from elsewhere: from another process, or another part of this one, than whoever drives the run."""

from __future__ import annotations

from pathlib import Path

from support.dispatching import new_run

from batch_editor.journal.journal import Journal
from batch_editor.journal.server import Server
from batch_editor.model import RunState


def test_whoever_drives_a_run_learns_that_it_is_to_stop(address: Path | Server) -> None:
    with Journal(address) as driving, Journal(address) as elsewhere:
        run, other = new_run(driving, [11]), new_run(driving, [12])
        sending = driving.of(run).sending
        driving.of(run).set_state(RunState.SENDING)
        assert not sending.stop_asked()
        elsewhere.of(run).ask_to_stop()
        assert sending.stop_asked() and elsewhere.run(run).stop_asked
        assert not driving.of(other).sending.stop_asked()
        driving.of(run).set_state(RunState.SENDING)
        assert sending.stop_asked(), "it is not gone on with before it has stopped"


def test_a_run_that_is_gone_on_with_is_not_asked_any_more(address: Path | Server) -> None:
    """Neither where it has stopped as it was asked to, nor where its process ended before that."""
    for state in (RunState.SENDING, RunState.STOPPED):
        with Journal(address) as journal:
            run = new_run(journal, [11])
            journal.of(run).ask_to_stop()
            journal.of(run).set_state(state)
        with Journal(address) as journal:
            journal.claim(run)
            assert not journal.of(run).sending.stop_asked()
