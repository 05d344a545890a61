"""Which certificates are trusted on the way to the CRM, and what kept a connection from being made."""

from __future__ import annotations

import os
import socket
import ssl
from pathlib import Path

import certifi

from ..errors import SettingsError
from ..files import require_regular

#: What OpenSSL calls a certificate that is not valid yet, or has expired; and one that is for another name, or another address.
_CERTIFICATE_TROUBLES = {
    **dict.fromkeys((9, 10), "net.certificate_expired"),
    **dict.fromkeys((62, 64), "net.certificate_name"),
}


def tls_for(scheme: str) -> ssl.SSLContext:
    """Returns which certificates are trusted. Raises ``SettingsError`` if those that the environment names cannot be read."""
    if scheme != "https":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; unlike the default of httpx it costs nothing
    # Not ``ssl.create_default_context``: it obeys SSLKEYLOGFILE, and whoever reads that file can read the token.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    folder = os.environ.get("SSL_CERT_DIR")
    file = os.environ.get("SSL_CERT_FILE") or (None if folder else certifi.where())
    try:
        if file:
            require_regular(Path(file))
        context.load_verify_locations(file, None if file else folder)
    except OSError:
        raise SettingsError("net.certificates_unusable") from None
    return context


def connect_trouble(error: BaseException) -> str:
    """Returns the key of what kept a connection from being made, by the types of the errors beneath httpx's own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _CERTIFICATE_TROUBLES.get(cause.verify_code, "net.certificate")
        if isinstance(cause, ssl.SSLError):
            return "net.tls"
        if isinstance(cause, socket.gaierror):
            return "net.name"
        if isinstance(cause, ConnectionRefusedError):
            return "net.refused"
        cause = cause.__cause__ or cause.__context__
    return "net.connect"
