"""Uploads: counted while they arrive, cut off at the limit, private, cleared away, and never called by a name of somebody's."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.pages import Client, PageServer, site_with

from batch_editor.errors import Refused, SettingsError
from batch_editor.settings.sections import Web
from batch_editor.web.uploads import KEPT, Uploads, in_words, keep, pasted

BOUNDARY = "----of-the-test"
MOST = 64 << 10


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def client(state: Path) -> Iterator[Client]:
    with PageServer(site_with(jobs.settings(state, web={"max_upload": "64KB"}))) as server, server.client() as client:
        yield client


def folders(state: Path) -> list[Path]:
    folder = state / "state" / "uploads"
    return sorted(folder.iterdir()) if folder.exists() else []


def part(name: str, content: bytes, file: str | None = None) -> bytes:
    named = f'; filename="{file}"' if file is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def post(client: Client, *parts: bytes, end: bytes = f"--{BOUNDARY}--\r\n".encode(), chunked: bool = False) -> Any:
    token = client.csrf or (client.get("/") and client.csrf)
    body = part("csrf_token", str(token).encode()) + b"".join(parts) + end
    content: Any = (body[place : place + 5000] for place in range(0, len(body), 5000)) if chunked else body
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}", "origin": str(client.base_url).rstrip("/")}
    return client.post("/sheets", content=content, headers=headers)


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "without"])
@pytest.mark.parametrize("name", ["file", "text"])
def test_what_is_larger_than_permitted_is_cut_off_and_leaves_nothing(
    client: Client, state: Path, name: str, chunked: bool
) -> None:
    before = folders(state)
    file = "a.csv" if name == "file" else None
    assert post(client, part(name, b"x" * MOST, file), chunked=chunked).status_code == 303
    assert len(folders(state)) == len(before) + 1
    answer = post(client, part(name, b"x" * (MOST + 1), file), chunked=chunked)
    assert answer.status_code == 413 and "64 KB" in answer.text and "web.max_upload" in answer.text
    assert len(folders(state)) == len(before) + 1


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([part("file", b"", "")], "No sheet was chosen"),
        ([part("text", b"  \r\n\t ")], "No sheet was chosen"),
        ([part("text", b"\0")], "Nothing but blanks"),
        ([part("file", b"a", "a.csv"), part("file", b"b", "b.csv")], "one sheet at a time"),
        ([], "No sheet was chosen"),
    ],
)
def test_what_is_no_sheet_is_refused_in_words_and_leaves_nothing(
    client: Client, state: Path, parts: list[bytes], words: str
) -> None:
    before = folders(state)
    client.cookies.set("batch_editor_lang", "en")
    answer = post(client, *parts)
    assert (answer.status_code, words in answer.text) == (400, True)
    assert folders(state) == before


def test_a_body_that_is_cut_or_no_form_leaves_nothing(client: Client, state: Path) -> None:
    before = folders(state)
    assert post(client, part("file", b"a,b", "a.csv"), end=b"").status_code == 400
    assert client.submit("/sheets", {"text": "a"}).status_code == 400
    long = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{"x" * 70_000}"\r\n\r\n'.encode()
    assert post(client, long).status_code == 400
    assert folders(state) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_an_upload_is_private_to_its_owner(tmp_path: Path) -> None:
    with Uploads(tmp_path).begin("a.csv", "李伟") as arriving:
        arriving.write(b"x")
        upload = arriving.complete()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "uploads").rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE(upload.path.parent.stat().st_mode) == stat.S_IMODE((tmp_path / "uploads").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("客户.XLSX", "sheet.xlsx"),
        ("~$客户.xlsx", "~$sheet.xlsx"),
        ("../../x.csv", "sheet.csv"),
        ("C:\\x\\y.csv", "sheet.csv"),
        ("a.b\nc", "sheet"),
        ("x" * 400, "sheet"),
        ("x.客户", "sheet"),
        ("..", "sheet"),
        ("", "sheet"),
    ],
)
def test_a_file_is_kept_under_a_name_of_ours(tmp_path: Path, name: str, kept: str) -> None:
    with Uploads(tmp_path).begin(name, "") as arriving:
        upload = arriving.complete()
    assert upload.path.name == kept and upload.name == name[:300]
    assert Uploads(tmp_path).find(upload.number) == upload


def test_a_disk_that_is_full_is_said_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, part: bytes) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def close(self) -> None: ...

    with pytest.raises(Refused) as refused, Uploads(tmp_path).begin("a.csv", "") as arriving:
        arriving._file.close()
        monkeypatch.setattr(arriving, "_file", Full())
        arriving.write(b"x")
    assert refused.value.message.key == "upload.no_room" and "No space" in str(refused.value)
    assert list((tmp_path / "uploads").iterdir()) == []


def test_uploads_of_no_run_go_after_a_day(tmp_path: Path) -> None:
    now = [1_800_000_000.0]
    store = Uploads(tmp_path, lambda: now[0])
    kept: list[Any] = []
    for name in ("old", "of a run", "new"):
        with store.begin(name, "") as arriving:
            kept.append(arriving.complete())
    for upload, age in zip(kept, (KEPT + 60, KEPT + 60, 60), strict=True):
        os.utime(upload.path.parent, (now[0] - age, now[0] - age))
    (tmp_path / "uploads" / "of somebody else").mkdir()
    store.tidy({str(kept[1].path)})
    assert [store.find(upload.number) is not None for upload in kept] == [False, True, True]
    assert (tmp_path / "uploads" / "of somebody else").exists()


def test_a_record_that_is_damaged_is_no_upload(tmp_path: Path) -> None:
    store = Uploads(tmp_path)
    with store.begin("a.csv", "") as arriving:
        upload = arriving.complete()
    for text in ("", "{", "[]", "{}", '{"file": "../../x"}'):
        (upload.path.parent / "record.json").write_text(text)
        assert store.find(upload.number) is None
    keep(upload)
    upload.path.unlink()
    assert store.find(upload.number) is None
    assert store.find("../" + upload.number) is None


def test_half_a_character_in_a_name_is_kept(tmp_path: Path) -> None:
    with Uploads(tmp_path).begin("\ud83d.csv", "") as arriving:
        assert Uploads(tmp_path).find(arriving.complete().number) is not None


def test_pasted_rows_are_a_text_that_is_read_for_certain() -> None:
    assert pasted('线索ID\t备注\r\n1\t"a\r\nb"\r\n'.encode()).decode() == '线索ID\t备注\n1\t"a\nb"\n'
    with pytest.raises(Refused):
        pasted(b"\t\r\n ")


@pytest.mark.parametrize(("text", "size"), [("50MB", 50 << 20), ("1 gb", 1 << 30), ("５００KB", 500 << 10)])
def test_the_largest_sheet_is_a_setting(text: str, size: int) -> None:
    assert Web(max_upload=text).most_bytes == size


@pytest.mark.parametrize("text", ["50", "0MB", "much", "-1MB", "", 50, None])
def test_a_size_that_is_none_is_refused_by_its_name(tmp_path: Path, text: Any) -> None:
    with pytest.raises(SettingsError) as refused:
        jobs.settings(tmp_path, web={"max_upload": text})
    assert "web.max_upload" in str(refused.value) and "50MB" in str(refused.value)


def test_a_size_in_words() -> None:
    assert (in_words(50 << 20), in_words(500 << 10)) == ("50 MB", "500 KB")
