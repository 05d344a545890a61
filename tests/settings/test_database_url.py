"""The address of the journal's database: which are understood, how they are shown, and that its password is in no message."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import jobs

from batch_editor import Settings
from batch_editor.errors import SettingsError
from batch_editor.settings.database_url import shown

PASSWORD = "Sentinel-4711"


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (f"postgresql://ops:{PASSWORD}@db.example.com:5432/journal", "postgresql://ops@db.example.com:5432/journal"),
        (f"postgres://ops:{PASSWORD}@db/journal", "postgresql://ops@db/journal"),
        ("postgresql://db", "postgresql://db"),
        ("postgresql:///journal", "postgresql:///journal"),
        ("postgresql://ops:%40%2F%3A%3F%23%25@db/journal", "postgresql://ops@db/journal"),
        (f"postgresql://ops@db/journal?sslmode=require&password={PASSWORD}", "postgresql://ops@db/journal"),
        (f"postgresql://:{PASSWORD}@/journal?host=/run/postgresql&user=ops", "postgresql://ops@/run/postgresql/journal"),
        (f"postgresql://ops:{PASSWORD}@[::1]:5432,10.0.0.2/journal", "postgresql://ops@[::1]:5432,10.0.0.2/journal"),
        ("postgresql://%E5%B0%8F%E7%8E%8B@db/%E8%BF%90%E8%A1%8C", "postgresql://小王@db/运行"),
        (f"postgresql://db/journal?options=-csearch_path%3D{PASSWORD}", "postgresql://db/journal"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, text: str) -> None:
    given = Settings(journal=url)
    assert given.journal is not None and given.journal.get_secret_value() == url
    assert shown(url) == text and PASSWORD not in shown(url)


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://ops:{PASSWORD}@db/journal",
        f"ops:{PASSWORD}@db/journal",
        f"host=db password={PASSWORD}",
        f"postgresql://ops:a/{PASSWORD}@db/journal",
        f"postgresql://ops:123/{PASSWORD}@db/journal",
        f"postgresql://ops:a@{PASSWORD}@db/journal",
        f"postgresql://ops:12?{PASSWORD}@db/journal",
        f"postgresql://ops:12?a={PASSWORD}@db/journal",
        f"postgresql://ops:12#{PASSWORD}@db/journal",
        f"postgresql://ops:a:{PASSWORD}@db/journal",
        f"postgresql://ops:100%{PASSWORD}@db/journal",
        f"postgresql://ops:{PASSWORD} x@db/journal",
        f"postgresql://ops:{PASSWORD}@db/journal?password",
        f"postgresql://db:{PASSWORD}/journal",
        f"postgresql://db/journal?port={PASSWORD}",
    ],
)
def test_one_that_could_be_misunderstood_is_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    file = jobs.text_file(tmp_path / "config.yaml", f"journal: '{url}'\n")
    with pytest.raises(SettingsError) as refused:
        Settings.load(file)
    assert "journal must " in str(refused.value).replace(": ", " ") and PASSWORD not in str(refused.value)
    assert PASSWORD not in shown(url)


def test_it_is_in_no_record_and_no_text_of_the_settings() -> None:
    given = Settings(journal=f"postgresql://ops:{PASSWORD}@db/journal")
    texts = (repr(given), str(given), given.model_dump_json(), str(given.for_the_record()))
    assert not any(PASSWORD in text or "@db" in text for text in texts) and "journal" not in given.for_the_record()


def test_a_variable_names_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCH_EDITOR_JOURNAL", f"postgresql://ops:{PASSWORD}@db/journal")
    journal = Settings().journal
    assert journal is not None and journal.get_secret_value().endswith("@db/journal")


@pytest.mark.parametrize("elsewhere", [True, False], ids=["credentials from elsewhere", "all in one file"])
def test_a_file_that_came_with_a_sheet_names_no_database_for_credentials_that_it_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    lines = f"journal: postgresql://ops:{PASSWORD}@stranger.example/journal\n"
    if elsewhere:
        monkeypatch.setenv("WSHOTO_ACCESS_TOKEN", "token")
    else:
        lines += "api: {access_token: token}\n"
    file = jobs.text_file(tmp_path / "config.yaml", lines)
    if not elsewhere:
        assert Settings.load_beside(file).journal is not None
        return
    with pytest.raises(SettingsError) as refused:
        Settings.load_beside(file)
    assert refused.value.message.key == "settings.foreign_journal" and PASSWORD not in str(refused.value)
    assert Settings.load(file).journal is not None
