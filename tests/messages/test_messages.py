"""Every sentence for people is there in both languages, with the same places, and is one that the code can say."""

from __future__ import annotations

import ast
import locale
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import get_args

import click
import pytest
from jinja2 import Environment, nodes
from pydantic_core import ErrorType

from batch_editor import _HOMES, messages
from batch_editor.cli.commands import cli
from batch_editor.messages import TEXTS, language, say
from batch_editor.messages.retired import ALIASES
from batch_editor.model import SUMMARY_STATUSES, Message, RunState
from batch_editor.settings.sections import Guards
from batch_editor.settings.settings import Settings

PACKAGE = Path(messages.__file__).parent.parent
CJK = re.compile("[\u4e00-\u9fff]")
#: What carries a message: these are called with its key and its values.
CARRIERS = {
    *("Message", "BadCell", "BatchEditorError", "Refused", "SettingsError", "SheetError", "GuardTripped", "Declined"),
    *("Halted", "TokenRefused", "ResultsNotWritten", "MalformedRecord"),
}
#: Texts with a word in English and none in Chinese: options, and what Chinese says without. Those of places alone have no word.
WITHOUT_CHINESE = {"settings.edit_option", "encoding.option", "delimiter.option", "review.planned_by"}
JARGON = re.compile(
    r"\b(traceback|exception|errno|\w*Error|None(?! of)|NoneType|null|stdout|stderr|regex|boolean|payload|bool|str|dict)\b"
)
#: Words that people may have typed themselves, or are to type.
QUOTED_WORDS = {
    "setting.clear_value": {"null"},
    "sheet.no_sheet": {"dict"},
    "records.none": {"dict"},
    "records.mixed": {"dict"},
    "records.too_many_names": {"dict"},
}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@cache
def code() -> list[tuple[str, ast.AST]]:
    """Every node of the package's code but for the modules that hold the texts, with the path of its file."""
    parts = [part for part in vars(messages).values() if isinstance(part, ModuleType) and "TEXTS" in vars(part)]
    holders = {Path(str(part.__file__)) for part in parts}
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if path not in holders]
    trees = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in files}
    return [(name, node) for name, tree in trees.items() for node in ast.walk(tree)]


