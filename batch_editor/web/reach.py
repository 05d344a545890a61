"""From where the page can be reached, and what that asks for: a log-in, TLS or a proxy, and the names by which it is known.

Decided once, before the page listens anywhere (guide: people). Whatever is not known to be this machine itself is beyond it.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import Refused
from ..settings.sections import Web
from .certificate import names_of, require_usable
from .people import People

#: A number of a machine; the two kinds of the standard library.
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: A name of a host.
_NAME = re.compile(r"[^\W_]([\w.-]*\w)?\.?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Asked:
    """How a browser has asked: its scheme, the host as it has named it, and the address that it has."""

    scheme: str
    host: str
    address: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How the page is reached. It listens at ``address``, which the person who has started it called ``host``.

    ``needs_login``: not from this machine alone. ``names``: those by which a browser may ask, besides the address itself.
    ``proxies``: whose word about a browser is taken; where there are some, nobody else is answered.
    """

    host: str = "127.0.0.1"
    address: str = "127.0.0.1"
    needs_login: bool = False
    certificate: Path | None = None
    key: Path | None = None
    names: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()

    @property
    def scheme(self) -> Literal["http", "https"]:
        """What is spoken where the page listens."""
        return "https" if self.certificate else "http"

    def asked(self, peer: str, server: tuple[str, int], headers: Mapping[str, str]) -> Asked | None:
        """Returns how a browser has asked, or None where it must not be answered: by a foreign name, or past the proxy.

        ``peer`` is the address of whoever has connected, to ``server``; ``headers`` have names in small letters.
        """
        host = headers.get("host", "")
        if not self.proxies:
            return Asked(self.scheme, host, peer) if self._is_ours(host, server) else None
        if not self._is_proxy(peer) or _last(headers, "x-forwarded-proto") != "https":
            return None
        host = _last(headers, "x-forwarded-host") or host
        name, _ = _split(host)
        return Asked("https", host, _last(headers, "x-forwarded-for") or peer) if self._is_name(name) else None

    def _is_ours(self, host: str, server: tuple[str, int]) -> bool:
        name, port = _split(host)
        if name is None or (port or _DEFAULT_PORTS[self.scheme]) != server[1]:
            return False
        here, literal = _address(server[0]), _address(name)
        at_loopback = here is not None and here.is_loopback
        if literal is not None and (literal == here or (literal.is_loopback and at_loopback)):
            return True
        return (name == "localhost" and at_loopback) or self._is_name(name)

    def _is_name(self, name: str | None) -> bool:
        if not name:
            return False
        _, _, parent = name.partition(".")
        return any(known == name or (known.startswith("*.") and known[2:] == parent) for known in self.names)

    def _is_proxy(self, peer: str) -> bool:
        address = _address(peer)
        return address is not None and any(address in ipaddress.ip_network(network) for network in self.proxies)


#: Where nobody has said anything: this machine alone.
THIS_MACHINE = Reach()


def reach(
    host: str, web: Web, people: People, *, certificate: Path | None, key: Path | None, behind_proxy: bool = False
) -> Reach:
    """Returns how the page is reached at ``host``. Raises ``Refused`` where it must not be started like this, and says why."""
    if (certificate is None) != (key is None):
        raise Refused("page.tls_half")
    if certificate and key:
        require_usable(certificate, key)
    name = host.strip().removeprefix("[").removesuffix("]")
    addresses = _addresses(name)
    if not addresses or not _is_here(addresses[0]):
        raise Refused("page.host_not_here", host=host)
    is_beyond = not all(address.is_loopback for address in addresses)
    if is_beyond and not certificate and not behind_proxy:
        raise Refused("page.needs_tls", host=host)
    needs_login = is_beyond or behind_proxy
    if needs_login and not people.names():
        raise Refused("page.needs_people")
    if behind_proxy and not web.hosts:
        raise Refused("page.needs_hosts")
    of_certificate = names_of(certificate) if certificate else ()
    typed = () if behind_proxy or _address(name) else (name.rstrip(".").casefold(),)
    return Reach(
        host=name,
        address=str(addresses[0]),
        needs_login=needs_login,
        certificate=certificate,
        key=key,
        names=(*web.hosts, *of_certificate, *typed),
        proxies=web.proxies if behind_proxy else (),
    )


def _addresses(name: str) -> list[_Address]:
    """Returns the addresses of a host, none where it has none; an address of IPv4 in the clothes of IPv6 is one of IPv4."""
    if not name:
        return []
    try:
        known = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    addresses = [_address(str(entry[4][0])) for entry in known]
    return sorted({address for address in addresses if address}, key=lambda address: (address.version, int(address)))


def _is_here(address: _Address) -> bool:
    """Returns whether this computer has the address."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_STREAM) as aside:
        try:
            aside.bind((str(address), 0))
        except OSError:
            return False
    return True


def _address(text: str) -> _Address | None:
    with suppress(ValueError):
        address = ipaddress.ip_address(text)
        return getattr(address, "ipv4_mapped", None) or address
    return None


def _split(host: str) -> tuple[str | None, int | None]:
    """Returns the name and the port of a ``Host``, None for the name where it has no such form."""
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        name, port = host, ""
    if colon and not host.endswith("]") and not (port.isascii() and port.isdecimal() and len(port) <= 5):
        return None, None
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1]
    elif ":" in name:
        return None, None
    is_name = _NAME.fullmatch(name) or _address(name)
    return name.rstrip(".").casefold() if is_name else None, int(port) if port else None


def _last(headers: Mapping[str, str], name: str) -> str:
    """Returns what the proxy itself has added to a list that a browser may have begun."""
    return headers.get(name, "").rpartition(",")[2].strip()
