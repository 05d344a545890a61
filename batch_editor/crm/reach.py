"""Makes a bare connection to a server, step by step, and says at which step the way ends, and why.

It is for looking at a set-up: requests with a token are made by ``client`` alone. No step waits longer than it may, whatever
the other side does.
"""

from __future__ import annotations

import base64
import contextlib
import email.utils
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from ..errors import SettingsError, reason_in
from .host_names import wait_for_name
from .proxies import proxy_for
from .trust import certificate_trouble, tls_for

#: The longest head of an answer that is read, in bytes.
_LONGEST_HEAD = 1 << 16
#: Lets a certificate be read that has expired: OpenSSL's X509_V_FLAG_NO_CHECK_TIME, for which Python has no name.
_ANY_TIME = 0x200000
#: What OpenSSL calls a certificate that is signed by itself.
_SIGNED_BY_ITSELF = 18


class Step(StrEnum):
    """The steps of the way to a server, at each of which it may end."""

    PROXY = "proxy"
    ADDRESS = "address"
    CERTIFICATE = "certificate"


class Unreached(Exception):
    """The way to a server ends at a ``step``; ``kind`` is a word for why, ``values`` say more."""

    def __init__(self, step: Step, kind: str, **values: object) -> None:
        super().__init__(f"{step}: {kind}")
        self.step = step
        self.kind = kind
        self.values = values


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy: ``shown`` is its address without the password."""

    host: str
    port: int
    speaks_tls: bool
    shown: str
    login: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Who has issued a certificate, for whom, and until when it is good (seconds since 1970, None: not known)."""

    issuer: str = ""
    subject: str = ""
    ends: float | None = None


@dataclass(slots=True)
class Reached:
    """A connection to a server, to be closed; ``milliseconds`` is what it took to look up its name and to connect.

    ``certificate`` is None without TLS, and where the proxy speaks TLS itself, so that nobody can look.
    """

    host: str
    path: str
    milliseconds: int
    proxy: Proxy | None
    certificate: Certificate | None
    socket: socket.socket
    seconds: float

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def ahead(self, wall_clock: Callable[[], float] = time.time) -> float | None:
        """Asks for nothing but a head, and returns by how many seconds this computer's clock is ahead of the server's; None
        where the server does not say what time it is."""
        began = wall_clock()
        with _cut_after(self.seconds, self.socket), contextlib.suppress(OSError, ValueError, TypeError):
            self.socket.sendall(f"HEAD {self.path or '/'} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n".encode())
            for line in _head(self.socket):
                name, _, value = line.partition(":")
                if name.strip().lower() == "date":
                    return (began + wall_clock()) / 2 - email.utils.parsedate_to_datetime(value.strip()).timestamp()
        return None


def proxy_on_the_way(url: str) -> Proxy | None:
    """Returns the proxy on the way to ``url``. Raises ``SettingsError`` for one that cannot be used."""
    parts = urlsplit(url)
    address = proxy_for(parts.scheme, parts.hostname or "")
    if address is None:
        return None
    with contextlib.suppress(ValueError):  # its text may hold the password
        of_proxy = urlsplit(address)
        port = of_proxy.port or {"http": 80, "https": 443}.get(of_proxy.scheme)
        if of_proxy.scheme in ("http", "https") and of_proxy.hostname and port is not None:
            login = f"{unquote(of_proxy.username or '')}:{unquote(of_proxy.password or '')}" if of_proxy.username else ""
            host = f"[{of_proxy.hostname}]" if ":" in of_proxy.hostname else of_proxy.hostname
            shown = f"{of_proxy.scheme}://{'***@' if login or of_proxy.password else ''}{host}:{port}"
            return Proxy(of_proxy.hostname, port, of_proxy.scheme == "https", shown, login)
    raise SettingsError("net.proxy_unusable") from None


