"""Whom nights are told: what is refused, and that no secret is shown, wherever settings are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batch_editor.errors import SettingsError
from batch_editor.messages import Lang, say
from batch_editor.settings.notify import Email, WeCom
from batch_editor.settings.settings import Settings

SECRET = "5c1e-the-key"
MAIL = {"kind": "email", "host": "smtp.example.com", "from": "night@example.com", "to": "ops@example.com"}


def refusal(lang: Lang = "en", **values: Any) -> str:
    with pytest.raises(SettingsError) as raised:
        Settings(**values)
    text = say(raised.value.message, lang)
    assert SECRET not in text and SECRET not in repr(raised.value)
    return text.partition("\n")[2].strip()


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ({"kind": "wecomm", "url": SECRET}, "notify.1: has an unknown kind; is wecom meant?"),
        ({"url": SECRET}, "notify.1: needs a kind, one of wecom, dingtalk, feishu, webhook, email"),
        (SECRET, "notify.1: needs a kind"),
        ({"kind": "wecom"}, "notify.1.url: is missing"),
        ({"kind": "wecom", "url": f"http://{SECRET}"}, "notify.1.url: must begin with https://, since the address is a secret"),
        ({"kind": "feishu", "url": SECRET}, "notify.1.url: must be an address that begins with https://"),
        ({"kind": "webhook", "url": f"https://me:{SECRET}@example.com"}, "notify.1.url: must be an address"),
        ({"kind": "webhook", "url": f"https://example.com/{SECRET} x"}, "notify.1.url: must be an address"),
        ({"kind": "wecom", "url": f"https://{SECRET}.cn", "wekly": True}, "notify.1.wekly: there is no such setting; is it w"),
        (MAIL | {"form": SECRET}, "notify.1.form: there is no such setting; is it from?"),
        (MAIL | {"host": f"smtp.example.com/{SECRET}"}, "notify.1.host: must be the name of a mail server"),
        (MAIL | {"to": []}, "notify.1.to: must not be empty"),
        (MAIL | {"to": f"小王 <{SECRET}@example.com>"}, "notify.1.to.1: must be an address of mail"),
        (MAIL | {"from": "night@example.com\nBcc: all@example.com"}, "notify.1.from: must be an address of mail"),
        (MAIL | {"password": SECRET}, "notify.1: user and password belong together"),
        (MAIL | {"starttls": False}, "notify.1: starttls: false is for a mail server on this machine itself only"),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_used_is_refused_without_its_secret(target: object, text: str) -> None:
    assert refusal(notify=[target]).startswith(text)


def test_a_heartbeat_is_an_address_by_https_or_on_this_machine() -> None:
    assert refusal(heartbeat=f"http://example.com/{SECRET}").startswith("heartbeat: must begin with https://")
    assert refusal("zh", heartbeat=SECRET).startswith("heartbeat：应为以 https:// 开头的网址")
    heartbeat = Settings(heartbeat=f"http://127.0.0.1:8000/{SECRET}").heartbeat
    assert heartbeat is not None and heartbeat.get_secret_value() == f"http://127.0.0.1:8000/{SECRET}"


def test_targets_are_read_from_a_file_and_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        "notify:\n  - {kind: wecom, url: 'https://example.com/?key=1', weekly: true}\n"
        "  - {kind: email, host: localhost, port: 25, from: a@b.cn, to: [c@d.cn, e@f.cn],"
        " user: me, password: 123456, starttls: false}\n",
        encoding="utf-8",
    )  # fmt: skip
    robot, mail = Settings.load(file).notify
    assert isinstance(robot, WeCom) and robot.weekly and robot.format == "markdown"
    assert isinstance(mail, Email) and mail.to == ("c@d.cn", "e@f.cn")
    assert mail.password is not None and mail.password.get_secret_value() == "123456"
    monkeypatch.setenv("BATCH_EDITOR_NOTIFY", '[{"kind": "webhook", "url": "https://example.com/x"}]')
    assert [target.kind for target in Settings.load(file).notify] == ["webhook"]


def test_nothing_of_it_is_in_the_record_of_a_run_nor_in_what_python_prints() -> None:
    settings = Settings(
        notify=[{"kind": "wecom", "url": f"https://example.com/{SECRET}"}, MAIL | {"user": "me", "password": SECRET}],
        heartbeat=f"https://example.com/{SECRET}",
    )
    assert not {"notify", "heartbeat"} & settings.for_the_record().keys()
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert SECRET not in text
