"""Files with damage of every kind, each by its number, and a worker that puts many of them through ``check``.

The same number always makes the same file out of the same sheets; in ``tests``, python -m support.mutations NUMBER FOLDER
writes it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import random
import re
import resource
import sys
import traceback
import zipfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import IO

import yaml

from support.corpus import READ
from support.jobs import DEFAULTS

TESTS = Path(__file__).parent.parent
SHEETS, SAMPLES = TESTS / "files", TESTS.parent / "sample_data"
Random = random.Random

NASTY = (
    *("", "0", "-1", "1", "7", "65536", "1048577", "4294967296", "99999999999999999999", "1e999", "-1e-999", "NaN", "1.5"),
    *("A1", "XFD1048576", "ZZZZZZ1", "A0", "1A", "s", "str", "inlineStr", "e", "b", "d", "true", "hidden", "../x.xml", "rId1"),
    *("&#0;", "&amp;", "&none;", "中", "x" * 5000, "1990-05-01", "PT99999H", "2147483648", "-2147483649"),
)
_TAG = re.compile(rb"<[^<>]*>")
_NAME = re.compile(rb"<([A-Za-z][\w:.-]*)")
_ATTRIBUTE = re.compile(rb'="[^"]*"')
_TEXT = re.compile(rb">[^<>]+<")


@cache
def seeds() -> dict[str, list[Path]]:
    """The sheets that are damaged, by kind; those that are refused as they are would teach nothing."""
    paths = [SHEETS / name for name in sorted(READ) if "called" not in name]
    samples = {".xlsx": [SAMPLES / "clues.xlsx"], ".csv": [SAMPLES / "clues_utf8.csv", SAMPLES / "clues_gbk.csv"]}
    kinds = (".xlsx", ".xls", ".xlsb", ".ods", ".csv")
    return {kind[1:]: [path for path in paths if path.suffix == kind] + samples.get(kind, []) * 4 for kind in kinds}


# --- damage


def _span(dice: Random, size: int, longest: int) -> slice:
    start = dice.randrange(size + 1)
    return slice(start, start + dice.randint(1, longest))


def flip(dice: Random, data: bytes) -> bytes:
    """A few bytes become others."""
    flipped = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 5, 20)) if data else 0):
        flipped[dice.randrange(len(flipped))] ^= dice.randint(1, 255)
    return bytes(flipped)


def insert(dice: Random, data: bytes) -> bytes:
    """Bytes come in between."""
    place = dice.randrange(len(data) + 1)
    return data[:place] + dice.choice((dice.randbytes(dice.randint(1, 9)), *(text.encode() for text in NASTY))) + data[place:]


def delete(dice: Random, data: bytes) -> bytes:
    """Bytes are missing."""
    span = _span(dice, len(data), 30)
    return data[: span.start] + data[span.stop :]


def repeat(dice: Random, data: bytes) -> bytes:
    """Bytes stand there several times."""
    span = _span(dice, len(data), 60)
    return data[: span.stop] + data[span] * dice.choice((1, 2, 100)) + data[span.stop :]


def cut(dice: Random, data: bytes) -> bytes:
    """The end is missing."""
    return data[: dice.randrange(len(data) + 1)]


def _some(dice: Random, data: bytes, pattern: re.Pattern[bytes]) -> list[re.Match[bytes]]:
    """Up to two matches, in their order."""
    matches = list(pattern.finditer(data))
    return sorted(dice.sample(matches, min(2, len(matches))), key=lambda match: match.start())


def _elements(dice: Random, data: bytes) -> list[re.Match[bytes]]:
    """Up to two whole elements of one name."""
    name = re.escape(dice.choice(sorted({*_NAME.findall(data)}) or [b"none"]))
    return _some(dice, data, re.compile(rb"<%b(?=[\s/>])(?:[^<>]*/>|.*?</%b>)" % (name, name), re.DOTALL))


def element_twice(dice: Random, data: bytes) -> bytes:
    """An element is there once more, before another one or after itself."""
    for element in _elements(dice, data)[:1]:
        place = dice.choice((element.end(), element.start(), *(other.start() for other in _elements(dice, data))))
        return data[:place] + element[0] * dice.choice((1, 1, 50)) + data[place:]
    return data


def element_gone(dice: Random, data: bytes) -> bytes:
    """An element is missing."""
    for element in _elements(dice, data)[:1]:
        return data[: element.start()] + data[element.end() :]
    return data


def elements_swapped(dice: Random, data: bytes) -> bytes:
    """Two elements change their places."""
    match _elements(dice, data):
        case [first, last]:
            middle = data[first.end() : last.start()]
            return data[: first.start()] + last[0] + middle + first[0] + data[last.end() :]
    return data


def tags_swapped(dice: Random, data: bytes) -> bytes:
    """Two tags change their places."""
    match _some(dice, data, _TAG):
        case [first, last]:
            middle = data[first.end() : last.start()]
            return data[: first.start()] + last[0] + middle + first[0] + data[last.end() :]
    return data


def attribute_changed(dice: Random, data: bytes) -> bytes:
    """An attribute has a value that nobody expects."""
    for value in _some(dice, data, _ATTRIBUTE)[:1]:
        return data[: value.start()] + f'="{dice.choice(NASTY)}"'.encode() + data[value.end() :]
    return data


def text_changed(dice: Random, data: bytes) -> bytes:
    """A text, or a number, is one that nobody expects."""
    for text in _some(dice, data, _TEXT)[:1]:
        return data[: text.start()] + f">{dice.choice(NASTY)}<".encode() + data[text.end() :]
    return data


Damage = Callable[[Random, bytes], bytes]
BYTES: tuple[Damage, ...] = (flip, insert, delete, repeat, cut)
MARKUP: tuple[Damage, ...] = (element_twice, element_gone, elements_swapped, attribute_changed, text_changed)


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def within(dice: Random, path: Path, kinds: tuple[Damage, ...]) -> bytes:
    """A sound zip with damage in one or two of its parts, the sheet more often than the others."""
    parts = _parts(path)
    names = sorted(parts)
    names += [name for name in names if re.search(r"sheet|content|workbook|styles|Strings", name)] * 4
    for _ in range(dice.choice((1, 1, 2, 3))):
        name = dice.choice(names)
        parts[name] = dice.choice(kinds)(dice, parts[name])
    return _packed(parts)


def without(dice: Random, path: Path) -> bytes:
    """A zip of which parts are missing, or have changed their names."""
    parts = _parts(path)
    gone = dice.choice(sorted(parts))
    content = parts.pop(gone)
    if dice.random() < 0.5:
        parts[dice.choice((gone.upper(), *parts))] = content
    return _packed(parts)


def mutated(number: int) -> tuple[str, bytes]:
    """The name and the content of a file: ten of twenty are damaged in their XML, two are no .xlsx and no text."""
    dice = Random(number)
    place = number % 20
    if place == 0:
        path = dice.choice(seeds()["ods"])
        return f"{number}.ods", within(dice, path, dice.choice((MARKUP, MARKUP, MARKUP, (*BYTES, tags_swapped))))
    if place < 10:
        path = dice.choice(seeds()["xlsx"])
        return f"{number}.xlsx", within(dice, path, dice.choice((MARKUP, MARKUP, MARKUP, (*BYTES, tags_swapped))))
    if place == 10:
        path = dice.choice(seeds()["xls"] * 2 + seeds()["xlsb"])
        damaged = within(dice, path, BYTES) if path.suffix == ".xlsb" else dice.choice(BYTES)(dice, path.read_bytes())
        return f"{number}{path.suffix}", damaged
    if place < 13:
        return f"{number}.xlsx", without(dice, dice.choice(seeds()["xlsx"]))
    path = dice.choice(seeds()["csv" if place > 16 else "xlsx"])
    data = path.read_bytes()
    for _ in range(dice.choice((1, 2, 3))):
        data = dice.choice(BYTES)(dice, data)
    return f"{number}{path.suffix}", data


# --- the worker


def work(numbers: Iterable[int], patience: float, answers: IO[str]) -> None:
    """Check each file with the command, within this process; an answer, in JSON, says how that ended.

    The process ends with a traceback on its stderr if one takes more than ``patience`` seconds.
    """
    from batch_editor.cli.commands import main

    settings = yaml.safe_load((SAMPLES / "config.yaml").read_text(encoding="utf-8")) | {"defaults": DEFAULTS, "lang": "en"}
    Path("config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    os.environ["HOME"] = os.environ["XDG_STATE_HOME"] = str(Path.cwd())
    true_error = sys.stderr
    for number in numbers:
        name, content = mutated(number)
        Path(name).write_bytes(content)
        sys.argv = ["batch-editor", "check", name]
        out, err, code, crash = io.StringIO(), io.StringIO(), None, ""
        faulthandler.dump_traceback_later(patience, exit=True, file=true_error)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as error:
                code = error.code
            except Exception:  # noqa: BLE001  # any is a failure, and is told
                crash = traceback.format_exc()
        faulthandler.cancel_dump_traceback_later()
        Path(name).unlink()
        answer = {"number": number, "code": code, "said": out.getvalue() + err.getvalue(), "crash": crash, "peak": _peak()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _peak() -> float:
    """The most memory that this process, or one that it has started, has held so far, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    if sys.platform == "linux":  # where that figure may be of the process that has started this one
        most = int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024  # type: ignore[index]
    return max(most, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit) / 1e6


if __name__ == "__main__":
    file, damaged = mutated(int(sys.argv[1]))
    (Path(sys.argv[2]) / file).write_bytes(damaged)
    print(Path(sys.argv[2]) / file)
