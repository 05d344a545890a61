"""Serves HTTP/1.1 on the loopback interface, in threads, and sends the stand-in's answers whole or spoiled.

What is answered is left to the ``decide`` that it is given.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from .reference import CODE_NO_SUCH_PATH


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json; charset=utf-8"),)
    wait: float = 0.0
    drip: float = 0.0
    ending: Literal["whole", "half", "nothing"] = "whole"


def envelope(code: int, msg: str, data: object = None, status: int = 200) -> Answer:
    text = json.dumps({"code": code, "msg": msg, "data": data}, ensure_ascii=False)
    # A lone surrogate, which JSON can carry and UTF-8 cannot, leaves as the JSON escape that it arrived as.
    return Answer(text.encode("utf-8", "backslashreplace"), status)


class Server(ThreadingHTTPServer):
    # The standard backlog of 5 would make a burst of senders wait a second to connect.
    request_queue_size = 128
    # On Windows this option would let two servers share one port.
    allow_reuse_address = os.name != "nt"
    allow_reuse_port = False

    def __init__(self, decide: Callable[[str, str, bytes], Answer], port: int) -> None:
        self.decide = decide
        self.stopping = threading.Event()
        self._workers: dict[threading.Thread, socket.socket] = {}
        super().__init__(("127.0.0.1", port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own would look this machine's name up, which can take seconds where there is no DNS.
        socketserver.TCPServer.server_bind(self)
        self.server_port = self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        # As the mix-in does it, but with the threads and sockets kept: it forgets daemon threads, and end() must not.
        self._workers = {worker: sock for worker, sock in self._workers.items() if worker.is_alive()}
        work = self.process_request_thread
        worker = threading.Thread(target=work, args=(request, client_address), name="sandbox-request", daemon=True)
        self._workers[worker] = request
        worker.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up is ordinary here; anything else is a bug and shows its traceback.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def end(self, serving: threading.Thread) -> None:
        self.stopping.set()
        self.shutdown()
        serving.join()
        for worker, sock in self._workers.items():
            with contextlib.suppress(OSError):  # it may have ended by itself
                sock.shutdown(socket.SHUT_RDWR)  # wakes a worker that waits for a next request
            worker.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    # Answers are written without send_response(), which would log the request line and with it the access token.
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch("[0-9]{1,9}", length):
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):  # the client hung up half-way: nothing arrived
            self.close_connection = True
            return
        answer = self.server.decide(self.command, self.path, body)
        if answer.ending == "nothing":
            self.close_connection = True
        if self._stopped_while_waiting(answer.wait) or answer.ending == "nothing":
            return
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        sent = answer.body
        if answer.ending == "half":
            self.close_connection = True
            sent = sent[: len(sent) // 2]
        blanks = math.ceil(answer.drip)
        headers = [*answer.headers, ("Date", self.date_time_string())]
        headers.append(("Content-Length", str(blanks + len(answer.body))))
        if self.close_connection:
            headers.append(("Connection", "close"))
        phrase = self.responses.get(answer.status, ("Fault",))[0]
        lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{name}: {value}" for name, value in headers), "", ""]
        head = "\r\n".join(lines).encode("latin-1")
        for second in range(blanks):
            self.wfile.write(head + b" ")  # JSON allows blanks in front
            head = b""
            if self._stopped_while_waiting(min(1.0, answer.drip - second)):
                return
        self.wfile.write(head + sent)  # in one piece: two would be two packets

    def _stopped_while_waiting(self, seconds: float) -> bool:
        stopped = self.server.stopping.wait(seconds)
        self.close_connection = self.close_connection or stopped
        return stopped

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """As the base class calls it for a request that is no HTTP or of an unknown method, but with a JSON body."""
        self.close_connection = True
        self._send(envelope(CODE_NO_SUCH_PATH, message or HTTPStatus(code).phrase, status=code))
