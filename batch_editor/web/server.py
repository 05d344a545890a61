"""The server of the page: it listens, serves until it is asked to end, and then lets what is in flight finish.

From where it can be reached is decided in ``reach`` before it starts, and how it speaks HTTP in ``protocol``.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager

import uvicorn

from ..errors import Refused, reason_in
from ..stop import Stop
from .app import create_app
from .protocol import Protocol
from .site import Site

#: How many seconds answers that are under way have to finish once the server ends.
GRACE = 5
#: What a system says of an address that none of its networks has, and of a name that it does not know.
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, getattr(errno, "WSAEADDRNOTAVAIL", errno.EADDRNOTAVAIL)})
_TAKEN = frozenset({errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)})


class Server:
    """The page of a site where its ``reach`` says. It listens as soon as it is made; ``run`` serves until ``end``.

    Raises ``Refused`` where it cannot listen there.
    """

    def __init__(self, site: Site, port: int = 0) -> None:
        self._reach = site.reach
        self._socket = _listening(site.reach.address, port)
        self._stop = Stop()
        self._drivers = site.drivers
        self._readings = site.readings
        self._stopped: list[str] = []
        config = uvicorn.Config(
            create_app(site),
            http=Protocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="critical",  # what goes wrong in a view is logged by ``error_pages``, in one line
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the guard decides whose word is taken
            ssl_certfile=site.reach.certificate,
            ssl_keyfile=site.reach.key,
            timeout_graceful_shutdown=GRACE,
        )
        logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # a form that is none is answered, and no news
        self._server = _Uvicorn(config)

    @property
    def url(self) -> str:
        """The address of the home page on this computer."""
        return self._url("127.0.0.1" if self._is_everywhere else self._reach.host)

    @property
    def url_for_others(self) -> str | None:
        """The same for other computers, where it is another one and this computer knows it."""
        return self._url(address) if self._is_everywhere and (address := _outward_address()) else None

    def run(self, on_end: Callable[[], None] = lambda: None) -> list[str]:
        """Serves until ``end`` is called, and returns the names of the runs that stopped early because of that.

        ``on_end`` is called before what is in flight is waited for; the page tells meanwhile how far that is.
        """
        ending = threading.Thread(target=self._end_in_order, args=(on_end,), name="end", daemon=True)
        ending.start()
        try:
            self._server.run([self._socket])
            ending.join(GRACE)  # a run that was abandoned writes down what is not known of it
        finally:
            self._readings.close()
        return self._stopped

    def end(self) -> None:
        """Lets ``run`` end in order; called once more, at once. May be called by a signal handler, or by any thread."""
        self._stop.ask()
        if self._stop.hard.is_set():
            self._drivers.abandon_all()
            self._server.should_exit = self._server.force_exit = True

    def _end_in_order(self, on_end: Callable[[], None]) -> None:
        self._stop.soft.wait()
        on_end()
        self._stopped = self._drivers.stop_all()
        self._server.should_exit = True

    @property
    def _is_everywhere(self) -> bool:
        return ipaddress.ip_address(self._socket.getsockname()[0]).is_unspecified

    def _url(self, host: str) -> str:
        return f"{self._reach.scheme}://{f'[{host}]' if ':' in host else host}:{self._socket.getsockname()[1]}"


class _Uvicorn(uvicorn.Server):
    """Signals are handled by whoever runs the server."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except (socket.gaierror, UnicodeError):
        raise Refused("page.host_not_here", host=host) from None
    except OSError as error:
        if error.errno in _NOT_HERE:
            raise Refused("page.host_not_here", host=host) from None
        if error.errno in _TAKEN:
            raise Refused("page.port_taken", host=host, port=port) from None
        raise Refused("page.cannot_listen", host=host, port=port, reason=reason_in(error)) from None


def _outward_address() -> str | None:
    """Returns the address by which this computer is known in its network. Nothing is sent to find it out."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as aside:
        try:
            aside.connect(("192.0.2.1", 9))  # an address of nobody
        except OSError:
            return None
        address: str = aside.getsockname()[0]
        return address
