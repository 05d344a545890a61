"""A script as a user writes it, with every public name: mypy checks it, and nobody runs it."""

from __future__ import annotations

import sqlite3
import sys
import threading
from pathlib import Path

import pandas as pd

from batch_editor import (
    BatchEditorError,
    Change,
    Circumstances,
    Clue,
    ClueProgress,
    ColumnLook,
    ColumnUse,
    CrmDown,
    Declined,
    Differences,
    EarlierLook,
    Edit,
    Event,
    Export,
    FinishedBefore,
    GuardTripped,
    Halted,
    HaltReason,
    Hours,
    Lang,
    LastNight,
    Limit,
    Loaded,
    Losses,
    MemoryUse,
    Mend,
    MendedCell,
    Message,
    NextStep,
    Notice,
    Numbers,
    Outcome,
    OutOfPatience,
    Plan,
    PreparedRun,
    Preview,
    Problem,
    ProblemGroup,
    ProofFailed,
    Reconciling,
    Refused,
    Report,
    ReportError,
    ResultsNotWritten,
    RowCounts,
    RowKind,
    RowPage,
    RowState,
    Run,
    RunOptions,
    RunState,
    SendProgress,
    Settings,
    SettingsError,
    SheetChoices,
    SheetError,
    SheetLook,
    SheetProgress,
    SheetSource,
    SheetTab,
    ShownField,
    Started,
    Status,
    Step,
    Stop,
    StopAsked,
    Stoppage,
    Tags,
    TimeIsUp,
    TokenRefused,
    TopRow,
    UnderWay,
    ValueGroup,
    Values,
    Waiting,
    WaitReason,
    check,
    diff,
    dismiss_runs,
    get_run,
    list_runs,
    load_edits,
    look_at,
    make_template,
    open_run,
    plan,
    plan_again,
    plan_undo,
    read_clue,
    read_clues,
    read_sql,
    reason_of,
    reconcile,
    resume,
    run,
    say,
    send,
    stop_run,
    undo,
)

LANG: Lang = "en"
ADDING: Tags = "add"


def shown(event: Event) -> None:
    """Tells an event, whichever it is."""
    match event:
        case Started():
            print("run", event.run)
        case SheetProgress():
            print(event.rows, "rows are read")
        case ClueProgress() | SendProgress():
            waiting: Waiting | None = event.waiting
            why: WaitReason | None = waiting.reason if waiting else None
            print(f"{event.done} of {event.total}", why)
        case Notice():
            print(say(event.message, LANG))


def agreed(preview: Preview) -> bool:
    """Looks at what would be done."""
    about: Circumstances = preview.circumstances
    counts: RowCounts = preview.counts
    export: Export | None = about.export
    if export is not None:
        before: FinishedBefore | None = export.finished
        last: LastNight | None = export.last
        print(export.age, before.run if before else None, last.rows if last else None)
    groups: list[ProblemGroup] = list(counts.problem_groups)
    differences: Differences = preview.differences
    changes: list[Change] = list(differences.changes)
    limits: list[Limit] = list(about.limits)
    hours: list[Hours | None] = [limit.hours for limit in limits]
    options: RunOptions = about.options
    losses: Losses = preview.losses
    print(preview, groups, changes, limits, hours, losses.owners, options.tags, counts.statuses[Status.PENDING])
    return preview.is_harmless and preview.calls < 1000


def looked_at(report: Report) -> pd.DataFrame:
    """Looks at how a run ended."""
    problems: list[Problem] = list(report.problems)
    steps: list[NextStep] = list(report.next_steps)
    notes: list[Message] = list(report.notes)
    if any(step.step is Step.GO_ON for step in steps) and report.run is not None:
        report = resume(report.run)
    print(report, report.counts["updated"], report.results, problems, [say(note, LANG) for note in notes])
    return report.to_frame()


def every_night(export: Path, settings: Settings) -> float:
    """Makes all clues what an export says, and returns how many of those that were verified had been edited elsewhere."""
    report = reconcile(export, settings, trust_journal=True, verify_share=0.05, max_drift=Reconciling().max_drift)
    memory: MemoryUse | None = report.memory
    return memory.drifted / max(1, memory.verified) if memory else 0.0


def earlier(settings: Settings) -> list[str]:
    """Looks back at the runs that can be gone on with."""
    runs: list[Run] = list_runs(settings)
    for one in runs:
        stoppage: Stoppage | None = get_run(one.name, settings).stoppage
        if stoppage is not None and stoppage.reason is HaltReason.TOKEN:
            print(say(stoppage.message, LANG))
    return [one.name for one in runs if one.state in (RunState.STOPPED, RunState.INTERRUPTED)]


