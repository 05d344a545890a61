"""What a connection puts together: a pace that all runs of a tenant share, a token that is fixed or fetched, and one engine."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from support import jobs
from support.crm import Crm
from support.servers import Answer, Request

from batch_editor.crm.attempts import Interrupted
from batch_editor.crm.connection import Connection
from batch_editor.crm.pace import MINUTE, Pace
from batch_editor.crm.verdicts import Verdict
from batch_editor.errors import Halted, SettingsError
from batch_editor.messages import say
from batch_editor.model import Edit, Message, Sent
from batch_editor.stop import Stop

EDIT = Edit(2, 11, '{"clue_id": 11, "remark": "row 2", "update_specified_fields": ["remark"]}')


def connect(
    folder: Path,
    url: str = "http://127.0.0.1:1",
    *,
    app: str = "",
    earlier: Sequence[tuple[float, int]] | None = None,
    stop: Stop | None = None,
    notices: deque[Message] | None = None,
    **over: Any,
) -> Connection:
    asked: list[float] = []

    def earlier_requests(seconds: float) -> Sequence[tuple[float, int]]:
        asked.append(seconds)
        return earlier or []

    made = Connection(
        folder,
        None if earlier is None else earlier_requests,
        jobs.settings(folder, url, **over),
        app,
        stop or Stop(),
        deque() if notices is None else notices,
    )
    made.asked = asked  # type: ignore[attr-defined]
    return made


def paces(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("pace-*") if path.suffix != ".lock")


def test_an_edit_goes_out_with_the_fixed_token_and_a_permit(tmp_path: Path) -> None:
    with Crm() as crm, connect(tmp_path, crm.url) as connection:
        attempted = connection.retries.send_edit(EDIT, connection.client.edit)
        assert (attempted.verdict, attempted.requests, attempted.reply.token) == (Verdict.DONE, 1, 1)
        assert [call.token for call in crm.calls] == [jobs.TOKEN] and crm.token_calls == 0


class Noting(Crm):
    """Notes what each request is sent to."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def answer_to(self, request: Request) -> Answer:
        self.targets.append(request.target)
        return super().answer_to(request)


def test_a_token_is_fetched_once_with_the_first_edit(tmp_path: Path) -> None:
    with Noting() as crm, connect(tmp_path, crm.url, api=jobs.APP) as connection:
        assert crm.token_calls == 0
        for _ in range(2):
            assert connection.retries.send_edit(EDIT, connection.client.edit).verdict is Verdict.DONE
        assert [call.token for call in crm.calls] == ["granted-1", "granted-1"] and crm.token_calls == 1
        assert parse_qs(urlsplit(crm.targets[0]).query) == {"appid": ["app"], "app_secret": ["app-secret"]}


def test_a_tenant_is_an_address_and_an_app(tmp_path: Path) -> None:
    limits = {"limits": ["5/second"]}
    for url, app in (("http://127.0.0.1:1", "a"), ("http://127.0.0.1:1", "a"), ("http://127.0.0.1:1/", "a")):
        connect(tmp_path, url, app=app, rate=limits).__exit__(None, None, None)
    assert len(paces(tmp_path)) == 1
    connect(tmp_path, "http://127.0.0.1:1", app="b", rate=limits).__exit__(None, None, None)
    connect(tmp_path, "http://127.0.0.1:2", app="a", rate=limits).__exit__(None, None, None)
    assert len(paces(tmp_path)) == 3


def test_those_of_one_tenant_share_their_permits(tmp_path: Path) -> None:
    stop = Stop()
    with connect(tmp_path, rate={"limits": ["2/day"]}) as first, connect(tmp_path, rate={"limits": ["2/day"]}) as second:
        assert first.pace.acquire(stop.soft)
        with second.pace._record.locked():
            assert len(second.pace._record.entries()) == 1


