"""Why a command did not end well, in one stable word for programs: the ``reason`` of its JSON (guide: reference).

The word comes from the cause: from why a run halted, else from what the error says. An error that says nothing but what another
one was has the word of that one. Which word has the first say where there are several causes is decided in ``Report.reason``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import BatchEditorError, CrmDown, GuardTripped, Halted, OutOfPatience, Refused, TimeIsUp
from ..files import NO_ROOM
from ..model import HaltReason, Message, Stoppage

#: The word of rows that are not well, and of a results sheet that could not be written.
ROWS = "rows"
RESULTS_NOT_WRITTEN = "results_not_written"
#: The word of clues that the CRM does not show; of a set-up that is not well; of a target that was not told.
CLUES = "clues"
TO_MEND = "to_mend"
NOT_DELIVERED = "not_delivered"
#: The word of whatever the CRM alone was in the way of.
CRM_DOWN = "crm_down"
#: The words of what is no error of this package.
USAGE = "usage"
INTERRUPTED = "interrupted"
DISK_FULL = "disk_full"
OTHER = "other"
CRASH = "crash"
#: Why a run halted, where its word is another one. What halted for anything else has the word of its message.
_OF_HALTS = {HaltReason.ASKED: INTERRUPTED, HaltReason.PATIENCE: "too_fast"}
#: What is raised where one of these kept a command from asking the CRM, and time alone mends it.
_HALTS: dict[str, type[BatchEditorError]] = {
    CRM_DOWN: CrmDown,
    "failures": Halted,
    "too_fast": OutOfPatience,
    "until": TimeIsUp,
}
#: What is said of a halt where nothing was sent and nothing waits to be: without that it is sent when somebody goes on.
_WHILE_ASKING = {
    "halt.certificate": "asking.certificate",
    "halt.crm_down": "asking.crm_down",
    "halt.crm_unknown": "asking.crm_unknown",
    "halt.until": "asking.until",
}
#: The word of the keys of a family that none of their own is given below: the part of a key before its first point.
_OF_FAMILIES = {
    "again": "not_continued",
    "clue": USAGE,
    "copy": "journal",
    "csv": "sheet",
    "demo": USAGE,
    "detach": USAGE,
    "dismiss": "not_dismissed",
    "edit": "headings",
    "file": "sheet",
    "foreign": "sheet",
    "guide": USAGE,
    "headings": "headings",
    "here": USAGE,
    "inbox": "inbox",
    "journal": "journal",
    "json": "sheet",
    "lookups": "lookups",
    "mend": "mends",
    "mended_copy": "mends",
    "net": "settings",
    "only_failed": "sheet",
    "pace": "journal",
    "page": "page",
    "parquet": "sheet",
    "people": "page",
    "plan": "not_continued",
    "prompt": "declined",
    "reading": "page",
    "records": "sheet",
    "reconcile": USAGE,
    "results": USAGE,
    "resume": "not_continued",
    "settings": "settings",
    "sheet": "sheet",
    "sheet_form": "page",
    "stdin": USAGE,
    "stop": "not_continued",
    "tags": USAGE,
    "telling": "settings",
    "template": USAGE,
    "text": USAGE,
    "token": "token",
    "undo": USAGE,
    "until": USAGE,
    "upload": "page",
    "worker": "settings",
    "xlsx": "sheet",
}
_OF_KEYS = {
    "clue.refused": CLUES,
    "clue.unanswered": CRM_DOWN,
    "duplicates.refused": "duplicates",
    "failed.unread": CRM_DOWN,
    "file.missing": "sheet_missing",
    "asking.certificate": "certificate",
    "halt.asked": INTERRUPTED,
    "halt.certificate": "certificate",
    "halt.crashed": CRASH,
    "halt.failures": "failures",
    "halt.held_back": "held_back",
    "halt.lease_lost": "under_way",
    "halt.patience": "too_fast",
    "halt.rejections": "rejections",
    "dismiss.under_way": "under_way",
    "inbox.dismissed": "dismissed",
    "inbox.no_folder": USAGE,
    "inbox.no_room": "not_moved",
    "inbox.refuted": "proof_refuted",
    "inbox.too_old": "not_continued",
    "inbox.under_way": "under_way",
    "journal.locked": "journal_locked",
    "journal.newer": "journal_newer",
    "lookups.no_credentials": "credentials",
    "lookups.unanswered": CRM_DOWN,
    "net.certificates_unusable": "certificate",
    "net.proxy_login": "proxy",
    "net.proxy_unusable": "proxy",
    "progress.server_ends": INTERRUPTED,
    "prompt.interrupted": INTERRUPTED,
    "proof.asked": "proof_pending",
    "proof.kept": "proof_refuted",
    "proof.not_put_back": "proof_refuted",
    "proof.not_shown": "proof_failed",
    "proof.refuted": "proof_refuted",
    "proof.unanswered": "proof_failed",
    "proof.unreadable": "proof_failed",
    "proof.was_refuted": "proof_refuted",
    "purge.declined": "declined",
    "purge.needs_yes": USAGE,
    "reading.unsure": CRM_DOWN,
    "results.not_written": RESULTS_NOT_WRITTEN,
    "resume.other_app": "credentials",
    "run.too_old": "not_continued",
    "run.taken_over": "under_way",
    "run.under_way": "under_way",
    "run.stands_still": "under_way",
    "run.unknown": "run_unknown",
    "settings.no_credentials": "credentials",
    "strict.refused": "strict",
    "text.decoded": "sheet",
    "text.not_text": "sheet",
    "text.undecoded": "sheet",
    "token.unobtainable": CRM_DOWN,
    "undo.not_changed": "nothing_to_undo",
    "undo.nothing": "nothing_to_undo",
    "undo.nothing_of_part": "nothing_to_undo",
    "upload.no_room": DISK_FULL,
}
#: The keys of errors that hand on what another one said, as their value ``reason``.
_OF_ANOTHER = {"clue.halted", "lookups.halted", "reading.halted"}


def reason_of(error: BaseException) -> str:
    """Returns the word for why ``error`` ended a command: a stable word for programs (guide: reference)."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if is_disk_full(error):
        return DISK_FULL
    if not isinstance(error, BatchEditorError):
        return CRASH
    if isinstance(error, GuardTripped):
        return f"guard.{error.guard}"
    return word_of(error.stoppage)