def fields_of(clue: int, settings: Settings) -> list[ShownField]:
    """Looks at a clue as the CRM has it."""
    shown: Clue = read_clue(clue, settings)
    return list(shown.fields)


def edits_of(sheet: SheetSource) -> list[tuple[int, str]]:
    """Looks at what would be sent, row by row."""
    loaded: Loaded = load_edits(sheet)
    plans: list[Plan] = loaded.plans
    written: list[Values | None] = [one.written for one in plans]
    kept: list[Outcome | None] = [one.kept for one in plans]
    edits: list[Edit] = loaded.edits
    print(written, kept)
    return [(edit.clue_id, edit.body) for edit in edits]


def as_chosen(sheet: SheetSource, settings: Settings) -> PreparedRun:
    """Looks at a sheet, maps its unknown columns to what they are most like, and plans it so."""
    look: SheetLook = look_at(sheet, settings)
    tabs: list[SheetTab] = list(look.tabs)
    rows: list[TopRow] = list(look.top)
    kinds: list[RowKind] = [row.kind for row in rows]
    earlier: EarlierLook | None = look.earlier
    unknown: list[ColumnLook] = [column for column in look.columns if column.use is ColumnUse.UNKNOWN]
    print(tabs, kinds, earlier, look.can_be_planned)
    near = {column.place: column.near for column in unknown if column.near}
    others = {column.place: ColumnUse.IGNORED for column in unknown if not column.near}
    return plan(sheet, settings, choices=SheetChoices(look.heading_row, near, others))


def in_steps(sheet: SheetSource, settings: Settings) -> Report:
    """Plans, looks and sends."""
    with plan(sheet, settings, tags=ADDING, on_event=shown) as prepared:
        name = prepared.name
    opened: PreparedRun = open_run(name, settings)
    with opened:
        groups: list[ValueGroup] = opened.problem_groups()
        for group in groups:
            if group.suggestions:
                opened = opened.mend_value(group.field, group.value, group.suggestions[0])
        opened = opened.mend([Mend(2, 3, "男", seen="先生")], person="Wang")
        mended: list[MendedCell] = opened.mends()
        print(opened.mended, mended, opened.next_problem())
        read = read_clues(opened, on_event=shown)
        page: RowPage = read.rows(status=Status.PENDING, most=10)
        rows: list[RowState] = list(page.rows)
        print(read, rows, page.total)
        if not agreed(read.preview):
            read.discard()
        return send(read, confirmed=read.digest(), output=Path("out.csv"), on_event=shown)


def main() -> int:
    """Does everything."""
    settings = Settings.load("config.yaml", rate={"limits": ["50/second"]})
    frame = pd.DataFrame({"线索ID": ["1591005521987920962"], "描述": ["x"]}, index=["C-17"])
    stop = Stop()
    threading.Timer(3600, stop.ask).start()
    make_template("empty.xlsx", settings)
    try:
        check(frame, settings).raise_for_status()
        diff("edits.xlsx", settings, output="diff.xlsx")
        report = run(frame, settings, tags="remove", snapshot=True, confirm=agreed, on_event=shown, stop=stop)
        frame.join(looked_at(report)[["result_status", "result_attempts"]])
        if report.undoable and report.run is not None:
            rows: Numbers = [2, "5-8"]
            undo(report.run, settings, rows=rows, fields="remark", force=True)
            for planned in (plan_again(report.run, settings), plan_undo(report.run, settings, rows=rows, person="Wang")):
                with planned:
                    send(planned, confirmed=planned.digest(), person="Wang")
            fields_of(1591005521987920962, settings)
        run(read_sql("SELECT * FROM clues", sqlite3.connect("clues.sqlite3")), settings)
        for name in earlier(settings):
            stop_run(name, settings)
        print(dismiss_runs(earlier(settings), settings))
        as_chosen("edits.csv", settings).discard()
        print(edits_of("edits.csv"), in_steps(Path("edits.csv"), settings))
    except (SettingsError, SheetError, GuardTripped, Declined) as error:
        print(say(error.message, LANG), error.run)
    except UnderWay as error:
        print(error.run, "is sent by somebody else")
    except (StopAsked, TimeIsUp, CrmDown, OutOfPatience, TokenRefused, ProofFailed) as error:
        print(error.reason, reason_of(error))
    except (Refused, Halted, ResultsNotWritten) as error:
        print(error)
    except ReportError as error:
        print(error.report)
    except BatchEditorError as error:
        print(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
