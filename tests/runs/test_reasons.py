"""The words by which programs tell causes apart: every error of the package has one, and every one is explained."""

from __future__ import annotations

import ast
import errno
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.reference import TEXTS
from test_house import FILES, PACKAGE, parsed

import batch_editor
from batch_editor import errors
from batch_editor.crm.attempts import Attempted, Interrupted
from batch_editor.errors import BatchEditorError, CrmDown, GuardTripped, Halted, Refused, SettingsError
from batch_editor.messages import TEXTS as MESSAGES
from batch_editor.model import HaltReason, Message, RunState, Stoppage
from batch_editor.runs import reasons
from batch_editor.runs.reasons import is_disk_full, not_asked, reason_of, word_of
from batch_editor.runs.results import nothing_sent

KINDS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, BatchEditorError)}
#: Where keys come from that errors are made with elsewhere.
SOURCES_OF_KEYS = ("crm/verdicts.py",)
#: The families, and the one key, of texts in the modules that make errors of keys which cannot be seen, and that are no errors.
NO_ERRORS = ("delimiter.", "encoding.", "failed.answer", "kind.", "note.", "notice.", "preview.", "progress.")
NO_ERRORS += ("refusal.", "rejected.", "reply.")


def constants(node: ast.expr) -> list[str] | None:
    """The keys that an expression may be; None where that cannot be seen."""
    match node:
        case ast.Constant(value=str(key)):
            return [key]
        case ast.IfExp():
            both = constants(node.body), constants(node.orelse)
            return None if None in both else [key for keys in both for key in keys or ()]
    return None


@cache
def made_errors() -> tuple[set[tuple[str, str]], set[Path]]:
    """The kinds and keys of all errors that the code makes, and the modules in which not all keys can be seen."""
    known, unseen = set[tuple[str, str]](), {PACKAGE / name for name in SOURCES_OF_KEYS}
    for path in FILES:
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            arguments = node.args
            if name not in {*KINDS, "suppress"} and isinstance(node.args[0], ast.Name) and node.args[0].id in KINDS:
                name, arguments = node.args[0].id, node.args[1:]  # the store makes errors of a kind that it is handed
            if name in KINDS and arguments:
                keys = constants(arguments[0])
                known |= {(name, key) for key in keys or ()}
                unseen |= set() if keys is not None else {path}
    return known, unseen


def keys_within(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in MESSAGES:
            yield node.value


def words_of_code() -> set[str]:
    """All words that an error or a report can have, but for those of guards."""
    words = {*reasons._OF_FAMILIES.values(), *reasons._OF_KEYS.values(), reasons.USAGE, reasons.CRASH, reasons.ROWS}
    words |= {reasons.TO_MEND, reasons.NOT_DELIVERED}
    return words | {word_of(Stoppage(reason, Message("verbatim"))) for reason in HaltReason}


def test_every_error_of_the_code_has_a_word() -> None:
    known, unseen = made_errors()
    assert len(known) > 200 and all(key in MESSAGES for _, key in known)
    assert {name for name, _ in known} >= {"Refused", "SettingsError", "SheetError", "Halted", "UnderWay", "TokenRefused"}
    known |= {("Refused", key) for path in unseen for key in keys_within(path) if not key.startswith(NO_ERRORS)}
    assert not {key for name, key in known if reason_of(made(KINDS[name], key)) == reasons.OTHER}


def made(kind: type[BatchEditorError], key: str) -> BatchEditorError:
    return GuardTripped(key) if key.startswith("guard.") else kind(key)


def test_every_word_is_explained_and_nothing_else_is() -> None:
    assert words_of_code() | {"guard.…", "clues"} == TEXTS["reasons"].keys()


def test_every_kind_of_halt_has_a_word_of_its_own() -> None:
    words = {reason: word_of(Stoppage(reason, Message("verbatim"))) for reason in HaltReason}
    assert words[HaltReason.ASKED] == "interrupted" and words[HaltReason.PATIENCE] == "too_fast"
    assert words[HaltReason.CRM_DOWN] == "crm_down" and words[HaltReason.UNTIL] == "until"
    assert len(set(words.values())) == len(words)


@pytest.mark.parametrize(
    ("error", "word", "code"),
    [
        (GuardTripped("guard.max_clears", number=3, most=2), "guard.max_clears", 2),
        (SettingsError("settings.no_credentials"), "credentials", 2),
        (SettingsError("journal.newer", path="j"), "journal_newer", 2),
        (SettingsError("journal.locked", path="j"), "journal_locked", 2),
        (Halted("journal.locked", path="j"), "journal_locked", 3),
        (CrmDown("reading.unsure", clues=1), "crm_down", 3),
        (errors.SheetError("file.missing", path="x"), "sheet_missing", 2),
        (errors.UnderWay("run.under_way", run="x"), "under_way", 4),
        (errors.StopAsked("halt.asked"), "interrupted", 3),
        (errors.TokenRefused("token.unobtainable", reason=""), "crm_down", 3),
        (errors.TokenRefused("token.new_refused"), "token", 3),
        (Interrupted(Attempted(), errors.OutOfPatience("halt.patience", seconds=1, asked=1)), "too_fast", 3),
        (errors.ResultsNotWritten("results.not_written", path="x", reason="locked"), "results_not_written", 1),
    ],
)
def test_an_error_has_its_word_and_its_exit_code(error: BatchEditorError, word: str, code: int) -> None:
    assert (batch_editor.reason_of(error), error.exit_code) == (word, code)


@pytest.mark.parametrize(
    ("cause", "kind", "word"),
    [
        (Stoppage(HaltReason.CRM_DOWN, Message("halt.asked")), Halted, "interrupted"),
        (Stoppage(HaltReason.CRM_DOWN, Message("verbatim")), CrmDown, "crm_down"),
        (Stoppage(HaltReason.PATIENCE, Message("halt.patience")), errors.OutOfPatience, "too_fast"),
        (Stoppage(HaltReason.UNTIL, Message("verbatim")), errors.TimeIsUp, "until"),
        (Stoppage(HaltReason.OTHER, Message("failed.unread", {"reason": "x"})), CrmDown, "crm_down"),
        (Stoppage(HaltReason.TOKEN, Message("token.new_refused")), Refused, "token"),
        (Stoppage(HaltReason.REJECTIONS, Message("halt.rejections")), Refused, "rejections"),
    ],
)
def test_what_keeps_a_command_from_asking_is_its_cause_and_what_time_mends_refuses_nothing(
    cause: Stoppage, kind: type[BatchEditorError], word: str
) -> None:
    for key in ("reading.halted", "lookups.halted", "clue.halted"):
        error = not_asked(key, cause)
        assert reason_of(error) == word and (isinstance(error, kind) or kind is Halted)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EDQUOT])
