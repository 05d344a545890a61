"""Makes one call over HTTP and hands on what came back as a ``Reply``: facts, no judgement. Only this module imports httpx.

It sends each request exactly once and says whether it reached the CRM: no, maybe, yes. Retries, the permitted rate and
verdicts are left to others. No access token leaves this module other than in a request.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import sys
import threading
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any, cast
from urllib.parse import quote

# The command line of httpx loads rich, click and pygments, which takes as long as all else of it several times over. It is left
# out as where they are not installed.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
import httpx

if sys.modules["httpx._main"] is None:
    del sys.modules["httpx._main"]

from ..errors import SettingsError
from ..model import Edit, Message, Reply, Sent
from ..settings.sections import is_address
from .deadline import Exchange, Watch
from .host_names import wait_for_name
from .incoming import Incoming
from .last_look import flaw
from .log_guard import guard_logs
from .proxies import proxy_for
from .replies import LONGEST_BODY, Answer, charset, decompressed, edit_reply, info_reply, retry_seconds, token_grant
from .secrets import Secrets
from .tokens import Grant, Tokens
from .trust import connect_trouble, is_for_all, tls_for

#: Seconds for which an idle connection is used again; gateways commonly drop theirs after 30 to 75.
KEEP_ALIVE = 15.0

_EDIT, _INFO, _POOLS = "/openapi/crm/clue/edit", "/openapi/crm/clue/info", "/openapi/crm/cluepool/list"
#: As many pools as one answer of cluepool/list can hold.
_POOLS_OF_PAGE = 100


def _nothing() -> None:
    pass


class Client:
    """Talks to the CRM at ``base_url`` about clues, for any number of threads at a time, with one connection for each of them.

    ``timeout`` is in seconds and holds for looking up a name, for connecting to each of the addresses that it stands for, and
    for each read and write. From when there is a connection, TLS, a proxy's consent, request and answer together may take
    twice as long (what ``begins`` takes does not count), however slowly they drip. Proxies are taken from the environment,
    except on the way to this machine itself. ``ca_file`` names certificates that are trusted besides the usual ones.
    ``begins`` is called when a connection is there and the first byte of a request is about to go out, and may raise, so that
    none does; ``ends``, when the last one has gone. Once ``stop`` is set, nobody waits for a name any longer. ``clock`` and
    ``wall_clock`` give seconds. Raises SettingsError for an address, a proxy or trusted certificates that cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        tokens: Tokens,
        secrets: Secrets,
        *,
        timeout: float,
        ca_file: Path | None = None,
        begins: Callable[[], None] = _nothing,
        ends: Callable[[], None] = _nothing,
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._tokens = tokens
        self._secrets = secrets
        self._wire = _Wire(base_url, secrets, timeout, ca_file, begins, ends, stop or threading.Event(), clock, wall_clock)
        # httpx loads its network half with the first transport. Here it is in nobody's way; in the first call it would
        # come between the permit and the request.
        self._wire.connect().close()
        # For each path a token's generation and the URL that holds it, built once for each.
        self._urls = dict.fromkeys((_EDIT, _INFO, _POOLS), (0, httpx.URL()))
        self._of_thread = threading.local()  # its ``connection``
        self._lock = threading.Lock()
        self._connections: list[_HttpConnection] = []

    def edit(self, edit: Edit) -> Reply:
        """Sends ``edit`` once (guide: crm) and returns what came back. Raises TokenRefused when no token can be had.

        The reply says what the network or the CRM did: ``sent`` is NO when no connection was made, MAYBE when it was lost,
        YES when a whole answer came. An answer whose body was lost has its status, but is MAYBE: without the body nobody
        knows what the CRM said. A whole body of no use is YES with a ``trouble``. An edit whose body is not one for its clue is
        ``withheld``.
        """
        if reason := flaw(edit):
            return Reply(Sent.NO, trouble=reason, withheld=True)
        return self._post(_EDIT, edit.body, edit_reply)

    def info(self, clue_id: int) -> Reply:
        """Asks once for the record of a clue (guide: crm); returns and raises what ``edit`` does.

        ``data`` is the record as a dict, nested as it came and its integers exact; what is no JSON object is as for an edit. An
        answer that holds a NaN or an infinity is no JSON.
        """
        return self._post(_INFO, json.dumps({"clue_id": clue_id}), info_reply)

    def pools(self, page: int) -> Reply:
        """Asks once for a page of the list of pools (guide: crm), counted from 1; returns and raises what ``info`` does."""
        return self._post(_POOLS, json.dumps({"current_index": page, "page_size": _POOLS_OF_PAGE}), info_reply)

    def _post(self, path: str, body: str, read: Callable[[Answer, Secrets, int], Reply]) -> Reply:
        token = self._tokens.current()
        generation, url = self._urls[path]
        if generation != token.generation:
            self._secrets.add(token.value)
            url = httpx.URL(f"{self._base}{path}?access_token={_quoted(token.value)}")
            self._urls[path] = (token.generation, url)
        answer = self._wire.exchange(self._connection(), "POST", url, body.encode())
        return read(answer, self._secrets, token.generation)

    def _connection(self) -> _HttpConnection:
        """Returns the connection of this thread."""
        connection: _HttpConnection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._wire.connect()
            self._of_thread.connection = connection
            with self._lock:
                self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Closes every connection; to be called once the last sender has ended."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._wire.watch.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def fetch_token(
    base_url: str,
    app_id: str,
    app_secret: str,
    secrets: Secrets,
    *,
    timeout: float,
    ca_file: Path | None = None,
    begins: Callable[[], None] = _nothing,
    ends: Callable[[], None] = _nothing,
    stop: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    wall_clock: Callable[[], float] = time.time,
) -> Grant | Reply:
    """Asks the CRM once for an access token (guide: crm); returns the grant, or a reply that says what came back instead.

    The token and ``app_secret`` are added to ``secrets``. ``expires_in`` is 7200 s when the answer has no sensible one.
    A reply of code 0 has the ``trouble`` that its token is missing or cannot be one; its ``data`` is always None.
    ``ca_file``, ``begins``, ``ends`` and ``stop`` are those of ``Client``. Raises SettingsError like it, StopAsked, and
    nothing for what the network or the CRM does.
    """
    secrets.add(app_secret)
    wire = _Wire(base_url, secrets, timeout, ca_file, begins, ends, stop or threading.Event(), clock, wall_clock)
    query = f"appid={_quoted(app_id)}&app_secret={_quoted(app_secret)}"
    url = httpx.URL(f"{base_url.rstrip('/')}/openapi/access_token?{query}")
    connection = wire.connect()
    try:
        answer = wire.exchange(connection, "GET", url, None)
    finally:
        connection.close()
        wire.watch.close()
    return token_grant(answer, secrets)


