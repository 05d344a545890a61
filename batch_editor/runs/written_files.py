"""Which files this program has written itself and may write anew where somebody names them as the output.

The journal knows each such file by its path and by all that it held. One that holds anything else by now was changed, and is
kept; so is one that a run was read from and may still be gone on with. What another run says of its rows is in the journal, so
that its results can be written again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..errors import Halted
from ..events import Event, Notice
from ..journal.journal import Journal
from ..model import Message, Run, RunState
from ..output import placing
from ..output.placing import OwnFile
from .source import place_of

#: A run that has come so far is not gone on with, and does not need its sheet.
_OVER = (RunState.FINISHED, RunState.ABANDONED)


class WrittenFiles:
    """The files that this program has written, as a ``journal`` knows them; without one, none is known."""

    def __init__(self, journal: Journal | None, on_event: Callable[[Event], None] = lambda event: None) -> None:
        self._journal = journal
        self._on_event = on_event

    def replaceable(self, target: Path, *, read: Path | None, run: str) -> OwnFile | None:
        """Returns the file at ``target`` if it may be replaced, as long as nobody changes it, by what ``run`` writes, which was
        ``read`` from a file or not; None if it may not."""
        if self._journal is None or (read is not None and _is_same(read, target)):
            return None
        stamp = self._journal.files.stamp_of(str(target))
        if stamp is None or any(self._is_needed(target, other) for other in self._journal.runs() if other.name != run):
            return None
        return OwnFile(target, stamp)

    def remember(self, written: Path, target: Path, *, run: str | None, asked: bool, series: str = "") -> None:
        """Keeps that ``written`` is a file of ours, of the results of ``run`` if it is one's, else of nights of a ``series``.

        It tells whose results stood there before, and, where somebody has ``asked`` for ``target``, why it was not replaced.
        """
        if asked and written != target:
            self._on_event(Notice(Message("output.kept", {"path": target, "written": written}), is_warning=True))
        if self._journal is None:
            return
        with suppress(Halted):  # the file is there; a journal that is full can only not remember it
            others = [other.name for other in self._journal.runs() if other.results == str(written) and other.name != run]
            self._journal.files.remember(str(written), placing.stamp(written) or "", run=run, series=series)
            for other in others[:1]:
                self._on_event(Notice(Message("output.replaced", {"path": written, "run": other}), is_warning=True))

    def _is_needed(self, target: Path, other: Run) -> bool:
        """Whether another run was read from the file and may be gone on with, or is just about to write its results there."""
        sheet = place_of(other.source)
        if sheet and other.state not in _OVER and _is_same(sheet, target):
            return True
        return other.results == str(target) and self._journal is not None and self._journal.is_driven(other.name)


def _is_same(path: Path, other: Path) -> bool:
    """Whether both are the same file, by whichever name."""
    try:
        return path == other or path.samefile(other)
    except OSError:
        return False
