"""Looks at whom nights are told: whether each target, and the heartbeat, can be reached. Nothing is sent to them.

The address of a target is a secret; the name of its host is all that is said of it.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from ..crm.reach import Step, Unreached, connect, reach, secured
from ..crm.trust import tls_for
from ..errors import SettingsError
from ..model import Message
from ..settings.notify import SMTPS, Email, Target
from ..settings.settings import Settings
from .checks import Check, Verdict, bad, not_looked_at, passed_on, well
from .network import of_certificate
from .times import EACH, Budget, Started, TooSlow


def start(settings: Settings) -> list[tuple[str, str, Started[Check]]]:
    """Begins to look at all targets and at the heartbeat, all at once.

    Returns for each the name of its check, its host, and the look.
    """
    looks: list[tuple[str, str, Callable[[], Check]]] = []
    for number, target in enumerate(settings.notify, 1):
        title = f"{target.kind} ({number})"
        looks.append(("notify", _host(target), partial(_of_target, title, target, settings.api.ca_file)))
    if settings.heartbeat is not None:
        url = settings.heartbeat.get_secret_value()
        looks.append(("heartbeat", _plain(url), partial(_of_url, "heartbeat", "", url, settings.api.ca_file)))
    return [(name, host, Started(look)) for name, host, look in looks]


def results(started: Sequence[tuple[str, str, Started[Check]]], budget: Budget) -> list[Check]:
    """Returns the checks of the looks that ``start`` has begun; one line for each part of which there is nothing."""
    checks = list[Check]()
    for name, host, look in started:
        try:
            checks.append(look.result(max(1.0, budget.share())))
        except TooSlow:
            checks.append(bad(name, "doctor.target.slow", host=host, seconds=f"{EACH:g}"))
    for name in ("notify", "heartbeat"):
        if not any(check.name == name for check in checks):
            checks.append(not_looked_at(name, "doctor.notify.none" if name == "notify" else "doctor.heartbeat.none"))
    return sorted(checks, key=lambda check: check.name != "notify")


def _host(target: Target) -> str:
    return target.host if isinstance(target, Email) else _plain(target.url.get_secret_value())


def _of_target(title: str, target: Target, ca_file: Path | None) -> Check:
    if isinstance(target, Email):
        return _of_mail(title, target, ca_file)
    return _of_url("notify", title, target.url.get_secret_value(), ca_file)


def _named(title: str, host: str) -> str:
    return f"{title} {host}".strip()  # the heartbeat has no title, since there is but one


def _of_url(name: str, title: str, url: str, ca_file: Path | None) -> Check:
    try:
        with reach(url, ca_file, seconds=EACH / 2) as reached:
            return well(name, "doctor.target.reached", target=_named(title, _plain(url)), milliseconds=reached.milliseconds)
    except Unreached as error:
        return _unreached(name, title, _plain(url), error)
    except SettingsError as error:
        return passed_on(name, error.message)


def _of_mail(title: str, target: Email, ca_file: Path | None) -> Check:
    """Says hello to a mail server, and leaves: nobody logs in, and no mail is sent."""
    context = tls_for("https", ca_file)
    try:
        if target.port == SMTPS:
            connection, _ = secured(connect(target.host, target.port, Step.ADDRESS, EACH / 2), target.host, context, EACH / 2)
            connection.close()
        else:
            connect(target.host, target.port, Step.ADDRESS, EACH / 2).close()
            with smtplib.SMTP(target.host, target.port, timeout=EACH / 2) as server:
                server.ehlo()
                if target.starttls:
                    server.starttls(context=context)
    except Unreached as error:
        return _unreached("notify", title, target.host, error)
    except smtplib.SMTPNotSupportedError:
        return bad("notify", "doctor.target.no_starttls", target=_named(title, target.host))
    except OSError as error:  # what smtplib raises is one as well
        reason = getattr(error, "verify_message", "") or error.strerror or type(error).__name__
        return bad("notify", "doctor.target.mail", target=_named(title, target.host), reason=reason)
    return well("notify", "doctor.target.mail_reached", target=_named(title, target.host))


def _unreached(name: str, title: str, host: str, error: Unreached) -> Check:
    """Returns why a target was not reached, and what to do."""
    if error.step is Step.CERTIFICATE:
        error.values.setdefault("certificate", None)
        cause = of_certificate(name, error)
        message = cause.message
        step = cause.next_step
    elif error.step is Step.PROXY:
        message = Message(f"doctor.proxy.{error.kind}", error.values)
        step = Message(f"doctor.proxy.{error.kind}.next", error.values)
    else:
        message = Message(f"doctor.address.{error.kind}", error.values)
        step = Message("doctor.target.address")
    return Check(name, Verdict.BAD, Message("doctor.target.of", {"target": _named(title, host), "text": message}), step)


def _plain(url: str) -> str:
    """Returns the host alone of an address that is a secret."""
    return urlsplit(url).hostname or ""
