"""Which certificates are trusted on the way to a server, and what kept a connection from being made.

Trusted is what the system's own store trusts, which the package ``truststore`` knows to ask, together with the list of
``certifi``; where ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` is set, what they name instead; and in both cases what the setting
``api.ca_file`` names.
"""

from __future__ import annotations

import os
import socket
import ssl
from pathlib import Path

import certifi

from ..errors import SettingsError
from ..files import require_regular

#: What OpenSSL, Windows (without its sign) and macOS call a certificate that is not valid yet, or has expired; and one that is
#: for another name, or another address.
_CERTIFICATE_TROUBLES = {
    **dict.fromkeys((9, 10, 0x800B0101, 0x800B0102, -67818, -67819), "net.certificate_expired"),
    **dict.fromkeys((62, 64, 0x800B010F, -67602), "net.certificate_name"),
}


def tls_for(scheme: str, ca_file: Path | None = None) -> ssl.SSLContext:
    """Returns which certificates are trusted, those in ``ca_file`` as well as the usual ones.

    Raises ``SettingsError`` if those that the environment or ``ca_file`` names cannot be read.
    """
    if scheme != "https":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; unlike the default of httpx it costs nothing
    folder = os.environ.get("SSL_CERT_DIR")
    file = os.environ.get("SSL_CERT_FILE")
    # Not ``ssl.create_default_context``: it obeys SSLKEYLOGFILE, and whoever reads that file can read the token.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if folder or file else _of_the_system()
    try:
        if file:
            require_regular(Path(file))
        context.load_verify_locations(file or (None if folder else certifi.where()), None if file else folder)
    except OSError:
        raise SettingsError("net.certificates_unusable") from None
    if ca_file is not None:
        try:
            require_regular(ca_file)
            context.load_verify_locations(ca_file)
        except OSError:
            raise SettingsError("net.ca_file_unusable", path=ca_file) from None
    return context


def is_for_all(context: ssl.SSLContext) -> bool:
    """Returns whether several connections may share ``context``: one that asks the system's store lets one shake hands at a
    time, and a server that is silent would keep all others waiting."""
    return type(context) is ssl.SSLContext


def _of_the_system() -> ssl.SSLContext:
    """Returns a context that trusts what the system's own store trusts, where that can be asked."""
    try:
        import truststore
    except ImportError:  # such as on an old macOS
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return context


def certificate_trouble(error: ssl.SSLCertVerificationError) -> str:
    """Returns the key of what is wrong with a certificate."""
    code = getattr(error, "verify_code", 0)  # of an error that truststore itself raises there may be none
    key = _CERTIFICATE_TROUBLES.get(code) or _CERTIFICATE_TROUBLES.get(code & 0xFFFFFFFF)
    return key or "net.certificate"


def connect_trouble(error: BaseException) -> str:
    """Returns the key of what kept a connection from being made, by the types of the errors beneath httpx's own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return certificate_trouble(cause)
        if isinstance(cause, ssl.SSLError):
            return "net.tls"
        if isinstance(cause, socket.gaierror):
            return "net.name"
        if isinstance(cause, ConnectionRefusedError):
            return "net.refused"
        cause = cause.__cause__ or cause.__context__
    return "net.connect"
