"""Sends one mail by the server that the settings name, and says in words of ours what kept it from being taken."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

from ..crm.secrets import Secrets
from ..crm.trust import certificate_trouble, tls_for
from ..errors import SettingsError
from ..model import Message
from ..settings.notify import SMTPS, Email
from .forms import plain
from .in_time import Line, within
from .text import Text, cut, unlinked

#: As many characters of what a server says as are shown, and as many of the addresses that it refused.
_LONGEST_WORDS = 200
_MOST_NAMES = 3
#: What this side calls itself: no name of a machine, since to look for one may take long.
_HELO = "[127.0.0.1]"


class _Untold(Exception):
    """The mail was not taken, for a reason that ``message`` says."""

    def __init__(self, message: Message) -> None:
        super().__init__()
        self.message = message


def mail(
    target: Email, text: Text, when: datetime, *, seconds: float, secrets: Secrets, ca_file: Path | None, reached: set[str]
) -> Message | None:
    """Sends ``text`` to those of ``target`` who are not ``reached`` yet, and adds them; returns None, or what is wrong where
    the server has not taken it for everybody.

    It takes no longer than so many ``seconds``. ``secrets`` get to know the password.
    """
    if target.password is not None:
        secrets.add(target.password.get_secret_value())

    def work(line: Line) -> Message | None:
        return _sent(target, composed(target, text, when), seconds, secrets, ca_file, reached, line)

    trouble = within(seconds, work)
    return trouble if {*target.to} - reached else None  # a server that has taken it may hang afterwards


def composed(target: Email, text: Text, when: datetime) -> EmailMessage:
    """Returns the mail: plain text, in which nothing acts."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = target.sender
    message["To"] = ", ".join(target.to)
    message["Subject"] = unlinked(text.title)
    message["Date"] = format_datetime(when)
    message["Message-ID"] = make_msgid(domain=target.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(plain(text), charset="utf-8", cte="base64")
    return message


def _sent(
    target: Email,
    message: EmailMessage,
    seconds: float,
    secrets: Secrets,
    ca_file: Path | None,
    reached: set[str],
    line: Line,
) -> Message | None:
    to = [address for address in target.to if address not in reached]
    if not to:
        return None
    try:
        server = _connected(target, seconds, ca_file, line)
        try:
            if target.user is not None and target.password is not None:
                _log_in(server, target.user, target.password.get_secret_value(), secrets)
            refused = server.send_message(message, to_addrs=to)
            reached.update(address for address in to if address not in refused)
            with suppress(smtplib.SMTPException, OSError):  # it has taken the mail, whatever it says now
                server.quit()
        finally:
            server.close()
    except (SettingsError, _Untold) as error:
        return error.message
    except smtplib.SMTPRecipientsRefused as error:
        return _refused_for(error.recipients, secrets)
    except smtplib.SMTPResponseException as error:
        return _refused_by((error.smtp_code, error.smtp_error), secrets)
    except smtplib.SMTPException:
        return Message("net.lost")
    except ssl.SSLCertVerificationError as error:
        return Message(certificate_trouble(error))
    except ssl.SSLError:
        return Message("net.tls")
    except TimeoutError:
        return Message("net.timeout", {"seconds": f"{seconds:g}"})
    except socket.gaierror:
        return Message("net.name")
    except ConnectionRefusedError:
        return Message("net.refused")
    except (OSError, UnicodeError):  # UnicodeError: such as a..b, for which no name server can be asked
        return Message("net.connect")
    return _refused_for(refused, secrets) if refused else None


class _OverLine:
    """A connection to a mail server that somebody else can cut, also while it is being greeted."""

    def __init__(self, line: Line, *arguments: Any, **values: Any) -> None:
        self._line = line
        super().__init__(*arguments, **values)

    def _get_socket(self, *arguments: Any) -> socket.socket:
        used: socket.socket = super()._get_socket(*arguments)  # type: ignore[misc]  # that of smtplib
        try:
            self._line.connected(used)
        except OSError:
            used.close()
            raise
        return used


class _Smtp(_OverLine, smtplib.SMTP):
    """A connection that is not encrypted at its beginning."""


class _Smtps(_OverLine, smtplib.SMTP_SSL):
    """A connection that is encrypted from the first byte on."""


def _connected(target: Email, seconds: float, ca_file: Path | None, line: Line) -> smtplib.SMTP:
    """Returns a connection that is encrypted, unless the settings allow the other."""
    tls = tls_for("https", ca_file)
    if target.port == SMTPS:
        return _Smtps(line, target.host, target.port, _HELO, timeout=seconds, context=tls)
    server = _Smtp(line, target.host, target.port, _HELO, timeout=seconds)
    if target.starttls:
        try:
            server.starttls(context=tls)
        except smtplib.SMTPNotSupportedError:
            server.close()
            raise _Untold(Message("telling.mail_no_tls")) from None
        except BaseException:
            server.close()
            raise
    return server


def _log_in(server: smtplib.SMTP, user: str, password: str, secrets: Secrets) -> None:
    try:
        server.login(user, password)
    except UnicodeEncodeError:
        raise _Untold(Message("telling.mail_ascii")) from None
    except smtplib.SMTPAuthenticationError as error:
        answer = _refused_by((error.smtp_code, error.smtp_error), secrets)
        is_for_now = 400 <= error.smtp_code < 500
        raise _Untold(answer if is_for_now else Message("telling.mail_login", {"answer": answer})) from None
    except smtplib.SMTPNotSupportedError:
        raise _Untold(Message("telling.mail_no_login")) from None
    except (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException):
        raise
    except (smtplib.SMTPException, ValueError):  # no way that smtplib knows, or one of which it says nonsense
        raise _Untold(Message("telling.mail_no_way")) from None


def _refused_for(recipients: Mapping[str, tuple[int, bytes | str]], secrets: Secrets) -> Message:
    """Returns for whom the server has not taken a mail, and what it said of the first of them."""
    names = [*recipients]
    shown = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
    return Message("telling.mail_refused_for", {"names": shown, "answer": _refused_by(recipients[names[0]], secrets)})


def _refused_by(answer: tuple[int, bytes | str], secrets: Secrets) -> Message:
    code, answered = answer
    if code < 0:  # what smtplib makes of an answer without one
        return Message("telling.no_mail_server")
    text = answered.decode("utf-8", "replace") if isinstance(answered, bytes) else answered
    words = cut(" ".join(secrets.remove_from(text).split()), _LONGEST_WORDS, len)
    return Message("telling.mail_refused", {"code": code, "words": words})
