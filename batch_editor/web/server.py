"""The server of the page: it listens, serves until it is asked to end, and then lets what is in flight finish."""

from __future__ import annotations

import asyncio
import socket
import threading

import uvicorn

from ..errors import Refused
from .app import create_app
from .site import Site

#: Seconds between two looks whether runs have stopped.
_LOOK_AGAIN = 0.05


class Server:
    """The page of a site on an address of this machine. It listens as soon as it is made; ``run`` serves until ``end``.

    Raises ``Refused`` where it cannot listen there.
    """

    def __init__(self, site: Site, host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = _listening(host, port)
        self.host = host
        config = uvicorn.Config(
            create_app(site), http="h11", ws="none", loop="asyncio", lifespan="off", log_config=None, access_log=False
        )
        self._server = _OrderlyServer(config, site)

    @property
    def port(self) -> int:
        """The port on which it listens."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The address of the home page."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def run(self) -> None:
        """Serves until ``end`` is called."""
        self._server.run([self._socket])

    def end(self) -> None:
        """Lets ``run`` end. May be called by any thread."""
        self._server.should_exit = True


class _OrderlyServer(uvicorn.Server):
    """A server that lets the runs of ``site`` stop in good order before it closes its connections: until then the page tells
    how far that is. A second signal waits for nothing."""

    def __init__(self, config: uvicorn.Config, site: Site) -> None:
        super().__init__(config)
        self._drivers = site.drivers

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        stopping = threading.Thread(target=self._drivers.stop_all, name="stop-runs", daemon=True)
        stopping.start()
        while stopping.is_alive() and not self.force_exit:
            await asyncio.sleep(_LOOK_AGAIN)
        await super().shutdown(sockets)


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise Refused("page.cannot_listen", host=host, port=port, reason=error.strerror or str(error)) from None
