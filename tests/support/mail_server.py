"""A small mail server on loopback that keeps each mail it takes, and refuses what a test tells it to refuse."""

from __future__ import annotations

import base64
import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import TracebackType

from .servers import tls_context


@dataclass
class Mail:
    """A mail as it was handed in: by whom and for whom, whether that was encrypted, and who had logged in."""

    sender: str
    to: list[str]
    content: bytes
    encrypted: bool
    login: str

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.content, policy=default)
        assert isinstance(message, EmailMessage)
        return message


@dataclass
class MailServer:
    """Speaks SMTP, and STARTTLS if ``tls`` names a folder for its key; ``implicit``: TLS from the first byte on.

    ``answers`` are given instead of the usual ones, by the command (``"AUTH"``, ``"RCPT"``, ``"."`` for the end of a mail) or
    the whole line in lower case; ``silent`` says nothing at all. At the command ``dies_at`` it closes the connection, at
    ``hangs_at`` it says nothing more, and at ``drips_at`` it begins an answer that never ends.
    """

    tls: Path | None = None
    implicit: bool = False
    silent: bool = False
    answers: Mapping[str, bytes] = field(default_factory=dict)
    dies_at: str = ""
    hangs_at: str = ""
    drips_at: str = ""

    def __post_init__(self) -> None:
        self.mails: list[Mail] = []
        self.heard: list[str] = []
        self._open: list[socket.socket] = []
        self._context = tls_context(self.tls) if self.tls else None
        owner = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                owner._open.append(self.request)
                with contextlib.suppress(OSError, ssl.SSLError):
                    owner._talk(self.request)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> MailServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        self._thread.join()

    def _goes_on(self, sock: socket.socket, word: str) -> bool:
        if word == self.hangs_at:
            sock.recv(1)
        while word == self.drips_at:
            sock.sendall(b"250-more\r\n" * 1000)
        return word not in (self.dies_at, self.hangs_at)

    def _talk(self, sock: socket.socket) -> None:
        if self.silent:
            sock.recv(1)
            return
        encrypted, login, sender, to = self.implicit, "", "", list[str]()
        if self.implicit and self._context:
            sock = self._context.wrap_socket(sock, server_side=True)
        try:
            sock.sendall(b"220 mail.example.com\r\n")
            stream = sock.makefile("rb")
            while line := stream.readline():
                text = line.decode().strip()
                word = text.split(" ")[0].upper()
                self.heard.append(text)
                if not self._goes_on(sock, word):
                    break
                answer = self.answers.get(text.lower(), self.answers.get(word))
                if answer is not None and word != "DATA":
                    sock.sendall(answer + b"\r\n")
                    continue
                if word == "EHLO":
                    offers = b"250-STARTTLS\r\n" if self._context and not encrypted else b""
                    sock.sendall(b"250-mail.example.com\r\n" + offers + b"250-AUTH PLAIN\r\n250 8BITMIME\r\n")
                elif word == "STARTTLS" and self._context:
                    sock.sendall(b"220 go on\r\n")
                    stream.close()
                    sock = self._context.wrap_socket(sock, server_side=True)
                    self._open.append(sock)
                    stream, encrypted = sock.makefile("rb"), True
                elif word == "AUTH":
                    login = base64.b64decode(text.split(" ")[2]).decode().replace("\0", " ").strip()
                    sock.sendall(b"235 ok\r\n")
                elif word == "MAIL":
                    sender, to = text.partition("<")[2].partition(">")[0], []
                    sock.sendall(b"250 ok\r\n")
                elif word == "RCPT":
                    to.append(text.partition("<")[2].partition(">")[0])
                    sock.sendall(b"250 ok\r\n")
                elif word == "DATA":
                    sock.sendall(b"354 go on\r\n")
                    content = b""
                    while (part := stream.readline()) not in (b".\r\n", b""):
                        content += part
                    if not self._goes_on(sock, "."):
                        break
                    answer = self.answers.get(".", b"250 ok")
                    if answer.startswith(b"250"):
                        self.mails.append(Mail(sender, to, content, encrypted, login))
                    sock.sendall(answer + b"\r\n")
                elif word == "QUIT":
                    sock.sendall(b"221 bye\r\n")
                    break
                else:
                    sock.sendall(b"250 ok\r\n")
            stream.close()
        finally:
            sock.close()