def reach(url: str, ca_file: Path | None = None, *, seconds: float) -> Reached:
    """Connects to the server of ``url``: within so many ``seconds``, and as many again for the proxy and TLS.

    Raises ``Unreached``, and ``SettingsError`` for a proxy or trusted certificates that cannot be used.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    proxy = proxy_on_the_way(url)
    context = tls_for(parts.scheme, ca_file)
    began = time.monotonic()
    if proxy is None:
        connection = connect(host, port, Step.ADDRESS, seconds)
    else:
        connection = connect(proxy.host, proxy.port, Step.PROXY, seconds)
    took = round((time.monotonic() - began) * 1000)
    certificate = None
    try:
        if proxy is not None:
            connection = _through(connection, proxy, host, port, ca_file, seconds)
        if parts.scheme == "https" and not (proxy is not None and proxy.speaks_tls):
            connection, certificate = secured(connection, host, context, seconds)
    except Unreached as error:
        connection.close()
        if error.step is Step.CERTIFICATE:
            error.values["certificate"] = _shown_by(host, port, proxy, ca_file, seconds)
        raise
    except BaseException:
        connection.close()
        raise
    return Reached(parts.netloc, parts.path, took, proxy, certificate, connection, seconds)


def connect(host: str, port: int, step: Step, seconds: float) -> socket.socket:
    """Connects to one of the addresses that ``host`` stands for. Raises ``Unreached`` at ``step``."""
    until = time.monotonic() + seconds
    if not wait_for_name(host, port, seconds, threading.Event()):
        raise Unreached(step, "name_slow", host=host, seconds=f"{seconds:g}")
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreached(step, "name", host=host) from None
    trouble = Unreached(step, "no_time", host=host, port=port, seconds=f"{seconds:g}")
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        remaining = until - time.monotonic()
        if remaining <= 0:
            break
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(remaining / (len(addresses) - number))
        try:
            connection.connect(address)
        except TimeoutError:
            connection.close()
        except OSError as error:
            connection.close()
            refused = "refused" if isinstance(error, ConnectionRefusedError) else "no_way"
            trouble = Unreached(step, refused, host=host, port=port, reason=reason_in(error))
        else:
            connection.settimeout(seconds)
            return connection
    raise trouble


def secured(connection: socket.socket, host: str, context: ssl.SSLContext, seconds: float) -> tuple[ssl.SSLSocket, Certificate]:
    """Speaks TLS over ``connection`` from here on; returns it, and the certificate of the server. Raises ``Unreached``."""
    try:
        with _cut_after(seconds, connection):
            encrypted = context.wrap_socket(connection, server_hostname=host, do_handshake_on_connect=False)
            try:
                encrypted.do_handshake()
                return encrypted, _certificate(encrypted.getpeercert() or {})
            except BaseException:
                encrypted.close()
                raise
    except ssl.SSLCertVerificationError as error:
        is_own = getattr(error, "verify_code", 0) == _SIGNED_BY_ITSELF
        kind = "signed_by_itself" if is_own else certificate_trouble(error).removeprefix("net.")
        raise Unreached(Step.CERTIFICATE, kind, host=host) from None
    except (OSError, ValueError):
        raise Unreached(Step.CERTIFICATE, "tls", host=host) from None


def _through(
    connection: socket.socket, proxy: Proxy, host: str, port: int, ca_file: Path | None, seconds: float
) -> socket.socket:
    """Asks the ``proxy`` for a way to a server. Raises ``Unreached``."""
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    login = f"Proxy-Authorization: Basic {base64.b64encode(proxy.login.encode()).decode()}\r\n" if proxy.login else ""
    if proxy.speaks_tls:
        connection, _ = secured(connection, proxy.host, tls_for("https", ca_file), seconds)
    try:
        with _cut_after(seconds, connection):
            connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{login}\r\n".encode())
            status = int(next(_head(connection)).split()[1])
    except (OSError, ValueError, IndexError, StopIteration):
        raise Unreached(Step.PROXY, "silent", host=proxy.host, port=proxy.port) from None
    if status == 407:
        raise Unreached(Step.PROXY, "login", host=proxy.host, port=proxy.port)
    if not 200 <= status < 300:
        raise Unreached(Step.PROXY, "said_no", host=proxy.host, port=proxy.port, status=status, server=host)
    return connection


def _shown_by(host: str, port: int, proxy: Proxy | None, ca_file: Path | None, seconds: float) -> Certificate:
    """Returns what stands in the certificate that a server shows, trusted or not; nothing where that cannot be read."""
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(Unreached, OSError, ValueError):
        content, _ = _peer(host, port, proxy, ca_file, blind, seconds)
        # Python tells what stands in a certificate only where it is trusted; nothing but its reading depends on that here.
        reading = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        reading.check_hostname = False
        reading.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(_ANY_TIME)
        reading.load_verify_locations(cadata=content)
        _, facts = _peer(host, port, proxy, ca_file, reading, seconds)
        return _certificate(facts)
    return Certificate()


def _peer(
    host: str, port: int, proxy: Proxy | None, ca_file: Path | None, context: ssl.SSLContext, seconds: float
) -> tuple[bytes, dict[str, Any]]:
    """Returns the certificate that a server shows, and what Python tells of it, over a connection for this alone."""
    if proxy is None:
        connection = connect(host, port, Step.ADDRESS, seconds)
    else:
        connection = _through(connect(proxy.host, proxy.port, Step.PROXY, seconds), proxy, host, port, ca_file, seconds)
    with _cut_after(seconds, connection), context.wrap_socket(connection, server_hostname=host) as encrypted:
        return encrypted.getpeercert(binary_form=True) or b"", encrypted.getpeercert() or {}


def _certificate(facts: dict[str, Any]) -> Certificate:
    """Returns a certificate from what Python tells of it."""
    ends = ssl.cert_time_to_seconds(facts["notAfter"]) if "notAfter" in facts else None
    return Certificate(_name(facts.get("issuer", ())), _name(facts.get("subject", ())), ends)


def _name(parts: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    names = {key: value for part in parts for key, value in part}
    common = names.get("commonName", "")
    company = names.get("organizationName", "")
    return f"{common} ({company})" if common and company else common or company


def _head(connection: socket.socket) -> Iterator[str]:
    """Returns the lines of the head of an answer, and nothing of what follows."""
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte or len(head) > _LONGEST_HEAD:
            raise ValueError("no head of an answer")
        head += byte
    return iter(head.decode("latin-1").split("\r\n"))


@contextmanager
def _cut_after(seconds: float, connection: socket.socket) -> Iterator[None]:
    """Ends what is done over ``connection`` after so many seconds: its own timeout begins anew with every byte."""
    duplicate = connection.dup() if not isinstance(connection, ssl.SSLSocket) else None

    def cut() -> None:
        with contextlib.suppress(OSError):
            (duplicate or connection).shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if duplicate is not None:
            duplicate.close()