def test_a_full_disk_is_known_wherever_it_comes_from(number: int) -> None:
    try:
        try:
            raise OSError(number, "no room")
        except OSError:
            raise SettingsError("journal.no_room", reason="no room") from None
    except SettingsError as error:
        assert reason_of(error) == "disk_full"
    assert is_disk_full(OSError(number, "x")) and not is_disk_full(OSError(errno.EACCES, "x"))
    assert reason_of(ValueError()) == "crash" and reason_of(KeyboardInterrupt()) == "interrupted"


def test_a_journal_without_room_is_a_full_disk_before_and_after_something_was_sent(tmp_path: Path) -> None:
    from batch_editor.journal.sqlite_store import SqliteStore

    store = SqliteStore(tmp_path / "journal.sqlite3")
    store._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(Halted) as halted:
        store.change("INSERT INTO files (path, stamp, written) VALUES (?, ?, 1)", [(str(n), "x" * 9999) for n in range(99)])
    assert reason_of(halted.value) == "disk_full" == word_of(halted.value.stoppage) and halted.value.exit_code == 3
    with pytest.raises(SettingsError) as refused, nothing_sent():
        raise halted.value
    assert reason_of(refused.value) == "disk_full" and refused.value.exit_code == 2
    store.close()


def test_a_run_whose_end_the_journal_cannot_be_told_is_one_to_go_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows and its results are there; it is told by the cause, and the same command ends it."""
    from support import jobs
    from support.crm import Crm

    from batch_editor.journal.run_journal import RunJournal

    sheet, set_state = jobs.sheet(tmp_path, [11, 12]), RunJournal.set_state

    def full(run: RunJournal, state: RunState, **more: Any) -> None:
        if state is RunState.FINISHED:
            halted = Halted("journal.unwritable", path="journal", reason="no space")
            halted.reason = HaltReason.DISK_FULL
            raise halted
        set_state(run, state, **more)

    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        with monkeypatch.context() as patch:
            patch.setattr(RunJournal, "set_state", full)
            report = batch_editor.run(sheet, given)
        assert (report.exit_code, report.reason, report.counts["updated"]) == (3, "disk_full", 2)
        assert report.summary()["stopped"] is True and jobs.statuses(report.results) == ["updated", "updated"]
        again = batch_editor.run(sheet, given)
        assert (again.run, again.exit_code, again.counts["updated"], len(crm.calls)) == (report.run, 0, 2, 2)
