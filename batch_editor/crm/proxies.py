"""Which proxy stands on the way to a server, as the environment or the system names it.

What is said through it is left to ``client`` and ``reach``. Its address may hold a password, which nobody shows.
"""

from __future__ import annotations

import os
import urllib.request

from ..settings.sections import is_loopback


def proxy_for(scheme: str, host: str) -> str | None:
    """Returns the address of the proxy on the way to ``host``, with a scheme of its own; None for none, as on the way to this
    machine itself: one would only get the token."""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    proxies = urllib.request.getproxies()
    address = proxies.get(scheme) or proxies.get("all")
    if not address:
        return None
    return address if "://" in address else f"http://{address}"


def variable_of_proxy(scheme: str) -> str | None:
    """Returns the variable of the environment that names the proxy for ``scheme``; None where the system names it."""
    names = [spelling for name in (f"{scheme}_proxy", "all_proxy") for spelling in (name, name.upper())]
    return next((name for name in names if os.environ.get(name)), None)
