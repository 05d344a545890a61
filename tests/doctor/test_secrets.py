"""What people copy along with a credential, and what is none: named, and never shown."""

from __future__ import annotations

import pytest

from batch_editor.doctor import secrets
from batch_editor.doctor.checks import Verdict
from batch_editor.messages import say
from batch_editor.settings.written import Source

GOOD = "Zk9-token_31.x~"


def look(**api: object) -> list[tuple[str, Verdict]]:
    checks = secrets.look([Source("config.yaml", None, {"api": api})])
    assert all(GOOD not in say(check.message, "en") for check in checks)
    return [(check.message.key.removeprefix("doctor.secrets."), check.verdict) for check in checks]


@pytest.mark.parametrize(
    ("text", "key", "verdict"),
    [
        (GOOD, "token", Verdict.OK),
        (f"{GOOD}\n", "line_end", Verdict.WARNING),
        (f"{GOOD}\r\n", "line_end", Verdict.WARNING),
        (f" {GOOD}", "blank_around", Verdict.WARNING),
        (f"'{GOOD}'", "quoted", Verdict.WARNING),
        (f"“{GOOD}”", "quoted", Verdict.WARNING),
        (f'"{GOOD}', "half_quoted", Verdict.BAD),
        (f"Bearer {GOOD}", "bearer", Verdict.BAD),
        (f'"bearer {GOOD}"', "bearer", Verdict.BAD),
        (f"access_token={GOOD}", "named", Verdict.BAD),
        (f'{{"access_token": "{GOOD}"}}', "named", Verdict.BAD),
        ("the-token", "placeholder", Verdict.BAD),
        ("YOUR_TOKEN", "placeholder", Verdict.BAD),
        ("<token>", "placeholder", Verdict.BAD),
        ("${TOKEN}", "placeholder", Verdict.BAD),
        ("%TOKEN%", "placeholder", Verdict.BAD),
        ("xxxxxx", "placeholder", Verdict.BAD),
        ("***", "placeholder", Verdict.BAD),
        ("你的token", "placeholder", Verdict.BAD),
        ("", "empty", Verdict.BAD),
        ("  ", "empty", Verdict.BAD),
        ("Ｚk9-token", "wide", Verdict.BAD),
        (f"{GOOD}令牌", "wide", Verdict.BAD),
        ("Zk9 token", "blank", Verdict.BAD),
        ("Zk9\ntoken", "broken", Verdict.BAD),
        ("Zk9\u200btoken", "unseen", Verdict.BAD),
        ("Zk9\x7ftoken", "unseen", Verdict.BAD),
        ("Zk9tökén", "foreign", Verdict.BAD),
    ],
)
def test_a_token_and_what_was_copied_along_with_it(text: str, key: str, verdict: Verdict) -> None:
    assert look(access_token=text) == [(key, verdict)]


@pytest.mark.parametrize(
    ("api", "key", "verdict"),
    [
        ({}, "none", Verdict.BAD),
        ({"app_id": "a1"}, "half", Verdict.BAD),
        ({"app_secret": GOOD}, "half", Verdict.BAD),
        ({"app_id": GOOD, "app_secret": GOOD}, "same", Verdict.BAD),
        ({"app_id": "a1", "app_secret": GOOD}, "app", Verdict.OK),
        ({"app_id": 123, "app_secret": 456}, "app", Verdict.OK),
        ({"app_id": "a1", "app_secret": GOOD, "access_token": "t0"}, "both", Verdict.WARNING),
    ],
)
def test_which_of_them_there_are(api: dict[str, object], key: str, verdict: Verdict) -> None:
    assert look(**api) == [(key, verdict)]