class _UnaskedError(httpx.RemoteProtocolError):
    """Something arrived over a connection before the request was sent: it must not go out there."""


class _HttpConnection(Exchange):
    """One connection, for one thread, and how far its exchange has come."""

    def __init__(self, transport: httpx.HTTPTransport, wire: _Wire) -> None:
        super().__init__(wire.watch)
        self.transport = transport
        self.extensions = {"timeout": httpx.Timeout(wire.timeout).as_dict(), "trace": self._trace}
        self.begun = False  # whether, in this exchange, the first byte of the request may have gone out
        self._has_ended = True  # whether it is known that the last one has, or never will
        self.out_of_step = False  # whether, in this exchange, more has come than one answer
        self._incoming: Incoming | None = None  # None until there is a connection
        self._begins, self._ends = wire.begins, wire.ends
        self._timeout, self._stop = wire.timeout, wire.stop

    @property
    def has_more(self) -> bool:
        """Whether something has arrived that nobody asked for, before a request or behind an answer."""
        return self._incoming is not None and self._incoming.has_more

    def close(self) -> None:
        self.transport.close()
        super().close()

    def end_request(self) -> None:
        """Tells once that the request of this exchange has gone out, as far as it has; nothing if none has begun."""
        if not self._has_ended:
            self._has_ended = True
            self._ends()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event == "http11.send_request_headers.started":
            if info["request"].method == b"CONNECT":  # that one goes to a proxy, without token or edit
                return
            self.pause()
            self._begins()
            if self.has_more:
                raise _UnaskedError("an answer before the request")
            if self._incoming is not None:
                self._incoming.expect_answer()
            self.begun, self._has_ended = True, False
            self.run()
        elif event == "http11.send_request_body.complete" and self.begun:
            self.end_request()
        elif event.startswith("http11."):  # as nearly all of them
            return
        elif event.endswith(".connect_tcp.started"):
            if not is_address(info["host"]) and not wait_for_name(info["host"], info["port"], self._timeout, self._stop):
                raise httpx.ConnectTimeout("name")
        elif event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            stream = info["return_value"]
            self._incoming = Incoming(stream)
            try:
                self.connected(stream.get_extra_info("socket"))
            except OSError as error:
                stream.close()
                raise httpx.ConnectError("no file descriptor is left") from error


