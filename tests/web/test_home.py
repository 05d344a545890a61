"""The home page: the sample sheets of the demonstration, and the links that lead on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.pages import Client, Markup, PageServer, site_with

from batch_editor import job
from batch_editor.cli.demo_page import SHEETS, _stand_in
from batch_editor.cli.example import shipped
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings

SAMPLES = shipped("sample_data")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Client]:
    settings = Settings.load(SAMPLES / "config.yaml", state_dir=tmp_path)
    site = site_with(settings, samples=tuple(SAMPLES / name for name in SHEETS))
    with PageServer(site) as server, server.client() as client:
        yield client


def test_the_home_page_leads_to_all_that_can_be_begun(demo: Client) -> None:
    page = Markup(demo.get("/").text)
    links = {values["href"] for values in page.all("a")}
    assert {"/history", "/template.xlsx"} <= links
    places = [values["action"] for values in page.all("form")]
    assert places.count("/sheets") == 2  # a file, and what is pasted
    assert [place for place in places if str(place).startswith("/samples/")] == [f"/samples/{name}" for name in SHEETS]


@pytest.mark.parametrize("name", SHEETS)
def test_a_sample_sheet_is_handed_in_by_one_button(demo: Client, name: str) -> None:
    answer = demo.submit(f"/samples/{name}")
    assert answer.status_code == 303
    step = demo.get(answer.headers["location"])
    assert step.status_code == 200 and name in step.text


@pytest.mark.parametrize("name", ["nothing.csv", "config.yaml", "..%2Fconfig.yaml", "..%2F..%2Fpyproject.toml"])
def test_nothing_but_a_sample_sheet_is_handed_in(demo: Client, name: str) -> None:
    assert demo.submit(f"/samples/{name}").status_code in (400, 404)


def test_where_real_work_is_done_no_sample_is_offered(tmp_path: Path) -> None:
    with PageServer(site_with(Settings(state_dir=tmp_path))) as server, server.client() as page:
        assert "/samples/" not in page.get("/").text
        assert page.submit(f"/samples/{SHEETS[0]}").status_code == 404


@pytest.mark.parametrize("name", SHEETS)
def test_the_stand_in_knows_whom_the_sample_sheets_name(tmp_path: Path, name: str) -> None:
    """A row that names somebody else than the CRM is not sent: only the clue that nobody has is left out."""
    clues = json.loads((SAMPLES / "clues.json").read_text(encoding="utf-8"))
    with Sandbox(clues, choice_custom=("mf_clue_51", "mf_clue_52")) as crm:
        api = {"base_url": crm.url, "app_id": "demo-app", "app_secret": "demo-secret", "access_token": None}
        settings = Settings.load(SAMPLES / "config.yaml", api=api, state_dir=tmp_path, rate={"limits": []})
        report = job.run(SAMPLES / name, settings, snapshot=True, output=tmp_path / "done.csv")
    assert report.counts["conflict"] == 0
    assert report.counts["updated"] > 0
    assert report.counts["rejected"] + report.counts["failed"] <= 1


def test_what_became_of_the_clues_is_kept_for_the_next_time(tmp_path: Path) -> None:
    kept = tmp_path / "clues.json"
    kept.write_bytes((SAMPLES / "clues.json").read_bytes())
    with _stand_in(kept) as crm:
        crm.change(1591005521987920962, remark="seen")
        crm.requests.append(crm.requests[0] if crm.requests else None)  # type: ignore[arg-type]
    with _stand_in(kept) as again:
        assert again.clue(1591005521987920962)["remark"] == "seen"
        assert len(again.clues()) == len(json.loads((SAMPLES / "clues.json").read_text(encoding="utf-8")))
