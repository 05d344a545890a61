"""Knows the misbehaviours that can be asked for by name, and which request each of them hits.

What a fault does to an answer is left to ``crm``.
"""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass

from .reference import CODE_OK, EDIT_PATH, INFO_PATH

_FAULT_LINES = {
    "slow=SECONDS": "the real answer, SECONDS late",
    "drip=SECONDS": "the headers, a blank a second for SECONDS, the real answer",
    "429": "HTTP 429, not applied",
    "429=SECONDS": "the same with Retry-After in seconds (any 4xx or 5xx takes it: 503=30)",
    "429=date": "the same with Retry-After as a date shortly ahead",
    "500": "that HTTP status, not applied; any other with a body by its number, a 3xx points at itself",
    "lost-before": "the connection closes without an answer, not applied",
    "lost-after": "applied, then the connection closes without an answer",
    "truncated": "applied, then only half of the announced answer is sent",
    "not-json": "HTTP 200 with a web page, not applied",
    "not-object": "HTTP 200 with a JSON list, not applied",
    "token-expired": "code 10001, and the access token really becomes invalid",
    "code=N": "HTTP 200 with business code N, not applied",
    "data-false": "HTTP 200 with code 0 and data false, not applied",
}
FAULT_NAMES: tuple[str, ...] = tuple(_FAULT_LINES)
DATE_AHEAD = 2  # seconds; a date has no fractions, so 1 would often lie in the past by the time it is read


def fault_help() -> str:
    """Returns the faults and how to aim them, for people: one line for each, the names of faults indented."""
    lines = [
        "A fault is [read:]NAME[=ARG][@WHERE][*K]; of several, the first that matches wins.",
        *(f"  {name:<14} {line}" for name, line in _FAULT_LINES.items()),
        "WHERE is @3 the third edit request, @2-5 a range, @20% a share, @clue:ID one clue; without it: every one.",
        "*K: at most K times in all.",
        "With read: in front, as in read:500@3, it hits requests of clue/info instead; they are counted by themselves.",
    ]
    return "\n".join(lines)


@dataclass(slots=True)
class Fault:
    name: str
    path: str = EDIT_PATH
    seconds: float = 0.0
    code: int = 0
    retry_after: str | None = None
    first: int = 1
    last: float = math.inf
    share: float | None = None
    clue: str | None = None
    times_left: float = math.inf

    def hits(self, number: int, clue: str | None, dice: str) -> bool:
        if self.times_left < 1 or not self.first <= number <= self.last or self.clue not in (None, clue):
            return False
        # Drawn from the request's number and not from a running generator: the same whatever the other faults draw.
        return self.share is None or random.Random(f"{dice}:{number}").random() < self.share  # noqa: S311 - no secret


_FAULT = re.compile(
    r"(?P<read>read:)?(?P<name>[0-9a-z-]+)(=(?P<arg>[^@*]+))?"
    r"(@(?P<where>[^@*]+))?(\*(?P<times>[1-9][0-9]{0,9}))?"
)
_WHERE = re.compile(
    r"(?P<first>[1-9][0-9]{0,9})(-(?P<last>[1-9][0-9]{0,9}))?"
    r"|(?P<share>[0-9]{1,3}(\.[0-9]+)?)%|clue:(?P<clue>[0-9]{1,19})"
)


def parse_fault(text: str) -> Fault:
    match = _FAULT.fullmatch(text)
    fault = _named_fault(match["name"], match["arg"]) if match else None
    if match is None or fault is None or not _aim(fault, match["where"]):
        raise ValueError(f"fault {text!r} is not understood; known: {', '.join(FAULT_NAMES)}\n{fault_help()}")
    if match["read"]:
        fault.path = INFO_PATH
    if match["times"]:
        fault.times_left = int(match["times"])
    return fault


def _aim(fault: Fault, text: str | None) -> bool:
    where = _WHERE.fullmatch(text or "1-9999999999")
    if where is None:
        return False
    if where["first"]:
        fault.first, fault.last = int(where["first"]), int(where["last"] or where["first"])
    elif where["share"]:
        fault.share = float(where["share"]) / 100
    else:
        fault.clue = str(int(where["clue"]))
    return fault.first <= fault.last and (fault.share or 0) <= 1


def _named_fault(name: str, arg: str | None) -> Fault | None:
    if name in ("slow", "drip") and arg and re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", arg):
        return Fault(name, seconds=float(arg))
    if name == "code" and arg and re.fullmatch(r"-?[0-9]{1,9}", arg) and int(arg) != CODE_OK:
        return Fault(name, code=int(arg))
    # 204, 205 and 304 have no body by definition, and 200 is no fault.
    if re.fullmatch(r"[2-5][0-9][0-9]", name) and name not in ("200", "204", "205", "304"):
        if arg is None or (name >= "400" and re.fullmatch(r"date|[0-9]{1,9}", arg)):
            return Fault("status", code=int(name), retry_after=arg)
        return None
    return Fault(name) if name in FAULT_NAMES and arg is None else None