class _Wire:
    """How this program talks to the server at ``base_url``: makes connections to it, and does one exchange over one of them.

    Transports are used directly. A whole ``httpx.Client`` around them would obey .netrc, keep cookies, log every URL,
    and take a quarter more processor time for each request.
    """

    def __init__(
        self,
        base_url: str,
        secrets: Secrets,
        timeout: float,
        ca_file: Path | None,
        begins: Callable[[], None],
        ends: Callable[[], None],
        stop: threading.Event,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
    ) -> None:
        guard_logs(secrets)
        url = _address(base_url)
        self._scheme = url.scheme
        self._ca_file = ca_file
        self._tls = tls_for(url.scheme, ca_file)
        self._proxy = _proxy_for(url, self._tls)
        self._headers = [
            (b"Host", url.netloc),
            (b"User-Agent", f"batch_editor/{_version()}".encode()),
            (b"Accept", b"application/json"),
            (b"Accept-Encoding", b"identity"),
        ]
        self._post_headers = [*self._headers, (b"Content-Type", b"application/json; charset=utf-8")]
        self.timeout = timeout
        self.watch = Watch(2 * timeout, clock)
        self.begins, self.ends, self.stop = begins, ends, stop
        self._wall_clock = wall_clock

    def connect(self) -> _HttpConnection:
        """Returns a connection for one thread, which is made with its first exchange."""
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE)
        # To read the trusted certificates takes milliseconds.
        tls = self._tls if is_for_all(self._tls) else tls_for(self._scheme, self._ca_file)
        return _HttpConnection(httpx.HTTPTransport(verify=tls, http2=False, limits=limits, proxy=self._proxy), self)

    def exchange(self, connection: _HttpConnection, method: str, url: httpx.URL, body: bytes | None) -> Answer:
        """Sends one request and reads its answer; never follows a redirect, never raises for what network or server do."""
        headers = self._headers if body is None else [*self._post_headers, (b"Content-Length", b"%d" % len(body))]
        # A ``stream`` with all of its headers: httpx takes several times as long to find out those of a ``content``.
        stream = httpx.ByteStream(body or b"")
        request = httpx.Request(method, url, headers=headers, stream=stream, extensions=connection.extensions)
        connection.begun = connection.out_of_step = False
        connection.start()
        try:
            return self._answer(connection, request)
        finally:
            connection.pause()
            connection.end_request()
            # An answer may be whole all the same, and its connection kept though it is shut down, or out of step.
            if connection.overdue or connection.out_of_step:
                connection.transport.close()
            connection.end()

    def _answer(self, connection: _HttpConnection, request: httpx.Request) -> Answer:
        try:
            try:
                response = connection.transport.handle_request(request)
            except _UnaskedError:  # nothing went out, and that connection is closed: a new one will do
                response = connection.transport.handle_request(request)
        except httpx.TransportError as error:
            return Answer(Sent.MAYBE if connection.begun else Sent.NO, trouble=self._trouble(connection, error))
        except UnicodeError:  # a host name such as a..b, for which no name server can be asked
            return Answer(Sent.NO, trouble=Message("net.name"))
        status = response.status_code
        retry_after = retry_seconds(response.headers, self._wall_clock)
        content = bytearray()
        try:
            # Not by ``iter_raw``: it would close the connection before anybody can see whether there is more.
            for chunk in cast(httpx.SyncByteStream, response.stream):
                content += chunk
                if len(content) > LONGEST_BODY:
                    return Answer(Sent.YES, status, retry_after, trouble=Message("reply.too_long"))
            if connection.overdue and not {"content-length", "transfer-encoding"} & response.headers.keys():
                raise httpx.ReadError("cut")  # such a body ends with its connection, and that was ended here
            if connection.has_more:
                connection.out_of_step = True
                return Answer(Sent.MAYBE, trouble=Message("net.unasked"))  # not even its status need be for this request
        except httpx.TransportError as error:
            return Answer(Sent.MAYBE, status, retry_after, trouble=self._trouble(connection, error, "net.cut"))
        finally:
            response.close()
        body = decompressed(bytes(content), response.headers)
        if len(body) > LONGEST_BODY:
            return Answer(Sent.YES, status, retry_after, trouble=Message("reply.too_long"))
        return Answer(Sent.YES, status, retry_after, body=body, charset=charset(response.headers))

    def _trouble(self, connection: _HttpConnection, error: httpx.TransportError, lost: str = "net.lost") -> Message:
        """Returns what happened, in words of ours: httpx's own text may hold the URL, and the token with it."""
        if connection.overdue or isinstance(error, httpx.TimeoutException):
            seconds = self.watch.limit if connection.overdue else self.timeout
            return Message("net.timeout" if connection.begun else "net.connect_timeout", {"seconds": f"{seconds:g}"})
        if isinstance(error, httpx.ConnectError):
            return Message(connect_trouble(error))
        if isinstance(error, _UnaskedError):
            return Message("net.unasked")
        if isinstance(error, httpx.ProxyError) and str(error).startswith("407"):
            return Message("net.proxy_login")
        return Message(lost if connection.begun else "net.proxy")


