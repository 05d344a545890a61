"""Every command that asks the CRM, against every way in which it cannot be reached: exit 3 and ``crm_down``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import TOKEN, Commands
from support.servers import Answer, Server, closed_port

from batch_editor.sandbox import Sandbox

CLUES = [{"clue_id": clue, "remark": "old", "clue_name": "王", "clue_pool_id": 1} for clue in (11, 12)]
#: The words of a command; RUN is that of a run that was sent, and of which two rows are left.
COMMANDS: dict[str, list[str]] = {
    "run": ["run", "edits.csv"],
    "run that compares": ["run", "edits.csv", "--only-changed"],
    "run that reads ahead": ["run", "edits.csv", "--only-changed", "--strict"],
    "run that fills": ["run", "edits.csv", "--fill"],
    "run that keeps old values": ["run", "edits.csv", "--snapshot"],
    "run that proves": ["run", "edits.csv", "--prove"],
    "run of names of pools": ["run", "pools.csv"],
    "resume": ["resume", "RUN"],
    "undo": ["undo", "RUN", "--yes"],
    "reconcile": ["reconcile", "edits.csv", "--trust-journal"],
    "inbox": ["inbox", "in", "--marker", ".done"],
    "check of names of pools": ["check", "pools.csv"],
    "diff": ["diff", "edits.csv"],
    "clue": ["clue", "11", "12"],
}


@contextmanager
def nobody_listens() -> Iterator[str]:
    yield f"http://127.0.0.1:{closed_port()}"


@contextmanager
def no_such_name() -> Iterator[str]:
    yield "https://nobody.invalid"


@contextmanager
def no_tls() -> Iterator[str]:
    with Server(greeting=b"not for you\r\n") as server:
        yield server.url.replace("http:", "https:")


def answers(answer: Answer) -> Callable[[], Any]:
    @contextmanager
    def play() -> Iterator[str]:
        with Server(answer) as server:
            yield server.url

    return play


OUTAGES: dict[str, Callable[[], Any]] = {
    "nobody listens": nobody_listens,
    "no such name": no_such_name,
    "no tls": no_tls,
    "502": answers(Answer(status=502, body=b"<html>")),
    "503": answers(Answer(status=503, body=b"<html>")),
    "504": answers(Answer(status=504, body=b"<html>")),
    "reset": answers(Answer(raw=b"")),
    "silent": answers(Answer(silent=True)),
}


#: The outages in which the token is fetched as well. That is done like everything else, so that two of them will do.
WITH_APP = ("nobody listens", "503")
PAIRS = [*((outage, False) for outage in OUTAGES), *((outage, True) for outage in WITH_APP)]
QUICK = ("nobody listens", False)
each_outage = pytest.mark.parametrize(
    ("outage", "by_app"), [pytest.param(*pair, marks=() if pair == QUICK else pytest.mark.slow) for pair in PAIRS]
)


@pytest.mark.usefixtures("results_as_csv")
@each_outage
@pytest.mark.parametrize("name", COMMANDS)
def test_an_outage_is_told_by_exit_3_and_its_word(name: str, outage: str, by_app: bool, tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12, 13])
    jobs.text_file(tmp_path / "pools.csv", "clue_id,clue_pool_id\n11,公海\n")
    (tmp_path / "in").mkdir()
    jobs.sheet(tmp_path / "in", [11, 12])
    (tmp_path / "in" / "edits.csv.done").touch()
    lookups = {"lookups": {"clue_pool_id": "crm"}} if name.endswith("pools") else {}
    credentials = {"WSHOTO_ACCESS_TOKEN": TOKEN}
    if by_app:
        credentials = {"WSHOTO_ACCESS_TOKEN": "", "WSHOTO_APP_ID": "demo-app", "WSHOTO_APP_SECRET": "demo-secret"}

    def command(url: str) -> Commands:
        quick = {"rate": {"patience": 0}, "api": {"timeout": 0.2}, "retry": {"attempts": 1}}
        made = Commands(tmp_path, url, **quick, **lookups)
        made.env |= credentials
        return made

    run = ""
    if "RUN" in COMMANDS[name]:
        with Sandbox(CLUES, access_token=None if by_app else TOKEN) as crm:
            run = command(crm.url)("run", "edits.csv", "--snapshot", "--limit", "1", "--json").json["run"]
    with OUTAGES[outage]() as url:
        words = [run if word == "RUN" else word for word in COMMANDS[name]]
        if run:  # it goes to the address that it went to before, where nobody is any more
            url = f"{crm.url}" if outage == "nobody listens" else _moved(tmp_path, url)
        done = command(url)(*words, "--json")
    value = done.json
    assert (done.code, value["exit_code"], value["reason"], value["stopped"]) == (3, 3, "crm_down", True), done
    assert value["error"]
    for part in [value, *value.get("sheets", [])]:
        assert "not_sent" not in part or (part["updated"] <= 1 and not part["rejected"] and not part["invalid"])


def _moved(folder: Path, url: str) -> str:
    """Has the runs of the journal go to another address from here on."""
    import sqlite3

    with closing(sqlite3.connect(folder / "state" / "journal.sqlite3")) as journal, journal:
        journal.execute("UPDATE runs SET base_url = ?", (url,))
    journal.close()
    return url