@pytest.mark.parametrize(
    ("limits", "earlier", "asked"),
    [
        (["3/hour"], [(600.0, 3)], [3600.0]),
        (["5/second", "3/day"], [(600.0, 3)], [86400.0]),
        (["3/minute"], [(10.0, 3)], [MINUTE]),
        (["5/second"], [(0.1, 3)], [MINUTE]),
        ([], [(0.1, 3)], []),
    ],
)
def test_what_the_record_has_lost_is_made_up_for(
    tmp_path: Path, limits: list[str], earlier: list[tuple[float, int]], asked: list[float]
) -> None:
    with connect(tmp_path, earlier=earlier, rate={"limits": limits}) as connection:
        assert connection.asked == asked  # type: ignore[attr-defined]
        with connection.pace._record.locked():
            assert len(connection.pace._record.entries()) == (3 if asked else 0)


def test_where_there_were_no_runs_there_is_nothing_to_make_up_for(tmp_path: Path) -> None:
    with connect(tmp_path, rate={"limits": ["3/hour"]}) as connection, connection.pace._record.locked():
        assert connection.pace._record.entries() == []


def test_a_long_wait_is_a_notice(tmp_path: Path) -> None:
    stop, notices = Stop(), deque[Message]()
    with connect(tmp_path, rate={"limits": ["100/second", "1/hour"]}, stop=stop, notices=notices) as connection:
        assert connection.pace.acquire(stop.soft)

        def note(seconds: float) -> None:
            connection._report_wait(seconds)
            stop.ask()

        connection.pace._on_wait = note
        assert not connection.pace.acquire(stop.soft)
    (notice,) = notices
    assert notice.key == "notice.full" and "everything waits for about 6" in say(notice, "en")


def test_nothing_is_sent_once_the_run_is_to_stop(tmp_path: Path) -> None:
    """The permit was there; the stop came while the connection was made."""
    stop = Stop()
    with Crm() as crm, connect(tmp_path, crm.url, stop=stop) as connection:
        assert connection.pace.acquire(stop.soft)
        stop.ask()
        with pytest.raises(Halted, match="Stopped on request"):
            connection.client.edit(EDIT)
        assert crm.calls == []


@pytest.mark.parametrize("method", ["_confirm_permit", "used"])
def test_each_request_confirms_its_permit_and_says_when_it_was_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    calls, owner = list[str](), Pace if method == "used" else Connection
    real = getattr(owner, method)

    def counting(self: object) -> None:
        calls.append(method)
        real(self)

    monkeypatch.setattr(owner, method, counting)
    with Crm() as crm, connect(tmp_path, crm.url, api=jobs.APP) as connection:
        assert connection.retries.send_edit(EDIT, connection.client.edit).requests == 1
        assert (crm.token_calls, len(crm.calls), len(calls)) == (1, 1, 2)


def test_after_its_end_nobody_gets_a_permit_and_nothing_is_open(tmp_path: Path) -> None:
    with connect(tmp_path, rate={"limits": ["5/second"]}) as connection:
        pass
    assert not connection.pace.acquire(Stop().soft)
    assert connection.pace._record._io.closed


def test_a_record_that_cannot_be_opened_is_a_matter_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError):
        connect(tmp_path / "file", rate={"limits": ["5/second"]})


def test_an_address_that_cannot_be_used_closes_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was opened before the failure is closed: nothing else would."""
    closed = list[bool]()
    monkeypatch.setattr("batch_editor.crm.connection.Pace.close", lambda pace: closed.append(True))
    monkeypatch.setenv("HTTPS_PROXY", "ftp://x")
    with pytest.raises(SettingsError):
        connect(tmp_path, "https://crm.invalid")
    assert closed == [True]


def test_who_is_unreachable_was_not_reached(tmp_path: Path) -> None:
    with connect(tmp_path, retry={"attempts": 1}) as connection, pytest.raises(Interrupted) as caught:
        connection.retries.send_edit(EDIT, connection.client.edit)
    attempted = caught.value.attempted
    assert (attempted.verdict, attempted.reached, attempted.reply.sent) == (Verdict.AGAIN, False, Sent.NO)
