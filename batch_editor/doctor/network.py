"""Looks at the way to the CRM: the address, the proxy, the certificate, the clock; then a token, and the reading of one clue.

Each part waits for those before it. What is sent is counted in the permitted rate like every other request, and nothing of it
is an edit.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from ..crm.client import Client, fetch_token
from ..crm.connection import record_path, tenant_key
from ..crm.pace import Pace, open_record
from ..crm.proxies import variable_of_proxy
from ..crm.reach import Proxy, Reached, Step, Unreached, proxy_on_the_way, reach
from ..crm.secrets import Secrets
from ..crm.shared_pace import SharedPace
from ..crm.tokens import Grant, Tokens
from ..crm.verdicts import Verdict, read_refusal, read_verdict, token_refusal, trouble_of
from ..errors import Halted, SettingsError
from ..journal.journal import Journal
from ..journal.machine import boot_id
from ..journal.permits import Permits
from ..messages.time import spoken
from ..model import Reply
from ..runs.journal_file import journal_address
from ..settings.settings import Settings, app_of
from .checks import Check, bad, not_looked_at, passed_on, waiting, warning, well
from .times import EACH, Budget, Started, TooSlow

T = TypeVar("T")
#: The parts in their order: each waits for those before it.
PARTS = ("proxy", "address", "certificate", "clock", "token", "clue")
#: Seconds by which the clock of this computer may differ from the server's.
MOST_SKEW = 60.0
#: Seconds before the end of a certificate from which on somebody should know.
_SOON = 14 * 86_400.0
#: Seconds for which an answer is waited for beyond its time.
_MORE = 1.0
#: Ends of an address that holds more than the address: the program adds the path itself.
_WITH_PATH = re.compile(r"/openapi(/.*)?$|/clue(/.*)?$|/access_token$")


class Server:
    """The way to the CRM of ``settings``, looked at part by part.

    ``record`` is the folder of the record of the permitted rate, None where it is not well: requests are then counted for
    themselves. ``ready`` says whether the credentials can be used, ``clue_id`` which clue is read, if any.
    """

    def __init__(
        self,
        settings: Settings,
        budget: Budget,
        *,
        record: Path | None,
        ready: bool,
        clue_id: int | None,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._budget = budget
        self._record = record
        self._ready = ready
        self._clue_id = clue_id
        self._wall_clock = wall_clock
        self._secrets = Secrets()

    def looks(self) -> Iterator[Check]:
        """Yields a check for each part, in their order."""
        url = self._settings.api.base_url
        if _WITH_PATH.search(urlsplit(url).path):
            yield from waiting(PARTS[:1], "address")
            yield bad("address", "doctor.address.path", url=url)
            yield from waiting(PARTS[2:], "address")
            return
        try:
            proxy = proxy_on_the_way(url)
            reached = reach(url, self._settings.api.ca_file, seconds=self._budget.share(EACH))
        except Unreached as error:
            yield from _unreached(error, url, proxy)
            return
        except SettingsError as error:
            part = PARTS.index("proxy" if error.message.key == "net.proxy_unusable" else "certificate")
            yield from waiting(PARTS[:part], PARTS[part])
            yield passed_on(PARTS[part], error.message)
            yield from waiting(PARTS[part + 1 :], PARTS[part])
            return
        with reached:
            yield _proxy(proxy, url)
            yield well("address", "doctor.address.reached", url=url, milliseconds=reached.milliseconds)
            yield _certificate(reached, self._wall_clock())
            with self._pace() as pace:
                by_token = list(self._by_token(pace))  # what is waited for first, where the permitted rate is low
                yield self._clock(reached, pace)
                yield from by_token

    @contextmanager
    def _pace(self) -> Iterator[Pace | SharedPace]:
        limits = self._settings.limits
        with ExitStack() as opened:
            pace: Pace | SharedPace
            if permits := self._permits(opened):
                pace = SharedPace(limits, permits=permits, stop=threading.Event(), patience=0.0)
            else:
                folder = self._record
                file = record_path(folder, self._settings, app_of(self._settings)) if folder is not None else None
                pace = Pace(limits, record=open_record(limits, file, boot=boot_id()))
            opened.callback(pace.close)
            pace.take_up()
            yield pace

    def _permits(self, opened: ExitStack) -> Permits | None:
        """Returns the permits of the tenant, where the hosts that share the journal share its rate; None where they do not, or
        where the journal cannot be opened, of which other looks tell."""
        address = journal_address(self._settings)
        if isinstance(address, Path):
            return None
        with suppress(SettingsError, Halted):
            permits = opened.enter_context(Journal(address)).permits(tenant_key(self._settings, app_of(self._settings)), None)
            if permits is not None:
                permits.clock()
            return permits
        return None

    def _in_time(self, pace: Pace | SharedPace, request: Callable[[], T]) -> T | None:
        """Makes one request once it is permitted, and returns what came of it; None if that was not to be in time.

        Raises ``TooSlow`` where the answer is not there in time, and ``Halted`` where the record of the rate cannot be used.
        """

        def permitted() -> T | None:
            if not pace.acquire(stop):
                return None
            try:
                return request()
            finally:
                pace.used()

        stop = threading.Event()
        timer = threading.Timer(self._budget.share(), stop.set)
        timer.daemon = True
        timer.start()
        try:
            return Started(permitted).result(self._budget.share(2 * EACH) + _MORE)  # who gets no permit says so first
        finally:
            timer.cancel()
            stop.set()

    def _clock(self, reached: Reached, pace: Pace | SharedPace) -> Check:
        try:
            ahead = self._in_time(pace, lambda: reached.ahead(self._wall_clock))
        except (TooSlow, Halted):
            ahead = None
        if ahead is None:
            return not_looked_at("clock", "doctor.clock.unknown")
        if abs(ahead) <= MOST_SKEW:
            return well("clock", "doctor.clock.right")
        return warning("clock", "doctor.clock.ahead" if ahead > 0 else "doctor.clock.behind", time=spoken(abs(ahead)))

    def _by_token(self, pace: Pace | SharedPace) -> Iterator[Check]:
        """Yields the checks of the token and of the clue."""
        if not self._ready:
            yield from waiting(("token", "clue"), "secrets")
            return
        api = self._settings.api
        try:
            if api.access_token is not None:
                self._secrets.add(api.access_token.get_secret_value())
                yield from self._reads(api.access_token.get_secret_value(), None, pace)
                return
            answer = self._in_time(pace, self._fetch)
            if isinstance(answer, Grant):
                self._secrets.add(answer.value)
                yield from self._reads(
                    answer.value, well("token", "doctor.token.fetched", time=spoken(answer.expires_in)), pace
                )
                return
            yield self._without_token(answer)
        except TooSlow:
            yield bad("token", "doctor.token.slow", seconds=f"{2 * EACH:g}")
        except Halted as error:  # the record of the rate
            yield passed_on("token", error.message)
        yield from waiting(("clue",), "token")

    def _fetch(self) -> Grant | Reply:
        api = self._settings.api
        secret = api.app_secret.get_secret_value() if api.app_secret is not None else ""
        return fetch_token(api.base_url, api.app_id or "", secret, self._secrets, timeout=self._timeout(), ca_file=api.ca_file)

    def _without_token(self, answer: Reply | None) -> Check:
        """Returns why no token was to be had."""
        if answer is None:
            return not_looked_at("token", "doctor.token.no_permit")
        verdict = read_verdict(answer, self._settings.api)
        if verdict is Verdict.PAUSE:
            return warning("token", "doctor.token.too_fast")
        if answer.trouble is not None or verdict is Verdict.AGAIN:
            return bad("token", "doctor.token.unanswered", reason=trouble_of(answer))
        return bad("token", "doctor.token.denied", reason=token_refusal(answer))

    def _reads(self, token: str, fetched: Check | None, pace: Pace | SharedPace) -> Iterator[Check]:
        """Yields the checks of a token that is there, by reading a clue with it; or the list of pools, if no clue is known."""
        api = self._settings.api
        if fetched is not None and self._clue_id is None:
            yield fetched
            yield not_looked_at("clue", "doctor.clue.unknown")
            return
        with Client(api.base_url, Tokens(fixed=token), self._secrets, timeout=self._timeout(), ca_file=api.ca_file) as client:
            reply = self._in_time(pace, lambda: self._asked(client))
        verdict = read_verdict(reply, api) if reply is not None else None
        if reply is None:
            yield fetched or not_looked_at("token", "doctor.token.no_permit")
            yield not_looked_at("clue", "doctor.clue.no_permit")
        elif verdict is Verdict.RENEW:
            yield bad("token", "doctor.token.refused" if fetched is None else "doctor.token.new_refused")
            yield from waiting(("clue",), "token")
        elif verdict is Verdict.PAUSE:
            yield fetched or warning("token", "doctor.token.too_fast")
            yield warning("clue", "doctor.clue.too_fast")
        elif verdict in (Verdict.AGAIN, Verdict.HALT):
            yield fetched or bad("token", "doctor.token.unanswered", reason=trouble_of(reply))
            yield bad("clue", "doctor.clue.unanswered", reason=trouble_of(reply))
        else:
            yield fetched or well("token", "doctor.token.accepted")
            if self._clue_id is None:
                yield not_looked_at("clue", "doctor.clue.unknown")
            elif verdict is Verdict.DONE:
                yield well("clue", "doctor.clue.read", clue=self._clue_id)
            else:
                yield warning("clue", "doctor.clue.refused", clue=self._clue_id, reason=read_refusal(reply))

    def _asked(self, client: Client) -> Reply:
        return client.pools(1) if self._clue_id is None else client.info(self._clue_id)

    def _timeout(self) -> float:
        return min(self._settings.api.timeout, max(1.0, self._budget.share()))


def _proxy(proxy: Proxy | None, url: str) -> Check:
    """Returns the check of a proxy that lets this program through, or of none."""
    if proxy is None:
        return well("proxy", "doctor.proxy.none")
    variable = variable_of_proxy(urlsplit(url).scheme)
    return well("proxy", "doctor.proxy.used" if variable else "doctor.proxy.of_system", proxy=proxy.shown, variable=variable)


def _unreached(error: Unreached, url: str, proxy: Proxy | None) -> Iterator[Check]:
    """Yields the checks of a way that ends before the server has answered."""
    if error.step is Step.PROXY:
        yield bad("proxy", f"doctor.proxy.{error.kind}", **error.values)
        yield from waiting(PARTS[1:], "proxy")
        return
    if error.step is Step.ADDRESS:
        yield well("proxy", "doctor.proxy.none")
        yield bad("address", f"doctor.address.{error.kind}", **error.values)
        yield from waiting(PARTS[2:], "address")
        return
    yield _proxy(proxy, url)
    yield well("address", "doctor.address.connected", url=url)
    yield of_certificate("certificate", error)
    yield from waiting(PARTS[3:], "certificate")


def of_certificate(name: str, error: Unreached) -> Check:
    """Returns what is wrong with a certificate, and how it is trusted where that is right."""
    certificate = error.values["certificate"]
    issuer = getattr(certificate, "issuer", "") or "?"
    ends = getattr(certificate, "ends", None)
    values = {"host": error.values["host"], "issuer": issuer, "subject": getattr(certificate, "subject", "") or "?"}
    if error.kind == "certificate_expired" and ends is not None:
        return bad(name, "doctor.certificate.expired", **values, day=_day(ends))
    return bad(name, f"doctor.certificate.{error.kind}", **values)


def _certificate(reached: Reached, now: float) -> Check:
    certificate = reached.certificate
    if certificate is None:
        return not_looked_at("certificate", "doctor.certificate.none")
    if certificate.ends is None:  # the system has looked at it
        return well("certificate", "doctor.certificate.trusted")
    values = {"issuer": certificate.issuer, "day": _day(certificate.ends)}
    if certificate.ends - now < _SOON:
        return warning(
            "certificate", "doctor.certificate.soon", **values, days=max(0, math.floor((certificate.ends - now) / 86_400))
        )
    return well("certificate", "doctor.certificate.good", **values)


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
