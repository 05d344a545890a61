"""Sends one mail by the server that the settings name, and says in words of ours what kept it from being taken."""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, make_msgid
from pathlib import Path

from ..crm.secrets import Secrets
from ..crm.trust import certificate_trouble, tls_for
from ..errors import SettingsError
from ..model import Message
from ..settings.notify import SMTPS, Email
from .forms import plain
from .post import within
from .text import Text, unlinked

#: As many characters of what a server says as are shown.
_LONGEST_WORDS = 200
#: What this side calls itself: no name of a machine, since to look for one may take long.
_HELO = "[127.0.0.1]"


class _NoTls(Exception):
    """The server offers no STARTTLS."""


def mail(
    target: Email, text: Text, when: datetime, *, seconds: float, secrets: Secrets, ca_file: Path | None, reached: set[str]
) -> Message | None:
    """Sends ``text`` to those of ``target`` who are not ``reached`` yet, and adds them; returns None, or what is wrong where
    the server has not taken it for everybody.

    It takes no longer than so many ``seconds``. ``secrets`` get to know the password.
    """
    if target.password is not None:
        secrets.add(target.password.get_secret_value())
    return within(seconds, lambda: _sent(target, composed(target, text, when), seconds, secrets, ca_file, reached))


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
    target: Email, message: EmailMessage, seconds: float, secrets: Secrets, ca_file: Path | None, reached: set[str]
) -> Message | None:
    to = [address for address in target.to if address not in reached]
    try:
        server = _connected(target, seconds, ca_file)
        try:
            if target.user is not None and target.password is not None:
                server.login(target.user, target.password.get_secret_value())
            refused = server.send_message(message, to_addrs=to)
            reached.update(address for address in to if address not in refused)
            with suppress(smtplib.SMTPException, OSError):  # it has taken the mail, whatever it says now
                server.quit()
        finally:
            server.close()
    except SettingsError as error:
        return error.message
    except smtplib.SMTPRecipientsRefused as error:
        return _refused_by(next(iter(error.recipients.values())), secrets)
    except smtplib.SMTPAuthenticationError as error:
        return Message("telling.mail_login", {"answer": _refused_by((error.smtp_code, error.smtp_error), secrets)})
    except smtplib.SMTPResponseException as error:
        return _refused_by((error.smtp_code, error.smtp_error), secrets)
    except _NoTls:
        return Message("telling.mail_no_tls")
    except smtplib.SMTPNotSupportedError:
        return Message("telling.mail_no_login")
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
    except (OSError, UnicodeError):
        return Message("net.connect")
    if refused:
        return _refused_by(next(iter(refused.values())), secrets)
    return None


def _connected(target: Email, seconds: float, ca_file: Path | None) -> smtplib.SMTP:
    """Returns a connection that is encrypted, unless the settings allow the other."""
    tls = tls_for("https", ca_file)
    if target.port == SMTPS:
        return smtplib.SMTP_SSL(target.host, target.port, _HELO, timeout=seconds, context=tls)
    server = smtplib.SMTP(target.host, target.port, _HELO, timeout=seconds)
    if target.starttls:
        try:
            server.starttls(context=tls)
        except smtplib.SMTPNotSupportedError:
            server.close()
            raise _NoTls from None
        except BaseException:
            server.close()
            raise
    return server


def _refused_by(answer: tuple[int, bytes | str], secrets: Secrets) -> Message:
    code, said = answer
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return Message("telling.mail_refused", {"code": code, "words": secrets.remove_from(words)[:_LONGEST_WORDS]})
