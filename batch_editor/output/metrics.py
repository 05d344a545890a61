"""What a command came to, as figures in the text format of Prometheus, for whoever watches that nights go on (guide: night).

Figures alone: no cell, no id and no text of a person is in them. Where they are written is left to the command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..messages.visible import visible

#: What every file of ours begins with.
HEAD = "# HELP batch_editor_"
_LAST_SUCCESS = "batch_editor_last_success_timestamp_seconds"
_LAST_SUCCESS_LINE = re.compile(rf"^{_LAST_SUCCESS}(?:\{{[^\n]*\}})? ([0-9]+(?:\.[0-9]+)?)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one command: moments are seconds since 1970, ``last_success`` is 0 where there was none.

    ``rows`` is how many rows have which status, ``reason`` the stable word for why the exit code is not 0, ``slowed`` the least
    share of the permitted rate that was used, ``unfinished`` how many runs of the series wait to be gone on with.
    """

    series: str
    ended: float
    exit_code: int
    seconds: float
    last_success: float = 0.0
    reason: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    slowed: float = 1.0
    unfinished: int = 0


def metrics_text(figures: Figures) -> str:
    """Returns the figures in Prometheus' text format, each family with its HELP and its TYPE."""
    return "".join(f"{line}\n" for family in _families(figures) for line in family)


def last_success_in(text: str) -> float:
    """Returns the last success that is told by a text of ``metrics_text``; 0 if none is."""
    match = _LAST_SUCCESS_LINE.search(text)
    return float(match[1]) if match else 0.0


def _families(figures: Figures) -> Iterator[Sequence[str]]:
    series = {"series": figures.series}
    gauges = {
        _LAST_SUCCESS: ("When a night of the series last ended with exit code 0; 0 if none has.", figures.last_success),
        "batch_editor_last_end_timestamp_seconds": ("When the command ended.", figures.ended),
        "batch_editor_duration_seconds": ("How long the command took.", figures.seconds),
        "batch_editor_requests": ("Requests to the CRM for the rows of the run, retries included.", figures.requests),
        "batch_editor_slowed_ratio": (
            "Least share of the permitted rate that was used; 1 if the CRM did not slow it down.",
            figures.slowed,
        ),
        "batch_editor_unfinished_runs": ("Runs of the series that wait to be gone on with or dismissed.", figures.unfinished),
    }
    for name, (about, value) in gauges.items():
        yield _family(name, about, [(series, value)])
    code = [(series | ({"reason": figures.reason} if figures.reason else {}), figures.exit_code)]
    yield _family("batch_editor_exit_code", "Exit code of the command, with the word for why it is not 0.", code)
    rows = [(series | {"status": status}, number) for status, number in figures.rows.items()]
    if rows:
        yield _family("batch_editor_rows", "Rows of the run by their status.", rows)


def _family(name: str, about: str, samples: Sequence[tuple[Mapping[str, str], float]]) -> Sequence[str]:
    lines = [f"# HELP {name} {about}", f"# TYPE {name} gauge"]
    for labels, value in samples:
        inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        lines.append(f"{name}{{{inside}}} {_number(value)}")
    return lines


def _escaped(text: str) -> str:
    """A value of a label as the format has it: without what would act in a terminal or end the line, a backslash before what
    would end it."""
    return visible(text).replace("\\", r"\\").replace('"', r"\"")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}"