def _version() -> str:
    try:
        return version("batch_editor")
    except PackageNotFoundError:  # run from a checkout
        return "0"


def _address(base_url: str) -> httpx.URL:
    with contextlib.suppress(httpx.InvalidURL, UnicodeError):
        url = httpx.URL(base_url)
        if url.scheme in ("http", "https") and url.host:
            return url
    raise SettingsError("net.address_unusable", address=base_url)


def _quoted(text: str) -> str:
    # "replace": a variable of the environment may hold bytes that are no text, and the error would show the secret.
    return quote(text, safe="", errors="replace")


def _proxy_for(url: httpx.URL, tls: ssl.SSLContext) -> httpx.Proxy | None:
    """Returns the proxy on the way to ``url``. Raises ``SettingsError`` for one that cannot be used."""
    address = proxy_for(url.scheme, url.host)
    if address is None:
        return None
    proxy = None
    # Raised below and not here: the error's text may hold the proxy's password, and it would stay on as the context.
    with contextlib.suppress(httpx.InvalidURL, ValueError):
        proxy = httpx.Proxy(address, ssl_context=tls if address.lower().startswith("https:") else None)
    if proxy is None or proxy.url.scheme not in ("http", "https"):
        raise SettingsError("net.proxy_unusable")
    return proxy
