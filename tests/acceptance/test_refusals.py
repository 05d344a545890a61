"""What cannot be done is said in one exact paragraph, in either language, with exit 2 (or 3) and never with a traceback."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.servers import closed_port

import batch_editor
from batch_editor.errors import SettingsError, SheetError
from batch_editor.messages import say
from batch_editor.model import Message

SHEETS = Path(__file__).parent.parent / "files"


#: name → arguments, the sheet that is there (text, or a file of tests/files), settings, and the paragraph twice
CASES: dict[str, tuple[list[str], str, dict[str, object], str, str]] = {
    "no such file": (
        ["run", "missing.csv"],
        "clue_id\n",
        {},
        "There is no file {folder}/missing.csv. Check the name and the folder.",
        "找不到文件 {folder}/missing.csv。请检查文件名和文件夹。",
    ),
    "a folder": (
        ["run", "."],
        "clue_id\n",
        {},
        "{folder} is a folder. Give the sheet itself, a file such as edits.xlsx or edits.csv.",
        "{folder} 是一个文件夹。请给出表格文件本身，例如 edits.xlsx 或 edits.csv。",
    ),
    "not a workbook": (
        ["check", "pdf_called_xlsx.xlsx"],
        "pdf_called_xlsx.xlsx",
        {},
        "{folder}/pdf_called_xlsx.xlsx is a PDF, not a sheet. Give an Excel workbook (.xlsx) or a CSV file.",
        "{folder}/pdf_called_xlsx.xlsx 是 PDF 文件，不是表格。请提供 Excel 工作簿（.xlsx）或 CSV 文件。",
    ),
    "an encrypted workbook": (
        ["run", "xlsx_encrypted.xlsx"],
        "xlsx_encrypted.xlsx",
        {},
        "{folder}/xlsx_encrypted.xlsx is protected by a password. Open it in Excel, remove the password "
        "(File > Info > Protect Workbook) and save it again.",
        "{folder}/xlsx_encrypted.xlsx 设有密码。请在 Excel 中打开，取消密码（文件 > 信息 > 保护工作簿）后重新保存。",
    ),
    "no clue id": (
        ["run", "edits.csv"],
        "name,remark\n甲,a\n",
        {},
        "None of the first ten rows has a heading for the clue id (线索ID or clue_id). The first row holds: name, remark. "
        "Name that column 线索ID, or tell its name under columns: in the settings.",
        "前十行中没有找到“线索ID”（clue_id）列标题。第一行的内容是：name, remark。"
        "请把该列命名为“线索ID”，或在设置的 columns: 中说明它的名称。",
    ),
    "unknown and repeated columns": (
        ["run", "edits.csv"],
        "clue_id,remark,描述,qqqqqq,e-mail\n11,a,b,c,d\n",
        {},
        "The headings cannot be used, and nothing was sent:\n"
        '  C1: "描述" and B1 both stand for remark; delete one of the two columns, or rename the one that is something else\n'
        '  D1: "qqqqqq" is not a field\n'
        '  E1: "e-mail" is not a field; is it 邮箱 (email)?\n'
        "Rename such a column, say under columns: in the settings what it is, "
        "or leave it out with --ignore-column NAME (ignore_columns: in the settings).",
        "列标题有问题，未发送任何数据：\n"
        "  C1：“描述”和 B1 都表示 remark；请删除其中一列，或给含义不同的那一列改名\n"
        "  D1：“qqqqqq”不是已知字段\n"
        "  E1：“e-mail”不是已知字段，是不是 邮箱 (email)？\n"
        "请修改列标题，或在设置的 columns: 中说明它对应的字段，或用 --ignore-column 列名（设置中的 ignore_columns:）忽略该列。",
    ),
    "no rows": (
        ["run", "edits.csv"],
        "clue_id,remark\n",
        {},
        "There are no rows below the headings, so there is nothing to send. Fill in at least one row.",
        "列标题下面没有任何数据行，没有可发送的内容。请至少填写一行。",
    ),
    "broken settings": (
        ["run", "edits.csv"],
        "clue_id,remark\n11,a\n",
        {"rate": {"limit": ["5/second"]}, "retry": {"attempts": 0}, "api": {"base_url": "http://open.wshoto.com"}},
        "These settings cannot be used (batch-editor settings --example explains each setting):\n"
        "  api.base_url: must begin with https://, since the access token travels in the URL\n"
        "  rate.limit: there is no such setting; is it limits?\n"
        "  retry.attempts: must be at least 1",
        "以下设置有误（每项设置的说明见 batch-editor settings --example）：\n"
        "  api.base_url：必须以 https:// 开头，因为访问凭证在网址中传输\n"
        "  rate.limit：没有这个设置项，是不是 limits？\n"
        "  retry.attempts：必须不小于 1",
    ),
    "a guard": (
        ["run", "edits.csv"],
        "clue_id,remark\n11,#CLEAR\n",
        {"guards": {"max_clears": 0}},
        "1 cell would be cleared, more than guards.max_clears allows (0). "
        "Nothing was sent; raise that setting if this is right.",
        "将清空 1 个单元格对应的字段，超过了 guards.max_clears 允许的 0 个。未发送任何数据；如确认无误，请调大该设置。",
    ),
    "no folder for the results": (
        ["run", "edits.csv", "--output", "nowhere/x.xlsx"],
        "clue_id,remark\n11,a\n",
        {},
        "The results cannot be written to the folder {folder}/nowhere (No such file or directory). "
        "Choose another place with --output. Nothing was sent.",
        "无法把结果写入文件夹 {folder}/nowhere（No such file or directory）。请用 --output 指定其他位置。未发送任何数据。",
    ),
    "an unknown run": (
        ["results", "20260101-000000-dead"],
        "clue_id\n",
        {},
        'There is no run "20260101-000000-dead". The command runs lists them.',
        "没有名为“20260101-000000-dead”的运行。用 runs 命令可查看所有运行。",
    ),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("case", CASES)
def test_a_refusal(tmp_path: Path, case: str, lang: str) -> None:
    args, sheet, over, english, chinese = CASES[case]
    if sheet.endswith(".xlsx"):
        (tmp_path / sheet).write_bytes((SHEETS / sheet).read_bytes())
    else:
        jobs.text_file(tmp_path / "edits.csv", sheet)
    before = {path.name for path in tmp_path.iterdir()} | {"config.yaml", "state"}
    done = Commands(tmp_path, **over)(*args, "--lang", lang)
    paragraph = (english if lang == "en" else chinese).replace("{folder}", str(tmp_path))
    if case == "a guard":  # its check sheet shows why
        before |= {"edits.check.xlsx"}
        check_sheet = tmp_path / "edits.check.xlsx"
        paragraph += f"\n{say(Message('summary.check_sheet', {'path': check_sheet}), 'zh' if lang == 'zh' else 'en')}"
        assert check_sheet.exists()
    assert (done.code, done.out, done.err) == (2, "", paragraph + "\n")
    assert {path.name for path in tmp_path.iterdir()} <= before


def test_no_credentials(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    done = Commands(tmp_path)("run", "edits.csv", WSHOTO_ACCESS_TOKEN="")
    assert (done.code, done.out, done.err) == (
        2,
        "",
        "There is no access token. Set WSHOTO_ACCESS_TOKEN, or WSHOTO_APP_ID and WSHOTO_APP_SECRET, "
        "or the same under api: in config.yaml.\n",
    )


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "en",
            (
                "The CRM cannot be reached: the connection was refused. Everything waits and tries now and then whether it is "
                "back, for at most about 2 seconds.",
                "Stopped: the CRM could not be reached for about 2 seconds, the last time: the connection was refused. What is "
                "not sent yet is sent when you go on; batch-editor doctor shows whether it can be reached again.",
            ),
        ),
        (
            "zh",
            (
                "无法连接 CRM：连接被拒绝。全部暂停，并不时试探是否恢复，最多等待约 2 秒。",
                "已停止：无法连接 CRM 已有约 2 秒，最近一次：连接被拒绝。尚未发送的行，继续时会发送；"
                "可先用 batch-editor doctor 检查是否已恢复。",
            ),
        ),
    ],
)
def test_a_server_that_cannot_be_reached(tmp_path: Path, lang: str, lines: tuple[str, str]) -> None:
    """No row is failed for it: all of them are still to be sent."""
    jobs.sheet(tmp_path, range(11, 16))
    over = {"halt": {"after_failures": 2}, "rate": {"concurrency": 1}}
    done = Commands(tmp_path, f"http://127.0.0.1:{closed_port()}", **over)("run", "edits.csv", "--lang", lang)
    assert done.code == 3 and tuple(line.strip() for line in done.err.splitlines()[:2]) == lines
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["not_sent"] * 5


def test_the_command_line_itself_explains_a_wrong_option(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    done = Commands(tmp_path)("run", "edits.csv", "--limt", "3")
    assert done.code == 2 and "No such option" in done.err and "--limit" in done.err


def test_a_state_folder_that_cannot_be_made(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    done = Commands(tmp_path)("run", "edits.csv", BATCH_EDITOR_STATE_DIR=str(tmp_path / "edits.csv"))
    assert done.code == 2 and done.err.startswith(
        f"The journal {tmp_path / 'edits.csv' / 'journal.sqlite3'} cannot be opened ("
    )


@pytest.mark.skipif(os.name == "nt", reason="no such files")
@pytest.mark.parametrize("kind", ["fifo", "socket", "device", "endless device"])
@pytest.mark.parametrize("command", ["check", "run", "diff"])
def test_what_can_be_read_but_once_is_no_sheet(tmp_path: Path, command: str, kind: str) -> None:
    """To open a pipe to which nobody writes, or to read a device to its end, would take for ever."""
    path = {"device": Path("/dev/null"), "endless device": Path("/dev/zero")}.get(kind, tmp_path / "edits.csv")
    if kind == "fifo":
        os.mkfifo(path)
    with socket.socket(socket.AF_UNIX) as made:
        if kind == "socket":
            made.bind(os.path.relpath(path))  # an absolute one may be too long
        done = Commands(tmp_path)(command, path)
    assert (done.code, done.out) == (2, "") and done.err.startswith(f"{path} is no file that can be read more than once")


@pytest.mark.parametrize("name", ["a\0b.csv", "\0", "x" * 5000])
def test_a_name_that_no_file_has(tmp_path: Path, name: str) -> None:
    settings = jobs.settings(tmp_path)
    with pytest.raises(SheetError):
        batch_editor.check(name, settings)
    for write in (
        lambda: batch_editor.check(jobs.sheet(tmp_path, [11]), settings, output=f"{name}.csv"),
        lambda: batch_editor.make_template(f"{name}.xlsx", settings),
        lambda: batch_editor.Settings.load(Path(name)),
    ):
        with pytest.raises(SettingsError):
            write()


def test_a_name_table_that_is_a_pipe(tmp_path: Path) -> None:
    if os.name != "nt":
        os.mkfifo(tmp_path / "owners.csv")
        jobs.sheet(tmp_path, [11])
        tables = {"follow_user_id": {"file": "owners.csv", "name": "a", "id": "b"}}
        assert Commands(tmp_path, lookups=tables)("check", "edits.csv").code == 2
