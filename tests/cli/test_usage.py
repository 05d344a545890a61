"""Mistakes of usage: in both languages, each with what to type instead, and always with exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import Commands
from support.reference import CJK

CASES: dict[str, tuple[str, str]] = {
    "run": (
        "Missing argument 'SHEET'. Name the sheet, such as edits.xlsx.",
        "缺少参数“SHEET”。请写上表格文件，例如 edits.xlsx。",
    ),
    "clue": ("Missing argument 'ID'. Name one clue or several", "缺少参数“ID”。请写上一个或多个线索ID"),
    "resume": ("batch-editor runs lists them", "batch-editor runs 会列出所有运行"),
    "journal purge": (
        "Missing option '--older-than'. Say --older-than AGE.",
        "缺少选项“--older-than”。请写成 --older-than AGE。",
    ),
    "run a.csv --limt 3": ("No such option: --limt. Did you mean --limit?", "没有选项 --limt。是不是 --limit？"),
    "run a.csv --xyzzy": ("No such option: --xyzzy.", "没有选项 --xyzzy。"),
    "run a.csv -x": ("No such option: -x.", "没有选项 -x。"),
    "reconcile a.csv --only-empty": ("run SHEET --fill --only-empty", "run SHEET --fill --only-empty"),
    "reconcile a.csv --only-changed": ("reconcile does that anyway", "reconcile 本来就会这样做"),
    "reconcile a.csv --fill": ("reconcile does that anyway", "reconcile 本来就会这样做"),
    "--config x run": ("--config belongs behind the command", "--config 应写在命令之后"),
    "run a.csv --tags all": ("'--tags': 'all' is not one of 'add', 'remove'.", "写的是 'all'，应为 'add', 'remove' 之一"),
    "run a.csv --limit x": ("'--limit': it is 'x', and must be a number, at least 1.", "写的是 'x'，应为不小于 1 的数字"),
    "run a.csv --limit 0": ("at least 1", "应为不小于 1 的数字"),
    "run a.csv --concurrency 99": ("a number from 1 to 64", "应为 1 到 64 之间的数字"),
    "run a.csv --limit": ("Option '--limit' requires an argument: say --limit N.", "选项“--limit”缺少值：请写成 --limit N。"),
    "run a.csv --fill=1": ("Option '--fill' does not take a value", "选项“--fill”不带值"),
    "run a.csv --lang de": ("is not one of 'en', 'zh'", "应为 'en', 'zh' 之一"),
    "run a.csv —fill": ("is it --fill?", "是不是 --fill？"),
    "run a.csv －－limit 3": ("is it --limit?", "是不是 --limit？"),
    "run my edits.xlsx": ('quotation marks: "my edits.xlsx"', '要加英文引号："my edits.xlsx"'),
    "run a.csv b": ("Got unexpected extra argument (b).", "多出了无法理解的内容（b）。"),
    "rnu a.csv": ("No such command: rnu. Did you mean run?", "没有命令 rnu。是不是 run？"),
    "journal prge": ("Did you mean purge?", "是不是 purge？"),
    "edits.xlsx": ("  batch-editor run edits.xlsx", "  batch-editor run edits.xlsx"),
    "xyzzy": ("The commands are: run, inbox, reconcile, resume", "可用的命令：run, inbox, reconcile, resume"),
    "help": ("batch-editor --help", "查看帮助：batch-editor --help"),
    "--lang en": ("Missing command", "缺少命令"),
    "journal purge --older-than 9": ("9 is not a number of days such as 90d", "9 不是 90d 这样的天数"),
    "settings": ("batch-editor settings --example", "batch-editor settings --example"),
    "run a.csv --edit ,": ("it names no column", "没有写任何列"),
    "sandbox --port 70000": ("a number from 0 to 65535", "应为 0 到 65535 之间的数字"),
    "sandbox --fail nonsense": ("The fault 'nonsense' is not understood", "无法识别故障“nonsense”"),
    "sandbox --latency x": ("a number, at least 0", "应为不小于 0 的数字"),
}


@pytest.mark.parametrize("words", CASES)
def test_a_mistake_of_usage_is_told_in_both_languages(words: str, tmp_path: Path) -> None:
    command, (english, chinese) = Commands(tmp_path), CASES[words]
    in_english = command(*words.split())
    in_chinese = command(*words.replace("--lang en", "--lang zh").split(), BATCH_EDITOR_LANG="zh")
    assert (in_english.code, in_english.out) == (2, "") and english in in_english.err
    assert not CJK.search(in_english.err.replace("—", ""))
    assert (in_chinese.code, in_chinese.out) == (2, "") and chinese in in_chinese.err
    assert "Usage" not in in_chinese.err and "Try" not in in_chinese.err


def test_the_usage_of_the_command_and_where_its_help_is_are_told(tmp_path: Path) -> None:
    done = Commands(tmp_path)("run", "--lang", "zh")
    assert done.err.splitlines()[:2] == ["用法：batch-editor run [选项] SHEET", "查看帮助：batch-editor run --help"]


def test_a_group_without_a_command_shows_its_help(tmp_path: Path) -> None:
    for words in ([], ["journal"]):
        done = Commands(tmp_path)(*words, LANG="zh_CN.UTF-8")
        assert done.code == 2 and done.err.startswith("用法：") and "\n命令：\n" in done.err
