"""What a person should do after a run, decided once for every face: the terminal, the summary in the workbook, and a page.

It is decided from facts of the run alone, and is data: each face has words of its own for a step, or leaves it out.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..model import NextStep, RunState, Step
from .options import RunOptions


def next_steps(
    options: RunOptions,
    counts: Mapping[str, int],
    *,
    left: int,
    undoable: bool,
    halted: bool,
    state: RunState = RunState.FINISHED,
    not_repeated: Mapping[str, int] | None = None,
) -> list[NextStep]:
    """Returns the steps in the order in which they are to be taken, never none.

    ``options`` are those of the run, ``counts`` its rows by the statuses of the summary. ``left`` is how many rows ``resume``
    would send, ``undoable`` says that values from before are known which an undo can put back. ``halted``: the run stopped
    early. ``state`` counts where nobody has agreed to the run yet, so that it cannot be resumed. ``not_repeated`` are, by
    status, the rows that may have been applied and are not to be sent once more: nothing is offered that would do so.
    """
    unsure = sum((not_repeated or {}).values())
    counts = {status: number - (not_repeated or {}).get(status, 0) for status, number in counts.items()}
    wrong = counts["invalid"] + counts["rejected"] + counts["failed"]
    not_updated = wrong + counts["conflict"]
    if state is RunState.PLANNED:
        steps = [NextStep(Step.CONFIRM)]
    elif state is RunState.ABANDONED:
        steps = [NextStep(Step.RUN_SHEET)]
    elif options.prove_only:  # of the other rows nothing was asked
        steps = [NextStep(Step.SEND_SHEET)]
    elif left:
        steps = [NextStep(Step.GO_ON, left)]
        if counts["invalid"] + counts["rejected"]:
            steps.append(NextStep(Step.MEND_AFTERWARDS, counts["invalid"] + counts["rejected"]))
    elif wrong and not options.undo:  # the rows of an undo are in no sheet that could be mended
        steps = [NextStep(Step.MEND, wrong)]
        if counts["conflict"]:
            steps.append(NextStep(Step.LOOK, counts["conflict"]))
    elif not_updated:
        steps = [NextStep(Step.LOOK, not_updated)]
    else:
        steps = [NextStep(Step.NOTHING)]
    if unsure and state not in (RunState.PLANNED, RunState.ABANDONED):
        steps = [step for step in steps if step.step is not Step.NOTHING]
        steps.append(NextStep(Step.COMPARE, unsure))
    puts_back_itself = options.prove_only and not halted
    if undoable and not puts_back_itself:
        steps.append(NextStep(Step.UNDO))
    return steps
