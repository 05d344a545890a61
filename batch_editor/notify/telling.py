"""Tells the targets of the settings, and says of each that could not be told what was wrong.

The robots answer HTTP 200 whatever happened: told is whom the answer's code says so. A target that was not told is tried once
more a minute later; and no target gets more messages a minute than the robots take.
"""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ..crm.secrets import Secrets
from ..messages import Lang, say
from ..model import Message
from ..settings.notify import Email, Target, Webhook
from ..stop import Stop
from .forms import posted
from .mail import mail
from .post import Answer, post
from .text import Text, cut

_log = logging.getLogger(__name__)

#: Seconds that one target may take, and after which one that was not told is tried once more.
TIMEOUT = 10.0
AGAIN = 60.0
#: So many seconds telling may keep a night waiting, or a pass over an inbox, all in all.
LONGEST = 300.0
#: So many messages within so many seconds is what the robots take.
MOST = 20
WINDOW = 60.0
#: What the codes of the robots mean where people can do something about it.
_HINTS = {
    ("wecom", 45009): "telling.too_many",
    ("wecom", 93000): "telling.wrong_address",
    ("wecom", 40058): "telling.wrong_content",
    ("dingtalk", 310000): "telling.dingtalk_security",
    ("dingtalk", 300001): "telling.wrong_address",
    ("dingtalk", 300005): "telling.wrong_address",
    ("dingtalk", 410100): "telling.too_many",
    ("dingtalk", 130101): "telling.too_many",
    ("feishu", 19001): "telling.wrong_address",
    ("feishu", 19021): "telling.feishu_sign",
    ("feishu", 19022): "telling.feishu_ip",
    ("feishu", 19024): "telling.feishu_keyword",
    ("feishu", 11232): "telling.too_many",
}
_JSON = "application/json; charset=utf-8"
#: As many characters of what a robot says as are shown.
_LONGEST_WORDS = 200


class Telling:
    """The ``targets``, for as long as a process has something to tell them. ``lang`` is the language in which they are told.

    ``wait`` waits for so many seconds and returns whether the process was told to stop meanwhile; ``clock`` gives seconds,
    ``now`` the moment.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        lang: Lang,
        *,
        stop: Stop,
        ca_file: Path | None = None,
        timeout: float = TIMEOUT,
        wait: Callable[[float], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self.targets = [*enumerate(targets, 1)]
        self.secrets = Secrets()
        self._lang = lang
        self._stop = stop
        self._ca_file = ca_file
        self._timeout = timeout
        self._wait = wait or stop.soft.wait
        self._clock = clock
        self._now = now
        self._sent: dict[int, deque[float]] = {number: deque() for number, _ in self.targets}
        self._spent = 0.0
        self._deaf = set[int]()  # the targets that were not told in two tries: no third one keeps anybody waiting

    def tell(self, text: Text, *, weekly: bool = False) -> dict[int, Message | None]:
        """Tells ``text`` to all targets, or to those that are told ``weekly``; returns for each, by its number, None or what
        was wrong. Each has two tries, unless the process is to stop, or telling has taken its time."""
        reached = {number: set[str]() for number, _ in self.targets}
        troubles = {
            number: self.tell_once(number, text, reached[number])
            for number, target in self.targets
            if target.weekly or not weekly
        }
        again = [number for number, trouble in troubles.items() if trouble is not None and number not in self._deaf]
        if again and self._waited(AGAIN):
            for number in again:
                troubles[number] = self.tell_once(number, text, reached[number])
                if troubles[number] is not None:
                    self._deaf.add(number)
        return troubles

    def tell_once(self, number: int, text: Text, reached: set[str] | None = None) -> Message | None:
        """Tells ``text`` to the target of this number, in one try; returns None, or what was wrong. Those of a mail who are
        ``reached`` are not told again."""
        target = dict(self.targets)[number]
        if self._spent >= LONGEST:
            return Message("telling.out_of_time", {"minutes": int(LONGEST // 60)})
        if not self._has_room(self._sent[number]):
            return Message("telling.stopped")
        began = self._clock()
        trouble = self._try(target, text, set() if reached is None else reached)
        self._spent += self._clock() - began
        _log.info("target %d (%s): %s", number, target.kind, "told" if trouble is None else say(trouble, "en"))
        return trouble

    def _waited(self, seconds: float) -> bool:
        """Waits, and returns whether the process goes on; where telling has taken its time, it is not waited."""
        if self._spent >= LONGEST:
            return False
        self._spent += seconds
        return not self._wait(seconds)

    def _has_room(self, sent: deque[float]) -> bool:
        """Waits until one more message is within the limit, and returns whether it may go out."""
        while sent and sent[0] <= self._clock() - WINDOW:
            sent.popleft()
        if len(sent) >= MOST and not self._waited(sent[0] + WINDOW - self._clock()):
            return False
        sent.append(self._clock())
        return True

    def _try(self, target: Target, text: Text, reached: set[str]) -> Message | None:
        if isinstance(target, Email):
            arguments: dict[str, Any] = {"seconds": self._timeout, "secrets": self.secrets, "ca_file": self._ca_file}
            return mail(target, text, self._now(), reached=reached, **arguments)
        note = say(Message("telling.cut"), self._lang)
        url, body = posted(target, text, note, self._now().timestamp())
        for secret in (getattr(target, "secret", None), target.url):
            if secret is not None:
                self.secrets.add(secret.get_secret_value())
        answer = post(url, body, content_type=_JSON, seconds=self._timeout, secrets=self.secrets, ca_file=self._ca_file)
        return answer if isinstance(answer, Message) else self._judged(target, answer)

    def _judged(self, target: Target, answer: Answer) -> Message | None:
        """Returns what is wrong with what a target answered, None if nothing is."""
        if 300 <= answer.status < 400:
            return Message("telling.redirected", {"status": answer.status})
        if isinstance(target, Webhook) and 200 <= answer.status < 300:
            return None
        answered = _object_of(answer.body)
        code, words = (answered.get(name) for name in (("code", "msg") if target.kind == "feishu" else ("errcode", "errmsg")))
        if isinstance(target, Webhook) or (answer.status != 200 and not isinstance(code, int)):
            return Message("telling.status", {"status": answer.status})
        if isinstance(code, bool) or not isinstance(code, int):
            start = self._shown(answer.body.decode("utf-8", "replace"))
            return Message("telling.no_robot", {"start": start}) if start else Message("telling.nothing")
        if code == 0 and answer.status == 200:
            return None
        hint = _HINTS.get((target.kind, code))
        words = Message("telling.words", {"words": self._shown(str(words))}) if words else ""
        return Message("telling.refused", {"code": str(code)[:20], "words": words, "hint": Message(hint) if hint else ""})

    def _shown(self, words: str) -> str:
        return cut(" ".join(self.secrets.remove_from(words).split()), _LONGEST_WORDS, len)


def _object_of(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
