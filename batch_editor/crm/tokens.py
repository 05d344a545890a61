"""Keeps the access token of a run, and decides when it is renewed: once for all senders.

How a token is asked for is left to the ``fetch`` that is passed in; which answers mean that a token was refused, to
``retries``.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import Halted, TokenRefused
from ..states import WaitReason
from .waits import Waits

#: Seconds before its expiry at which a token is renewed (guide: crm): the vendor's own program does the same.
EARLY = 300.0


@dataclass(frozen=True, slots=True)
class Grant:
    """What the CRM hands out: a token and for how many seconds it is good."""

    value: str = field(repr=False)
    expires_in: float


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; ``generation`` counts from 1 and is what others may know of it."""

    value: str = field(repr=False)
    generation: int


class Tokens:
    """The access token of a run, for any number of senders: fetched once, kept, and renewed once for all of them.

    Either ``fixed`` is the token, or ``fetch`` asks the CRM for one and raises TokenRefused when none is to be had. The
    CRM hands out the same token again while it takes it for valid (guide: crm), so a token that was fetched
    because of a refusal and is refused as well, before anything succeeded with it, is the end. ``waits``
    are told while somebody waits for a token, and ``clock`` gives seconds.
    """

    def __init__(
        self,
        *,
        fixed: str | None = None,
        fetch: Callable[[], Grant] | None = None,
        waits: Waits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if (fixed is None) == (fetch is None):
            raise ValueError("give either fixed or fetch")
        self._fetch = fetch
        self._waits = waits or Waits()
        self._clock = clock
        self._changed = threading.Condition()
        self._token = None if fixed is None else Token(fixed, 1)
        self._due = self._ends = math.inf
        self._unproven = False  # fetched because of a refusal, and nothing has succeeded with it yet
        self._refused = False  # whether the token that is there is known to be refused
        self._fetching = False
        self._fetches = 0
        self._failure: Halted | None = None  # how the last fetch ended, if badly

    @property
    def still_holds(self) -> bool:
        """Whether there is a token that was not refused and has not ended, so that another one can wait."""
        return self._token is not None and not self._refused and self._clock() < self._ends

    @property
    def held(self) -> str | None:
        """The token that is there, which will not do (any longer) while another one is asked for."""
        return self._token.value if self._token is not None else None

    def current(self) -> Token:
        """Returns the token to send with; fetches it on first use and 300 s before it expires. Raises TokenRefused.

        The 300 s are counted by our own clock from the moment of asking (guide: crm). A token that lives 600 s
        or less is renewed after half its life. Where that fails, the old one is used to its end.
        """
        with self._changed:
            while (token := self._token) is None or self._clock() >= self._due:
                try:
                    self._fetch_once(refused=False)
                except Halted:
                    if token is None or self._clock() >= self._ends:
                        raise
                    self._due = self._ends
                if self._token is not None and self._token is not token:
                    return self._token  # at least this once, however short its life
            return token

    def renew(self, refused: int) -> None:
        """Gets a new token because the CRM refused that of generation ``refused``, unless there is a new one already.

        Raises TokenRefused where that is of no use: for a fixed token, and for one that was fetched because of a
        refusal and has not worked since.
        """
        with self._changed:
            while self._token is not None and self._token.generation <= refused:
                if self._unproven and not self._fetching:
                    raise TokenRefused("token.new_refused")
                self._fetch_once(refused=True)

    def worked(self, generation: int) -> None:
        """Takes notice that a request with that token was answered, and not with a refusal of it."""
        with self._changed:
            if self._token is not None and self._token.generation == generation:
                self._unproven = False

    def _fetch_once(self, *, refused: bool) -> None:
        """Fetches a token, or waits for the fetch that is under way; is called, and returns, with the lock held."""
        if self._fetch is None:
            raise TokenRefused("token.fixed_refused")
        if self._fetching:
            awaited = self._fetches
            with self._waits.of(WaitReason.TOKEN):
                while self._fetching and self._fetches == awaited:
                    self._changed.wait()
        else:
            self._fetching = True
            self._fetches += 1
            self._failure = None
            self._refused = refused
            asked = self._clock()
            grant = None
            self._changed.release()
            try:
                with self._waits.of(WaitReason.TOKEN):
                    grant = self._fetch()
            except Halted as error:
                self._failure = error
            finally:
                self._changed.acquire()
                self._fetching = False
                self._changed.notify_all()
            if grant is not None:
                self._token = Token(grant.value, self._token.generation + 1 if self._token else 1)
                self._due = asked + max(grant.expires_in - EARLY, grant.expires_in / 2)
                self._ends = asked + grant.expires_in
                self._unproven = refused
        if self._failure is not None:
            # A new error for each thread: a shared one would gather the tracebacks, and the context, of all of them.
            raise type(self._failure)(self._failure.message.key, **self._failure.message.values)
