"""Every page as it goes over the wire, in both languages: its markup, its words, where its parts come from, and its secrets."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from starlette.routing import Route
from support import jobs
from support.pages import Client, Markup, PageServer, site_with

from batch_editor import job
from batch_editor.sandbox import Sandbox
from batch_editor.web.app import create_app
from batch_editor.web.site import Site

#: What a cell, a heading or a name must not become.
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e\x1b[31m"
SHEET = [
    ["clue_id", "remark", "gender", "email"],
    ["11", "row 2", "男", "a@example.com"],
    ["12", HOSTILE, "女", "b@example.com"],
    ["13", "row 4", HOSTILE, "no address"],
    ["14", "#CLEAR", "先生", "javascript:alert(3)"],
]
#: Attributes that load something or lead somewhere.
ADDRESSES = ("src", "href", "action", "formaction", "data", "poster", "srcset")


@dataclass(frozen=True, slots=True)
class Places:
    """A page with a run that waits, one that is finished and one that is not there."""

    site: Site
    client: Client
    runs: tuple[str, ...]

    def addresses(self) -> list[str]:
        """The address of each route that can be looked at, of each run; but for streams, which have no end."""
        found = []
        for route in create_app(self.site).routes:
            if isinstance(route, Route) and "GET" in (route.methods or ()) and not route.path.endswith("/events"):
                others = dict.fromkeys(route.param_convertors.keys() - {"run"}, "nothing")
                for run in self.runs if "run" in route.param_convertors else self.runs[:1]:
                    values = others | ({"run": run} if "run" in route.param_convertors else {})
                    found.append(str(route.url_path_for(route.name, **values)))
        return [*found, "/nothing/here"]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    folder = tmp_path_factory.mktemp("pages")
    sheet = jobs.workbook(folder / "a & b <i>.xlsx", [[str(cell).replace("\x1b", "") for cell in row] for row in SHEET])
    with Sandbox([{"clue_id": clue, "remark": HOSTILE} for clue in (11, 12, 13, 14)], access_token=jobs.TOKEN) as crm:
        settings = jobs.settings(folder, crm.url, lang=None)
        finished = job.run(sheet, settings, output=folder / "done.csv", snapshot=True).run
        with job.plan(sheet, settings) as waiting:
            runs = (waiting.name, str(finished), "20260101-000000-0000")
        site = site_with(settings)
        with PageServer(site) as server, server.client() as client:
            yield Places(site, client, runs)


def read(places: Places, path: str, lang: str) -> Markup | None:
    """The page at ``path``, if a page is there."""
    places.client.cookies.set("batch_editor_lang", lang, domain="127.0.0.1")
    answer = places.client.get(path, follow_redirects=True)
    assert answer.status_code in (200, 400, 404, 409), (path, answer.status_code)
    is_page = answer.headers["content-type"].startswith("text/html")
    return Markup(answer.text) if is_page else None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_whole_and_loads_nothing_from_elsewhere(places: Places, lang: str) -> None:
    seen = 0
    for path in places.addresses():
        if (page := read(places, path, lang)) is None:
            continue
        seen += 1
        faults = [*page.faults]
        tags = [tag for tag, _ in page.elements]
        if page.all("html") != [{"lang": "zh-CN" if lang == "zh" else "en"}]:
            faults.append("has no language, or another one")
        if tags.index("title") > tags.index("body"):
            faults.append("has no title")
        faults += [f"has {tags.count(tag)} <{tag}>" for tag in ("h1", "main", "header") if tags.count(tag) != 1]
        faults += [f"has a <{tag}>" for tag in ("style", "iframe", "object", "embed", "base") if tag in tags]
        for tag, values in page.elements:
            faults += [f"<{tag}> has {name}" for name in values if name.startswith("on") or name == "style"]
            outside = [values[name] for name in ADDRESSES if values.get(name) and not is_here(str(values[name]))]
            faults += [f"<{tag}> leads to {place}" for place in outside]
            if tag == "script" and "src" not in values and values.get("type") != "application/json":
                faults.append("has a script of its own")
        assert faults == [], path
    assert seen > 15


def is_here(place: str) -> bool:
    return (place.startswith("/") and not place.startswith("//")) or place.startswith(("#", "?"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_input_has_a_label_and_every_form_its_token(places: Places, lang: str) -> None:
    for path in places.addresses():
        if (page := read(places, path, lang)) is None:
            continue
        labelled = {values.get("for") for values in page.all("label")}
        faults = []
        for tag, values in page.elements:
            if tag in ("input", "select", "textarea") and values.get("type") not in ("hidden", "submit"):
                named = values.get("aria-label") or values.get("aria-labelledby") or values.get("id") in labelled
                if not named and values not in page.in_labels:
                    faults.append(f"<{tag} {values}> has no label")
        forms = [values for values in page.all("form") if (values.get("method") or "get").lower() == "post"]
        tokens = [values for values in page.all("input") if values.get("name") == "csrf_token" and values.get("value")]
        if len(tokens) < len(forms):
            faults.append(f"{len(forms)} forms have {len(tokens)} tokens")
        assert faults == [], path


def test_no_text_of_a_sheet_is_markup_or_hides(places: Places) -> None:
    shown = 0
    for path in places.addresses():
        answer = places.client.get(path, follow_redirects=True)
        if answer.headers["content-type"].startswith("text/html"):
            assert "<script>alert" not in answer.text and "<img src=x" not in answer.text, path
            assert "\u202e" not in visible_part(answer.text), path
            shown += "&lt;script&gt;alert(1)" in answer.text
    assert shown > 1


def visible_part(text: str) -> str:
    """A page without the values of its inputs, which come back as they are."""
    page = Markup(text)
    return " ".join(page.texts)


def test_what_is_looked_at_is_never_kept_elsewhere(places: Places) -> None:
    for path in places.addresses():
        answer = places.client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]


def test_looking_changes_nothing(places: Places) -> None:
    """But for the number that says how often a run was taken in hand, by which others see whether its rows may have changed."""

    def kept() -> tuple[list[str], dict[str, bytes]]:
        folder = places.site.settings.state_dir
        with closing(sqlite3.connect(folder / "journal.sqlite3")) as journal:
            journal.execute("UPDATE runs SET driven = 0")  # never committed
            lines = list(journal.iterdump())
        files = [path for path in folder.rglob("*") if path.is_file() and "sqlite3" not in path.name]
        return lines, {str(path): path.read_bytes() for path in files if path.suffix != ".lock"}

    before = kept()
    for path in places.addresses():
        for query in ("", "?after=9&open=2&row=2&place=1&field=gender&status=all&groups=all&kept=yes&do=all&digest=x&lang=zh"):
            assert places.client.get(f"{path}{query}").status_code < 500
    assert kept() == before
