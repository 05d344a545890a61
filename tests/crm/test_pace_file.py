"""The record of permits: what a kill, a cut, a reboot or a clock that was set leave of it, and how it grows."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_editor.crm.pace_file import DAY, HEADROOM, NONE, Entry, PermitFile
from batch_editor.errors import Halted, SettingsError

HOUR = 3600.0
SMALLEST = 1024


class Clocks:
    """A monotonic and a wall clock, set by hand."""

    def __init__(self, monotonic: float = 5000.0, wall: float = 1e9) -> None:
        self.monotonic, self.wall = monotonic, wall

    def passes(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds

    def open(self, file: Path | None, *, count: int = 5, span: float = HOUR, boot: str = "") -> PermitFile:
        clocks = {"clock": lambda: self.monotonic, "wall_clock": lambda: self.wall}
        return PermitFile(file, count=count, span=span, boot=boot, **clocks)


def add(record: PermitFile, *moments: float) -> None:
    with record.locked():
        for moment in moments:
            record.append(Entry(moment, moment))


def moments(record: PermitFile) -> list[float]:
    with record.locked():
        return [entry.at for entry in record.entries()]


def ages(record: PermitFile, clocks: Clocks) -> list[float]:
    return [round(clocks.monotonic - moment, 6) for moment in moments(record)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "permits"


@pytest.mark.parametrize("shared", [False, True])
def test_entries_are_numbered_read_and_replaced(file: Path, shared: bool) -> None:
    record = Clocks().open(file if shared else None)
    with record.locked():
        assert (record.last, record.entry(0), record.entry(1), record.held_until) == (0, NONE, NONE, NONE.at)
        assert [record.append(Entry(one, one + 1)) for one in (1.0, 2.0, 3.0)] == [1, 2, 3]
        record.replace(2, Entry(2.5, 2.5))
        assert record.entries() == [Entry(1.0, 2.0), Entry(2.5, 2.5), Entry(3.0, 4.0)]
        assert (record.last, record.entry(2), record.entry(4)) == (3, Entry(2.5, 2.5), NONE)
    record.close()


def test_a_file_is_private_and_read_again(file: Path) -> None:
    clocks = Clocks()
    record = clocks.open(file)
    add(record, 4000.0, 4001.5)
    with record.locked():
        record.hold(5060.0)
    record.close()
    clocks.passes(1.0)
    record = clocks.open(file)
    assert moments(record) == [4000.0, 4001.5]
    with record.locked():
        assert record.held_until == 5060.0
    record.close()
    if os.name != "nt":
        assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}


def test_what_one_writes_another_reads(file: Path) -> None:
    clocks = Clocks()
    one, other = clocks.open(file), clocks.open(file)
    add(one, 4000.0)
    add(other, 4001.0)
    assert moments(one) == moments(other) == [4000.0, 4001.0]
    one.close()
    other.close()


def test_what_has_changed_is_noticed_without_the_lock(file: Path) -> None:
    clocks = Clocks()
    one, other = clocks.open(file), clocks.open(file)
    changes: list[Callable[[], object]] = [
        lambda: other.replace(1, Entry(4000.0, 4001.0)),
        lambda: other.hold(9000.0),
        lambda: other.extend([Entry(4002.0, 4002.0)]),
    ]
    add(one, 4000.0)
    for change in changes:
        with one.locked():
            entry = one.entry(1)
        assert one.is_unchanged(1, entry)
        with other.locked():
            other.append(Entry(4002.0, 4002.0))
        assert one.is_unchanged(1, entry)  # a new one changes nothing of those that are there
        with other.locked():
            change()
        assert not one.is_unchanged(1, entry)
    one.close()
    other.close()


# --- growth


def test_a_ring_grows_while_all_of_it_is_of_interest_and_no_further(file: Path) -> None:
    clocks = Clocks()
    early = clocks.open(file, count=2000)
    late = clocks.open(file, count=5)  # the larger ring is wanted by another one
    for number in range(4000):
        clocks.passes(0.5)
        add(late if number % 2 else early, clocks.monotonic)
    for record in (early, late):
        kept = moments(record)
        assert len(kept) >= 2000 + HEADROOM - 2
        assert kept == [5000.5 + 0.5 * number for number in range(4000 - len(kept), 4000)]
    size = file.stat().st_size
    for _ in range(5000):
        clocks.passes(0.5)
        add(late, clocks.monotonic)
    assert file.stat().st_size == size < 20 * (2000 + HEADROOM) * 2 * 2
    early.close()
    late.close()


def test_a_ring_does_not_grow_for_what_is_of_no_interest_any_more(file: Path) -> None:
    clocks = Clocks()
    record = clocks.open(file, count=10**9, span=60.0)
    size = file.stat().st_size
    for _ in range(3 * SMALLEST):
        clocks.passes(0.1)
        add(record, clocks.monotonic)
    assert file.stat().st_size == size < 17 * SMALLEST
    assert len(moments(record)) == SMALLEST - 1
    record.close()


def test_old_numbers_are_no_more(file: Path) -> None:
    clocks = Clocks()
    record = clocks.open(file, span=1.0)
    add(record, *(4000.0 + number for number in range(SMALLEST + 10)))
    with record.locked():
        assert record.entry(11) == NONE
        assert record.entry(12) == Entry(4011.0, 4011.0)
        assert not record.is_unchanged(3, Entry(4002.0, 4002.0))
    record.close()


class Killed(BaseException):
    pass


def kill_after(record: PermitFile, writes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real, writes_left = record._write, [writes]

    def write(offset: int, content: bytes) -> None:
        if writes_left[0] == 0:
            raise Killed
        writes_left[0] -= 1
        real(offset, content)

    monkeypatch.setattr(record, "_write", write)


@pytest.mark.parametrize("writes", range(5))
@pytest.mark.parametrize("number", [10, SMALLEST - 1, 2 * SMALLEST])
def test_a_kill_at_any_moment_leaves_a_file_that_can_be_used(
    file: Path, monkeypatch: pytest.MonkeyPatch, number: int, writes: int
) -> None:
    """Also in the middle of a growth: the new ring is there, but the header does not speak of it yet."""
    clocks = Clocks()
    record = clocks.open(file, count=SMALLEST)
    before = [4000.0 + one / 8 for one in range(number)]
    add(record, *before)
    before = moments(record)
    kill_after(record, writes, monkeypatch)
    try:
        add(record, 4999.0)
        killed = False
    except Killed:
        killed = True
    record.close()
    again = clocks.open(file, count=SMALLEST)
    expected = before if killed else [*before, 4999.0]
    assert moments(again) in (expected, expected[1:])  # the place for a new entry may be free already
    add(again, 5000.0)
    assert moments(again)[-2:] == [expected[-1], 5000.0]
    again.close()


@pytest.mark.parametrize("writes", range(3))
def test_a_kill_while_times_are_moved_moves_none_twice(file: Path, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    clocks = Clocks()
    record = clocks.open(file)
    add(record, 3000.0, 4000.0)
    record.close()
    clocks = Clocks(100.0, clocks.wall + 200.0)  # a reboot

    def write(self: PermitFile, offset: int, content: bytes) -> None:
        calls.append(offset)
        if len(calls) > writes:
            raise Killed
        real(self, offset, content)

    real, calls = PermitFile._write, list[int]()
    with monkeypatch.context() as patched:
        patched.setattr(PermitFile, "_write", write)
        try:
            clocks.open(file).close()
        except Killed:
            assert writes < 2
    again = clocks.open(file)
    assert ages(again, clocks) == [2200.0, 1200.0]
    again.close()


# --- damage


@pytest.mark.parametrize(
    "damage",
    [
        *(lambda content, size=size: content[:size] for size in (0, 1, 79, 80, 127, 128, 200, 16511)),
        lambda content: b"other" + content[5:],
        lambda content: b"\0" * len(content),
        lambda content: os.urandom(len(content)),
        lambda content: content[:8] + os.urandom(72) + content[80:],
        lambda content: content[:16] + struct.pack("<Q", 0) + content[24:],  # a ring without a place
        lambda content: content[:128] + struct.pack("<2d", 1e300, 1e300) * SMALLEST,
        lambda content: content[:128] + struct.pack("<2d", float("nan"), 1.0) * SMALLEST,
        lambda content: content[:128] + b"\0" * 32 + content[160:176] + b"\0" * (len(content) - 176),  # out of order
        lambda content: content[:56] + struct.pack("<d", float("nan")) + content[64:],  # of the hold
        lambda content: content[:56] + struct.pack("<d", 1e9) + content[64:],
    ],
)
def test_a_damaged_file_is_replaced(file: Path, damage: Callable[[bytes], bytes]) -> None:
    clocks = Clocks()
    record = clocks.open(file)
    add(record, 4000.0, 4001.0, 4002.0)
    record.close()
    content = file.read_bytes()
    assert content[128:160] == struct.pack("<4d", NONE.at, NONE.at, 4000.0, 4000.0)
    file.write_bytes(damage(content))
    record = clocks.open(file)
    assert moments(record) == [] and record.held_until == NONE.at
    add(record, 4003.0)
    record.close()
    record = clocks.open(file)
    assert moments(record) == [4003.0]
    record.close()


def test_a_file_that_is_emptied_while_it_is_open_is_begun_anew_with_new_numbers(file: Path) -> None:
    clocks = Clocks()
    one, other = clocks.open(file), clocks.open(file)
    add(one, 4000.0, 4001.0)
    assert len(moments(other)) == 2
    file.write_bytes(b"")
    assert not one.is_unchanged(1, Entry(4000.0, 4000.0))
    add(other, 4002.0)
    with one.locked():
        assert (one.last, one.entry(1), one.entries()) == (3, NONE, [Entry(4002.0, 4002.0)])
    one.close()
    other.close()


def test_who_begins_a_file_knows_whether_there_may_have_been_another(file: Path) -> None:
    clocks = Clocks()
    record = clocks.open(file)
    first = record.identity
    assert (record.is_new, record.is_lost) == (True, False)
    record.close()
    record = clocks.open(file)
    assert (record.is_new, record.is_lost) == (False, False) and record.identity == first
    record.close()
    for spoil in (file.unlink, lambda: file.write_bytes(b""), lambda: file.write_bytes(b"nothing of ours")):
        spoil()
        record = clocks.open(file)
        assert (record.is_new, record.is_lost) == (False, True) and record.identity != first
        record.close()
    if os.name != "nt":
        file.unlink()
        Path(f"{file}.lock").unlink()
        record = clocks.open(file)
        assert record.is_new
        record.close()


@pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot be deleted there")
def test_a_file_that_is_deleted_while_it_is_open_is_taken_up_anew(file: Path) -> None:
    """By all that have it open: whoever comes first begins it, and the others find that it is another one."""
    clocks = Clocks()
    one, other = clocks.open(file), clocks.open(file)
    add(one, 4000.0)
    before = one.identity
    file.unlink()
    assert moments(other) == [] and other.is_lost and other.identity != before
    add(other, 4001.0)
    with one.locked():
        assert one.entries() == [Entry(4001.0, 4001.0)] and one.identity == other.identity and not one.is_lost
    late = clocks.open(file)
    assert moments(late) == [4001.0] and not late.is_lost
    for record in (one, other, late):
        record.close()


def test_a_file_that_is_cut_while_it_is_open_halts(file: Path) -> None:
    record = Clocks().open(file)
    add(record, 4000.0)
    os.truncate(file, 130)
    with pytest.raises(Halted, match=r"record of the rate .*permits can no longer be read or written"), record.locked():
        record.entry(1)
    record.close()


@pytest.mark.parametrize("way", ["file", "lock", "folder"])
def test_a_file_that_cannot_be_opened_is_a_matter_of_the_settings(tmp_path: Path, way: str) -> None:
    (tmp_path / "plain").write_bytes(b"")
    (tmp_path / "permits.lock" if way == "lock" else tmp_path / "permits").mkdir()
    file = tmp_path / "plain" / "permits" if way == "folder" else tmp_path / "permits"
    with pytest.raises(SettingsError, match=r"record of the rate .*permits cannot be opened \(.+\)"):
        Clocks().open(file)


def test_a_full_disk_halts(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Clocks().open(file)
    monkeypatch.setattr(record, "_io", Full(record._io))
    with pytest.raises(Halted, match=r"\(No space left on device\)"):
        add(record, 4000.0)
    record.close()


class Full:
    """A file that takes half of what is written to it."""

    def __init__(self, file: object) -> None:
        self._file = file

    def write(self, content: bytes) -> int:
        return len(content) // 2

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


# --- reboots, suspends, and clocks that are set


def later(
    file: Path, *entries: float, monotonic: float, wall: float, hold: float | None = None, boots: tuple[str, str] = ("", "")
) -> tuple[PermitFile, Clocks]:
    """A record whose entries were so many seconds old when it was last written, opened when the clocks have gone on by that;
    ``boots`` says in which start of the machine each was."""
    clocks = Clocks()
    record = clocks.open(file, boot=boots[0])
    add(record, *(clocks.monotonic - age for age in entries))
    if hold is not None:
        with record.locked():
            record.hold(clocks.monotonic + hold)
    record.close()
    clocks.monotonic += monotonic
    clocks.wall += wall
    return clocks.open(file, boot=boots[1]), clocks


def test_after_a_reboot_times_go_by_the_wall_clock(file: Path) -> None:
    record, clocks = later(file, 600.0, 10.0, -2.0, monotonic=-4990.0, wall=300.0, hold=900.0)
    assert ages(record, clocks) == [900.0, 310.0, 298.0]
    with record.locked():
        assert record.held_until - clocks.monotonic == pytest.approx(600.0)
    record.close()


def test_after_a_reboot_that_the_steady_clock_does_not_show_as_well(file: Path) -> None:
    """The machine has run longer by now than it had when the record was last written."""
    record, clocks = later(file, 600.0, 90.0, monotonic=20.0, wall=5 * HOUR, boots=("one", "another"))
    assert ages(record, clocks) == [600.0 + 5 * HOUR, 90.0 + 5 * HOUR]
    record.close()


def test_since_a_reboot_at_least_the_time_since_the_start_has_passed(file: Path) -> None:
    record, clocks = later(file, 600.0, monotonic=-1000.0, wall=-HOUR)
    assert ages(record, clocks) == [4600.0]
    record.close()


def test_after_a_suspend_the_steady_clock_counts_which_goes_on_meanwhile(file: Path) -> None:
    record, clocks = later(file, 600.0, 90.0, monotonic=20.0 + HOUR, wall=20.0 + HOUR, boots=("one", "one"))
    assert ages(record, clocks) == [620.0 + HOUR, 110.0 + HOUR]
    record.close()


def test_small_differences_of_the_clocks_move_nothing(file: Path) -> None:
    record, clocks = later(file, 600.0, 10.0, monotonic=100.0, wall=100.9)
    assert ages(record, clocks) == [700.0, 110.0]
    record.close()


@pytest.mark.parametrize("boots", [("", ""), ("one", "one"), ("", "one")])
@pytest.mark.parametrize("wall", [2 * HOUR, DAY * 400])
def test_a_wall_clock_that_is_set_forward_makes_nothing_older(file: Path, wall: float, boots: tuple[str, str]) -> None:
    record, clocks = later(file, 600.0, 62.0, 50.0, 1.0, -0.5, monotonic=2.0, wall=wall, boots=boots)
    assert ages(record, clocks) == [602.0, 64.0, 52.0, 3.0, 1.5]
    record.close()


@pytest.mark.parametrize("boots", [("", ""), ("one", "one")])
def test_a_wall_clock_that_is_set_back_makes_nobody_wait_for_more_than_a_window(file: Path, boots: tuple[str, str]) -> None:
    record, clocks = later(file, 600.0, 30.0, -0.5, monotonic=0.2, wall=-HOUR, hold=50.0, boots=boots)
    passed = 0.2 if boots[0] else 0.0
    assert ages(record, clocks) == [600.0 + passed, 30.0 + passed, -0.5 + passed]
    with record.locked():
        assert record.held_until - clocks.monotonic == pytest.approx(50.0 - passed)
    record.close()


@given(
    entries=st.lists(st.floats(-10.0, 90000.0), max_size=8),
    monotonic=st.floats(-5000.0, 1e6),
    wall=st.floats(-1e6, 1e6),
)
def test_however_the_clocks_are_set(
    entries: list[float], monotonic: float, wall: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    entries = sorted(entries, reverse=True)
    record, clocks = later(tmp_path_factory.mktemp("clocks") / "permits", *entries, monotonic=monotonic, wall=wall)
    kept = ages(record, clocks)
    record.close()
    assert len(kept) == len(entries) and all(one >= other for one, other in pairwise(kept))
    for before, after in zip(entries, kept, strict=True):
        assert after >= min(before, 0.0) - 1e-3  # nothing that was past is to come, or further ahead
        if monotonic >= 0:
            assert after <= before + monotonic + 1e-3  # nothing is forgotten


def test_a_hold_is_a_day_at_most(file: Path) -> None:
    clocks = Clocks()
    record = clocks.open(file)
    with record.locked():
        record.hold(1e12)
        assert record.held_until == clocks.monotonic + DAY
    record.close()
    again = clocks.open(file)
    assert moments(again) == [] and again.held_until == clocks.monotonic + DAY
    again.close()
