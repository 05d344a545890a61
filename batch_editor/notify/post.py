"""Posts one body to one address over HTTP, once, and says what came back, or in words of ours what kept it from arriving.

The address is a secret as a whole. Redirects are not followed: they would hand it on, and what is told with it.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import httpx

from ..crm.log_guard import guard_logs
from ..crm.proxies import proxy_for
from ..crm.secrets import Secrets
from ..crm.trust import connect_trouble, tls_for
from ..errors import SettingsError
from ..model import Message
from .in_time import Line, within

#: More bytes than the answer of any robot has.
LONGEST_ANSWER = 1 << 16
#: The shortest part of an address that is looked for in what is shown: shorter ones are words such as "bot" and "v2".
_SHORTEST_SECRET = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status, and the beginning of the body."""

    status: int
    body: bytes


def post(
    url: str, body: bytes, *, content_type: str, seconds: float, secrets: Secrets, ca_file: Path | None = None
) -> Answer | Message:
    """Posts ``body`` to ``url`` and returns the answer, or what kept it from coming within so many ``seconds``.

    Certificates are trusted, and proxies taken from the environment, as on the way to the CRM. ``secrets`` get to know what of
    the address is to be shown nowhere.
    """
    learn(secrets, url)
    guard_logs(secrets)
    return within(seconds, lambda line: _exchange(url, body, content_type, seconds, ca_file, line))


def learn(secrets: Secrets, url: str) -> None:
    """Adds an address to ``secrets``, and each part of it that may be a key."""
    parts = urlsplit(url)
    names = [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query)), parts.query]
    for text in (url, f"{parts.path}?{parts.query}", *names):
        if len(text) >= _SHORTEST_SECRET:
            secrets.add(text)


def _exchange(url: str, body: bytes, content_type: str, seconds: float, ca_file: Path | None, line: Line) -> Answer | Message:
    def trace(event: str, details: Mapping[str, Any]) -> None:
        if event.endswith(".connect_tcp.complete"):
            stream = details["return_value"]
            try:
                line.connected(stream.get_extra_info("socket"))
            except OSError:
                stream.close()
                raise

    try:
        address = httpx.URL(url)
        tls = tls_for(address.scheme, ca_file)
        headers = {"User-Agent": "batch_editor", "Content-Type": content_type, "Accept-Encoding": "identity"}
        extensions = {"timeout": httpx.Timeout(seconds).as_dict(), "trace": trace}
        request = httpx.Request("POST", address, headers=headers, content=body, extensions=extensions)
        with closing(httpx.HTTPTransport(verify=tls, proxy=_proxy(address, tls))) as transport:
            response = transport.handle_request(request)
            with closing(response):
                return Answer(response.status_code, _beginning(cast(httpx.SyncByteStream, response.stream)))
    except SettingsError as error:
        return error.message
    except httpx.ConnectError as error:
        return Message(connect_trouble(error))
    except httpx.TimeoutException as error:
        key = "net.connect_timeout" if isinstance(error, httpx.ConnectTimeout) else "net.timeout"
        return Message(key, {"seconds": f"{seconds:g}"})
    except httpx.ProxyError:
        return Message("net.proxy")
    except httpx.TransportError:
        return Message("net.lost")
    except OSError:  # such as no descriptor being left
        return Message("net.connect")
    except (httpx.InvalidURL, UnicodeError):  # such as https://a..b, for which no name server can be asked
        return Message("net.name")


def _beginning(stream: httpx.SyncByteStream) -> bytes:
    content = bytearray()
    for chunk in stream:
        content += chunk
        if len(content) >= LONGEST_ANSWER:
            break
    return bytes(content[:LONGEST_ANSWER])


def _proxy(url: httpx.URL, tls: ssl.SSLContext) -> httpx.Proxy | None:
    address = proxy_for(url.scheme, url.host)
    if address is None:
        return None
    proxy = None
    with suppress(httpx.InvalidURL, ValueError):  # whose text may hold its password
        proxy = httpx.Proxy(address, ssl_context=tls if address.lower().startswith("https:") else None)
    if proxy is None or proxy.url.scheme not in ("http", "https"):
        raise SettingsError("net.proxy_unusable")
    return proxy