def constants(node: ast.AST) -> list[str]:
    """The text that an expression is, or the two of ``a if … else b``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    return constants(node.body) + constants(node.orelse) if isinstance(node, ast.IfExp) else []


def carried() -> Iterator[tuple[str, ast.Call, list[str]]]:
    """Every call that carries a message: where it is, the call, and its keys where they are literal."""
    for file, node in code():
        if isinstance(node, ast.Call) and node.args and getattr(node.func, "id", "") in CARRIERS:
            yield f"{file}:{node.lineno}", node, constants(node.args[0])


@cache
def templates() -> list[tuple[str, nodes.Template]]:
    """Every template of the page, with the path of its file."""
    files = sorted((PACKAGE / "web" / "templates").rglob("*.html"))
    return [(path.name, Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))) for path in files]


def keys_in(node: nodes.Node) -> list[str]:
    """The key that an expression of a template is, or the two of ``a if … else b``."""
    if isinstance(node, nodes.CondExpr):
        return keys_in(node.expr1) + (keys_in(node.expr2) if node.expr2 else [])
    return [node.value] if isinstance(node, nodes.Const) else []


def said_in_templates() -> Iterator[tuple[str, str, set[str]]]:
    """Every text that a template says by its key, ``t("page.home", name=…)``: where, the key, and which places get a value."""
    for file, template in templates():
        for call in template.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t" and call.dyn_kwargs is None:
                given = {value.key for value in call.kwargs}
                yield from ((f"{file}:{call.lineno}", key, given) for key in keys_in(call.args[0]))


@cache
def literals() -> set[str]:
    in_code = {node.value for _, node in code() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    consts = [const.value for _, template in templates() for const in template.find_all(nodes.Const)]
    return in_code | {value for value in consts if isinstance(value, str)}


@cache
def patterns() -> set[str]:
    """The f-strings that make keys, and ``"guard." ~ name`` of templates, as regular expressions: ``guard\\.\\w+``."""
    found = set()
    for _, node in code():
        if isinstance(node, ast.JoinedStr) and any(
            re.fullmatch(r"[a-z_]+(\.[a-z_]+)*\.[a-z_]*", text) for text in constants(node.values[0])
        ):
            parts = [re.escape(part.value) if isinstance(part, ast.Constant) else r"\w+" for part in node.values]
            found.add("".join(map(str, parts)))
    for _, template in templates():
        for joined in template.find_all(nodes.Concat):
            first = joined.nodes[0]
            if isinstance(first, nodes.Const) and re.fullmatch(r"[a-z_]+\.[a-z_]*", str(first.value)):
                found.add("".join(re.escape(str(p.value)) if isinstance(p, nodes.Const) else r"\w+" for p in joined.nodes))
    return found


# --- the two languages


def test_both_languages_have_the_same_places() -> None:
    assert [key for key, (english, chinese) in TEXTS.items() if places(english) != places(chinese)] == []
    assert [key for key, texts in TEXTS.items() if not all(text.strip() for text in texts)] == []


def test_the_chinese_text_is_chinese_and_the_english_is_not() -> None:
    # what a cell or a heading of a Chinese sheet holds
    quoted = r"线索池?ID|跟进人|线索池|男|女|是|否|业务标签|标签|湖北省-武汉市-武昌区"
    letters = {key: re.sub(r"\{\w+(:\w+)?\}", "", english) for key, (english, _) in TEXTS.items()}
    worded = {key for key, text in letters.items() if re.search("[a-z]", text)}
    assert {key for key in worded if not CJK.search(TEXTS[key][1])} == WITHOUT_CHINESE
    assert [key for key, (english, _) in TEXTS.items() if CJK.search(re.sub(quoted, "", english))] == []


def test_chinese_has_the_punctuation_of_chinese() -> None:
    of_english = re.compile(r"[\u4e00-\u9fff][,;!?](\s|$|[\u4e00-\u9fff])")
    assert [key for key, (_, chinese) in TEXTS.items() if of_english.search(chinese)] == []


def test_no_text_speaks_like_a_program() -> None:
    found = {key: set(JARGON.findall(re.sub(r"\{\w+\}", "", " ".join(texts)))) for key, texts in TEXTS.items()}
    assert {key: words for key, words in found.items() if words} == QUOTED_WORDS


def test_a_reason_that_stands_alone_is_a_sentence() -> None:
    alone = re.compile(r"[.?!。？！] ?\{(reason|refusal|trouble|what|last)(?P<spec>:\w+)?\}")
    matches = [(key, match) for key, texts in TEXTS.items() for text in texts for match in alone.finditer(text)]
    assert len(matches) >= 8
    assert {key for key, match in matches if match["spec"] != ":sentence"} == {
        "lookups.file"
    }  # whose reasons name a file first


@pytest.mark.parametrize(
    ("reason", "english", "chinese"),
    [
        (Message("net.lost"), "The connection was lost before an answer came.", "收到答复之前连接中断。"),
        (Message("halt.asked"), "Stopped on request.", "已按要求停止。"),
        (Message("verbatim", {"text": "Why?"}), "Why?", "Why?"),
    ],
)
def test_a_part_of_a_sentence_becomes_one_where_it_stands_alone(reason: Message, english: str, chinese: str) -> None:
    message = Message("reading.halted", {"reason": reason})
    assert say(message, "en") == f"The clues could not be read, and nothing was sent. {english}"
    assert say(message, "zh") == f"无法读取线索，未发送任何数据。{chinese}"


def test_sentences_in_english_begin_with_a_capital_letter_within_a_text() -> None:
    found = [(key, part) for key, (english, _) in TEXTS.items() for part in re.findall(r"(?<!\.\w)[.?] ([a-z][a-z]+)", english)]
    assert [(key, part) for key, part in found if part not in ("batch",)] == []


# --- the code and the texts


def test_every_key_that_is_said_exists() -> None:
    said = [(where, key) for where, _, keys in carried() for key in keys]
    assert len(said) > 100
    in_templates = [(where, key) for where, key, _ in said_in_templates()]
    assert len(in_templates) > 5
    assert [(where, key) for where, key in (*said, *in_templates) if key not in TEXTS] == []


def test_every_literal_that_looks_like_a_key_exists() -> None:
    namespaces = {key.split(".")[0] for key in TEXTS if "." in key}
    alike = {text for text in literals() if re.fullmatch(r"[a-z_]+\.[a-z_]*[a-z]", text) and text.split(".")[0] in namespaces}
    alike = {text for text in alike if not text.endswith((".html", ".js", ".xlsx"))}  # files of the page
    assert alike - set(_HOMES.values()) <= TEXTS.keys() | ALIASES.keys()


def test_every_text_is_used() -> None:
    unsaid = TEXTS.keys() - literals() - {f"on_page.{key}" for key in TEXTS} - {f"{key}.next" for key in TEXTS}
    assert {key for key in unsaid if not any(re.fullmatch(pattern, key) for pattern in patterns())} == set()


#: Texts that tell what to type and that nobody meets on the page: they belong to commands, or to what is chosen by options.
OF_COMMANDS = re.compile(
    r"(usage|sandbox|template|summary|changes|book|guide|help|stdin|prompt|purge|demo|people|next|show|printed|screen|here|inbox)\..*"
    r"|(copy|doctor|night|telling|unfinished|runs|worker)\..*"
    r"|settings\.(none|none_beside|near|near_text|near_example|with_search|used|foreign_address|foreign_trust|foreign_journal)"
    r"|preview\.more_problems|undo\.unasked"
    r"|page\.(cannot_listen|port_taken|host_not_here|listens|stopping|ended_early|file_damaged|tls_.*|needs_.*)"
)


def test_no_text_of_the_page_tells_what_to_type() -> None:
    typed = re.compile(r"--[a-z]|batch-editor |Ctrl|(?<!\w)(resume|show|undo) \{(run|undo)\}|The command runs|runs 命令")
    for key, texts in TEXTS.items():
        if typed.search(" ".join(texts)) and not OF_COMMANDS.fullmatch(key):
            assert f"on_page.{key}" in TEXTS, key
    assert [key for key, texts in TEXTS.items() if key.startswith("on_page.") and typed.search(" ".join(texts))] == []


def test_what_the_page_says_instead_is_of_a_text_that_is_there_and_of_its_values() -> None:
    instead = {key.removeprefix("on_page."): texts for key, texts in TEXTS.items() if key.startswith("on_page.")}
    assert [key for key, (english, _) in instead.items() if not places(english) <= places(TEXTS[key][0])] == []


def test_every_place_gets_a_value() -> None:
    lacking = []
    for where, call, keys in carried():
        if getattr(call.func, "id", "") != "Message":
            if any(one.arg is None for one in call.keywords):
                continue
            given = {one.arg for one in call.keywords}
        elif len(call.args) == 1:
            given = set()
        elif isinstance(call.args[1], ast.Dict):
            given = {text for one in call.args[1].keys if one is not None for text in constants(one)}
        else:
            continue
        lacking += [(where, key, places(TEXTS[key][0]) - given) for key in keys if places(TEXTS[key][0]) - given]
    lacking += [
        (where, key, missing) for where, key, given in said_in_templates() if (missing := places(TEXTS[key][0]) - given)
    ]
    assert not lacking


def test_keys_that_are_put_together_exist() -> None:
    assert {f"status.{status}" for status in (*SUMMARY_STATUSES, "sending", "pending")} == {
        key for key in TEXTS if key.startswith("status.")
    }
    assert {f"guard.{name}" for name in Guards.model_fields} == {key for key in TEXTS if key.startswith("guard.")}
    assert {f"state.{state}" for state in RunState} == {key for key in TEXTS if key.startswith("state.")}
    assert TEXTS.keys() >= {f"preview.{status}" for status in ("skipped", "invalid", "updated")}
    labels = {key.removeprefix("show.") for key in TEXTS if key.startswith("show.")}
    assert labels - {"rows", "settings"} <= literals()


def test_every_broken_rule_of_the_settings_has_a_text_and_no_other() -> None:
    own = {
        node.args[0].value
        for file, node in code()
        if file.startswith("settings/") and isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PydanticCustomError"
        if isinstance(node.args[0], ast.Constant)
    }
    told = {key.removeprefix("setting.") for key in TEXTS if key.startswith("setting.")}
    assert own <= told
    assert told <= own | set(get_args(ErrorType))


def test_options_commands_and_settings_that_a_text_names_exist() -> None:
    groups = [command for command in cli.commands.values() if isinstance(command, click.Group)]
    commands = [*cli.commands.values(), *(command for group in groups for command in group.commands.values())]
    parameters = [parameter for command in commands for parameter in command.params]
    options = {option for parameter in parameters for option in (*parameter.opts, *parameter.secondary_opts)}
    sections = {name: getattr(field.annotation, "model_fields", {}) for name, field in Settings.model_fields.items()}
    text = re.sub(r"\{\w+\}", "", "\n".join(text for texts in TEXTS.values() for text in texts))
    named = re.findall(r"\b([a-z_]+)\.([a-z_]+)\b", text)
    assert set(re.findall(r"--[a-z][a-z-]*", text)) <= options | {"--help"}
    assert set(re.findall(r"batch-editor ([a-z]+)", text)) <= set(cli.commands)
    assert [(part, name) for part, name in named if part in sections and name not in sections[part]] == []
    assert set(re.findall(r"\b([a-z]+_[a-z_]+|columns|defaults):", text)) <= Settings.model_fields.keys()


# --- say and language


def test_no_text_stands_in_two_parts() -> None:
    parts = [vars(part)["TEXTS"] for part in vars(messages).values() if isinstance(part, ModuleType) and "TEXTS" in vars(part)]
    assert len(parts) > 5 and sum(map(len, parts)) == len(TEXTS)


def test_a_message_is_said_in_either_language() -> None:
    message = Message("sheet.unknown", {"name": "一月", "names": "二月, 三月"})
    assert say(message, "en").startswith('There is no sheet "一月" in this file. It has: 二月, 三月. Choose one with --sheet')
    assert say(message, "zh").startswith("文件中没有工作表“一月”")


def test_messages_within_a_message_are_said_in_its_language() -> None:
    inner = Message("net.timeout", {"seconds": "30"})
    message = Message("failed.never", {"requests": 5, "reason": inner})
    assert say(message, "en") == "never reached the CRM after 5 tries: no complete answer within 30 s"
    assert say(message, "zh") == "尝试 5 次都未能到达 CRM：30 秒内没有收到完整的答复"


def test_a_list_of_messages_is_said_line_by_line() -> None:
    lines = [Message("settings.value", {"key": "rate", "reason": Message("setting.tuple_type")}), "plain"]
    assert say(Message("settings.invalid", {"lines": lines}), "en").splitlines()[1:] == ["  rate: must be a list", "  plain"]
    assert say(Message("settings.invalid", {"lines": tuple(lines)}), "zh").splitlines()[1:] == ["  rate：应为列表", "  plain"]


@pytest.mark.parametrize(
    ("number", "english"),
    [
        (0, "0 rows in 0 tries"),
        (1, "1 row in 1 try"),
        (2, "2 rows in 2 tries"),
        ("1", "1 row in 1 try"),
        ("1.0", "1.0 rows in 1.0 tries"),
    ],
)
def test_a_number_has_its_unit_in_english(monkeypatch: pytest.MonkeyPatch, number: object, english: str) -> None:
    monkeypatch.setitem(TEXTS, "a.text", ("{rows:row} in {rows:try}", "{rows} 行"))
    assert say(Message("a.text", {"rows": number}), "en") == english
    assert say(Message("a.text", {"rows": number}), "zh") == f"{number} 行"


def test_units_and_forms_of_numbers_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TEXTS, "a.text", ("{days:day}, {fields:more field}, {hours:.0f}", "{days} {fields} {hours:.0f}"))
    values = {"days": 2, "fields": 1, "hours": 72.4}
    assert say(Message("a.text", values), "en") == "2 days, 1 more field, 72"


def test_braces_in_a_value_are_left_alone() -> None:
    assert say(Message("verbatim", {"text": "{code} {0} {"}), "zh") == "{code} {0} {"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LC_ALL": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_MESSAGES": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "ZH_CN.GBK"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
    ],
)
def test_the_language_is_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (("Chinese (Simplified)_China", "936"), "zh"),
        (("zh_CN", "UTF-8"), "zh"),
        (("en_US", "UTF-8"), "en"),
        ((None, None), "en"),
    ],
)
def test_without_variables_the_language_is_that_of_the_system(
    monkeypatch: pytest.MonkeyPatch, system: tuple[str | None, str | None], expected: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(locale, "getlocale", lambda: system)
    assert language() == expected


def test_a_wanted_language_wins_and_an_unknown_one_is_no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert (language("en"), language("zh"), language("fr"), language(None)) == ("en", "zh", "zh", "zh")


def test_a_chinese_text_calls_the_columns_of_results_as_a_chinese_workbook_does() -> None:
    named = re.compile(r"(?<!”（)result_[a-z]+")
    assert [key for key, (_, chinese) in TEXTS.items() if named.search(chinese)] == []