def word_of(stoppage: Stoppage) -> str:
    """Returns the word for why a run stopped early, as the journal keeps it."""
    if stoppage.reason is HaltReason.DISK_FULL:
        return DISK_FULL
    word = _word_of_key(stoppage.message)
    if word is not None:
        return word
    if stoppage.reason is not HaltReason.OTHER:
        return _OF_HALTS.get(stoppage.reason, stoppage.reason.value)
    return _OF_FAMILIES.get(stoppage.message.key.partition(".")[0], OTHER)


def not_asked(key: str, stoppage: Stoppage) -> BatchEditorError:
    """Returns what is raised, by the message ``key``, where the CRM could not be asked before anything was sent: ``Halted``
    where nothing has to be mended, and the same command goes on later; else ``Refused``."""
    kind = _HALTS.get(word_of(stoppage), Refused)
    cause = stoppage.message
    error = kind(key, reason=Message(_WHILE_ASKING.get(cause.key, cause.key), cause.values))
    error.reason = stoppage.reason
    return error


def is_disk_full(error: BaseException) -> bool:
    """Returns whether ``error``, or one that it came of, says that there is no more room."""
    return any(_says_no_room(cause) for cause in _with_causes(error))


def _word_of_key(message: Message) -> str | None:
    """Returns the word that the key of a message has of its own, or that of what it hands on."""
    cause = message.values.get("reason")
    if message.key in _OF_ANOTHER and isinstance(cause, Message):
        return _word_of_key(cause)
    return _OF_KEYS.get(message.key)


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _says_no_room(error: BaseException) -> bool:
    if isinstance(error, BatchEditorError):
        return error.reason is HaltReason.DISK_FULL
    return isinstance(error, OSError) and error.errno in NO_ROOM
