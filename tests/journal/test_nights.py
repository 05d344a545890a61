"""The nights of a series: written down when they begin and end, and told apart from those that were cut off."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from batch_editor.journal.journal import Journal
from batch_editor.journal.server import Server

BEGAN = datetime(2026, 11, 24, 2, 30, tzinfo=timezone(timedelta(hours=8)))


def test_a_night_is_found_again_by_its_series(address: Path | Server) -> None:
    with Journal(address) as journal:
        night = journal.nights.begin("/srv/crm", "/srv/crm/夜.csv", BEGAN)
        ended = BEGAN + timedelta(minutes=3)
        journal.nights.end(night, ended, exit_code=1, reason="rows", run="20261124-023000-7f3a", counts={"updated": 2})
        journal.nights.begin("/srv/other", "x.csv", BEGAN)
    with Journal(address) as journal:
        last = journal.nights.last("/srv/crm")
        assert last and (last.began, last.ended) == (BEGAN.isoformat(), ended.isoformat())
        assert (last.source, last.run, last.exit_code, last.reason) == ("/srv/crm/夜.csv", "20261124-023000-7f3a", 1, "rows")
        assert last.counts == {"updated": 2} and not last.is_well
        assert journal.nights.last("/srv/crm", before=last.id) is None


def test_a_night_that_is_under_way_is_no_last_one_but_one_that_was_cut_off_is(address: Path | Server) -> None:
    with Journal(address) as first:
        night = first.nights.begin("series", "a.csv", BEGAN)
        with Journal(address) as second:
            assert second.nights.last("series") is None
        assert [of.id for of in first.nights.since("series", BEGAN)] == [night]
    with Journal(address) as later:  # the process of the first one has ended without a word
        cut_off = later.nights.last("series")
        assert cut_off and cut_off.ended is None and cut_off.exit_code is None


def test_what_was_told_of_a_night_is_kept(address: Path | Server) -> None:
    with Journal(address) as journal:
        for day in range(3):
            night = journal.nights.begin("series", "a.csv", BEGAN + timedelta(days=day))
            journal.nights.end(night, BEGAN + timedelta(days=day), exit_code=0)
            journal.nights.mark_told(night, ["weekly"] if day == 1 else ["outcome"])
        told = journal.nights.last_told("series", "weekly")
        assert told and told.began == (BEGAN + timedelta(days=1)).isoformat() and list(told.told) == ["weekly"]
        first = journal.nights.first("series")
        assert first and first.began == BEGAN.isoformat()
        since = journal.nights.since("series", BEGAN + timedelta(days=1))
        assert [of.began[:10] for of in since] == ["2026-11-25", "2026-11-26"]


def test_a_purge_forgets_nights_as_well(address: Path | Server) -> None:
    with Journal(address) as journal:
        for day in range(2):
            journal.nights.end(journal.nights.begin("series", "a.csv", BEGAN + timedelta(days=day)), BEGAN, exit_code=0)
        journal.forgetting.purge(BEGAN + timedelta(hours=12))
        assert [of.began[:10] for of in journal.nights.since("series", BEGAN)] == ["2026-11-25"]
