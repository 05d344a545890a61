"""The numbers that runs get where they are put among others: of two runs of a tenant, the later one has the higher number.

Which of two values is newer is told by these numbers, so that a run which comes from elsewhere needs one between those of the
runs that began before and after it. A shared journal counts in steps and from far above, which leaves room for all of them.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Iterable

#: The first number that a shared journal gives to a run of its own, and how far apart these are.
FIRST, STEP = 1_000_000_000, 100
#: The moment from which the numbers of runs that come from elsewhere are counted, and how many there are for each second.
_EPOCH, _A_SECOND = 1_700_000_000, 2
#: To which address, and of which app.
Tenant = tuple[str, str]


class NoRoom(Exception):
    """There is no number between those of two runs."""


class RunNumbers:
    """Gives numbers to runs that come from elsewhere.

    ``there`` are the runs of the journal: number, when it began in seconds, tenant. ``is_free`` says of a number that no row
    names it either; ``following`` hands out the next number that a run of the journal itself would get.
    """

    def __init__(
        self, there: Iterable[tuple[int, int, Tenant]], *, is_free: Callable[[int], bool], following: Callable[[], int]
    ) -> None:
        self._taken = set[int]()
        self._by_tenant = defaultdict[Tenant, list[tuple[int, int]]](list)
        self._is_free = is_free
        self._following = following
        for number, began, tenant in there:
            self._take(number, began, tenant)

    def of_run(self, tenant: Tenant, began: int, *, after: int) -> int:
        """Returns the number of a run that began then, above ``after``. Raises ``NoRoom``."""
        others = self._by_tenant[tenant]
        low = max(after, max((number for moment, number in others if moment <= began), default=0))
        high = min((number for _, number in others if number > low), default=None)
        if high is None and low >= FIRST:
            number = self._following()
        else:
            by_time = (began - _EPOCH) * _A_SECOND
            number = self._between(low, FIRST if high is None else high, by_time)
        self._take(number, began, tenant)
        return number

    def of_forgotten(self, low: int, high: int) -> int:
        """Returns a number between two others for a run that is not there any more; 0, which is nobody's, if there is none."""
        try:
            number = self._between(low, high, low + 1)
        except NoRoom:
            return 0
        self._taken.add(number)
        return number

    def _between(self, low: int, high: int, best: int) -> int:
        start = best if low < best < high else low + 1
        for number in range(start, high):
            if number not in self._taken and self._is_free(number):
                return number
        raise NoRoom

    def _take(self, number: int, began: int, tenant: Tenant) -> None:
        self._taken.add(number)
        insort(self._by_tenant[tenant], (began, number))
