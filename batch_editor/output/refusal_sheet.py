"""The sheet of a check workbook that says why a sheet was refused: the reason, what its rows came to, and what was compared.

It is what somebody sees first who opens the workbook; the rows are in the sheet before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter import Workbook

from ..messages import Lang
from ..model import Message
from .results import MoreSheets, Written
from .text_page import TextPage


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a sheet was refused: the ``reason``, its rows by the statuses of the summary, and for each guard that was asked its
    name, its limit, what the sheet has, and whether it stopped the run."""

    reason: Message
    source: str
    counts: Mapping[str, int]
    guards: Sequence[tuple[str, object, object, bool]]


def adds(refusal: Refusal, lang: Lang) -> MoreSheets:
    """Returns what adds the sheet to a workbook, in words of ``lang``."""

    def add(book: Workbook, written: Written) -> None:
        page = TextPage(book, Message("refusal.sheet"), lang)
        page.title(Message("refusal.title"))
        page.section(Message("refusal.reason"))
        page.text(refusal.reason)
        page.line(Message("show.source"), refusal.source)
        if written.without_note:
            page.text(Message("book.without_note", {"cells": written.without_note}))
        if refusal.guards:
            page.section(Message("refusal.guards"))
            for name, limit, number, trips in refusal.guards:
                values = {"limit": _shown(limit), "number": _shown(number)}
                page.line(f"guards.{name}", Message("refusal.trips" if trips else "refusal.passes", values))
        page.section(Message("book.counts"))
        page.counted(refusal.counts)
        page.open_first()

    return add


def _shown(value: object) -> object:
    return f"{value:g}" if isinstance(value, float) else value
