"""The certificate of the page and its key: whether they can be used together, and for which names.

Python hands out the names of a certificate that it has verified, and not of the one that it shows: they are read here from its
bytes (RFC 5280, 4.2.1.6).
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..errors import Refused, reason_in
from ..files import open_regular

#: How the extension subjectAltName begins in DER: the number 2.5.29.17.
_ALTERNATIVE_NAMES = bytes.fromhex("0603551d11")
#: The tags of what that extension holds: a name of DNS, an address.
_DNS, _ADDRESS = 0x82, 0x87


def require_usable(certificate: Path, key: Path) -> None:
    """Raises ``Refused`` unless both files can be read and belong together."""
    for path in (certificate, key):
        try:
            open_regular(path).close()
        except OSError as error:
            raise Refused("page.tls_unreadable", path=path, reason=reason_in(error)) from None
    try:
        tls_context(certificate, key)
    except _PassphraseNeeded:
        raise Refused("page.tls_passphrase", path=key) from None
    except (ssl.SSLError, OSError, ValueError) as error:
        mismatch = "MISMATCH" in str(getattr(error, "reason", "") or "")
        raise Refused("page.tls_mismatch" if mismatch else "page.tls_unusable", certificate=certificate, key=key) from None


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Returns what a server needs to speak TLS 1.2 or 1.3."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key, password=_no_passphrase)
    return context


def names_of(certificate: Path) -> tuple[str, ...]:
    """Returns the names and addresses that the certificate is for, in small letters; a first label may be ``*``."""
    text = certificate.read_text(encoding="utf-8", errors="replace")
    end = "-----END CERTIFICATE-----"
    with suppress(ValueError, IndexError):
        first = text[text.index("-----BEGIN CERTIFICATE-----") : text.index(end) + len(end)]
        return tuple(_alternative_names(ssl.PEM_cert_to_DER_cert(first)))
    return ()


class _PassphraseNeeded(Exception):
    """The key is encrypted, and nobody is there to be asked."""


def _no_passphrase() -> str:
    raise _PassphraseNeeded


def _alternative_names(der: bytes) -> Iterator[str]:
    place = der.find(_ALTERNATIVE_NAMES)
    if place < 0:
        return
    place += len(_ALTERNATIVE_NAMES)
    if der[place] == 0x01:  # whether it is critical
        place += 3
    _, octets, _ = _element(der, place)
    _, names, _ = _element(octets, 0)
    place = 0
    while place < len(names):
        tag, value, place = _element(names, place)
        if tag == _DNS:
            yield value.decode("ascii").casefold()
        elif tag == _ADDRESS:
            yield str(ipaddress.ip_address(value))


def _element(der: bytes, place: int) -> tuple[int, bytes, int]:
    """Returns the tag and the bytes of the element at ``place``, and where the next one begins. Raises ``IndexError``."""
    tag, length, begin = der[place], der[place + 1], place + 2
    if length & 0x80:
        size = length & 0x7F
        length, begin = int.from_bytes(der[begin : begin + size]), begin + size
    if begin + length > len(der):
        raise IndexError("too short")
    return tag, der[begin : begin + length], begin + length
