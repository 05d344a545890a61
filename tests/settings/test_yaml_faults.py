"""The commonest faults of a settings file written by hand: each told in both languages, by its line, without a value."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.reference import CJK

from batch_editor.errors import SettingsError
from batch_editor.messages import TEXTS, say
from batch_editor.settings.settings import Settings
from batch_editor.settings.yaml_faults import shown

SECRET = "S3CR3T-of-the-tenant"
GOOD = "lang: zh\n"
#: The text of a file, the line that is wrong, what is said of it, and what is shown of it.
FAULTS: list[tuple[str, int, str, str]] = [
    # tabs, and spaces that are none
    ("defaults:\n\tuser_id: abc\n", 2, "yaml.tab", "\\tuser_id: …"),
    ("defaults:\n  \tuser_id: abc\n", 2, "yaml.tab", "  \\tuser_id: …"),
    ("defaults:\n\u3000\u3000user_id: abc\n", 2, "yaml.wide_space", "\u3000\u3000user_id: …"),
    ("defaults:\n\u00a0 user_id: abc\n", 2, "yaml.wide_space", "\u00a0 user_id: …"),
    ("\u3000lang: zh\n", 1, "yaml.wide_space", "\u3000lang: …"),
    ("lang:\u3000zh\n", 1, "yaml.wide_space", "lang:\u3000…"),
    ("lang:\u00a0zh\n", 1, "yaml.wide_space", "lang:\u00a0…"),
    ("defaults:\n  user_id:\u3000abc\n", 2, "yaml.wide_space", "  user_id:\u3000…"),
    # the colon
    ("lang：zh\n", 1, "yaml.wide_colon", "lang：…"),
    ("defaults：\n  user_id: abc\n", 1, "yaml.wide_colon", "defaults："),
    ("defaults:\n  user_id：abc\n", 2, "yaml.wide_colon", "  user_id：…"),
    ("defaults:\n  user_id： abc\n  clue_pool_id: 1\n", 2, "yaml.wide_colon", "  user_id： …"),
    ("lang: zh\ndefaults:\n  user_id: abc\n  clue_pool_id：1\n", 4, "yaml.wide_colon", "  clue_pool_id：…"),
    ("columns: {客户备注：remark}\n", 1, "yaml.wide_colon", "columns: {…"),
    (f"api:\n  access_token：{SECRET}\n", 2, "yaml.wide_colon", "  access_token：…"),
    ("lang:zh\n", 1, "yaml.no_space", "lang:…"),
    ("defaults:\n  user_id:abc\n", 2, "yaml.no_space", "  user_id:…"),
    ("defaults:\n  user_id:abc\n  clue_pool_id: 1\n", 2, "yaml.no_space", "  user_id:…"),
    ("defaults:\n  user_id: abc\n  clue_pool_id:1591005280874161218\n", 3, "yaml.no_space", "  clue_pool_id:…"),
    ("defaults: {user_id:abc}\n", 1, "yaml.no_space", "defaults: {…"),
    ("columns: {客户备注:remark}\n", 1, "yaml.no_space", "columns: {…"),
    ("columns:\n  客户备注:remark\n", 2, "yaml.no_space", "  客户备注:…"),
    ("custom_fields:\n  mf_1: {title: 等级, type:single}\n", 2, "yaml.no_space", "  mf_1: {…"),
    ("custom_fields:\n  mf_1:\n    options: {有:1}\n", 3, "yaml.no_space", "    options: {…"),
    (f"api:\n  access_token:{SECRET}\n", 2, "yaml.no_space", "  access_token:…"),
    # quotation marks, brackets and commas of an input method
    ("clear_marker: “DEL”\n", 1, "yaml.wide_quote", "clear_marker: “…"),
    ("clear_marker: ‘DEL’\n", 1, "yaml.wide_quote", "clear_marker: ‘…"),
    ("defaults:\n  user_id: “abc”\n", 2, "yaml.wide_quote", "  user_id: “…"),
    ("blank_words: [“-”, “无”]\n", 1, "yaml.wide_quote", "blank_words: […"),
    ("columns: {“备注”: remark, x: “address”}\n", 1, "yaml.wide_quote", "columns: {…"),
    ("context_columns: [clue_name，follow_user_id]\n", 1, "yaml.wide_comma", "context_columns: […"),
    ("context_columns: [clue_name、follow_user_id]\n", 1, "yaml.wide_comma", "context_columns: […"),
    ("defaults: {user_id: abc，clue_pool_id: 1}\n", 1, "yaml.wide_comma", "defaults: {…"),
    ("context_columns: ［clue_name］\n", 1, "yaml.wide_bracket", "context_columns: ［…"),
    ("context_columns: 【clue_name】\n", 1, "yaml.wide_bracket", "context_columns: 【…"),
    ("defaults: ｛user_id: abc｝\n", 1, "yaml.wide_bracket", "defaults: ｛…"),
    # what is not closed, and where a line begins
    ('lang: "zh\nfill: true\n', 1, "yaml.unclosed", 'lang: "…'),
    (f"api:\n  access_token: '{SECRET}\n", 2, "yaml.unclosed", "  access_token: '…"),
    ("context_columns: [clue_name\nlang: zh\n", 2, "yaml.flow", "lang: …"),
    ("notify: [{kind: wecom, url: https://example.com/send?key=secret}]\n", 1, "yaml.question_mark", "notify: […"),
    ("defaults:\n  user_id: abc\n   clue_pool_id: 1\n", 3, "yaml.two_colons", "   clue_pool_id: …"),
    ("defaults:\n  user_id: abc\n clue_pool_id: 1\n", 3, "yaml.indentation", " clue_pool_id: …"),
    ("lang: zh\n  fill: true\n", 2, "yaml.two_colons", "  fill: …"),
    (f"api:\n  access_token: {SECRET}: x\n", 2, "yaml.two_colons", "  access_token: …"),
    ("lang: zh\nfill\nprove: true\n", 2, "yaml.no_colon", ""),
    ("api\n  access_token: abc\n", 1, "yaml.no_colon", ""),
    ("lang: zh\ndefaults\n  # who edits\n  user_id: abc\n", 2, "yaml.no_colon", ""),
    # lists and comments
    ("context_columns:\n  -clue_name\n", 2, "yaml.dash", "  -…"),
    ("context_columns:\n  - clue_name\n  -follow_user_id\n", 3, "yaml.dash", "  -…"),
    ("context_columns:\n  － clue_name\n", 2, "yaml.dash", ""),
    ("context_columns:\n  • clue_name\n", 2, "yaml.dash", ""),
    ("// 谁来编辑\nlang: zh\n", 1, "yaml.comment", ""),
    ("lang: zh\n＃ 谁来编辑\nfill: true\n", 2, "yaml.comment", ""),
    # signs
    ("clear_marker: *\n", 1, "yaml.sign", "clear_marker: *…"),
    ("clear_marker: *DEL\n", 1, "yaml.sign", "clear_marker: *…"),
    ("clear_marker: @DEL\n", 1, "yaml.sign", "clear_marker: @…"),
    ("clear_marker: %DEL\n", 1, "yaml.sign", "clear_marker: %…"),
    ("clear_marker: `DEL`\n", 1, "yaml.sign", "clear_marker: `…"),
    ("clear_marker: !DEL\n", 1, "yaml.sign", "clear_marker: !…"),
    (f"api:\n  access_token: *{SECRET}\n", 2, "yaml.sign", "  access_token: *…"),
    # paths of Windows
    ('state_dir: "C:\\Users\\me"\n', 1, "yaml.backslash", 'state_dir: "…'),
    ('state_dir: "C:\\data"\n', 1, "yaml.backslash", 'state_dir: "…'),
    ('state_dir: "C:\\new\\table"\n', 1, "yaml.backslash", 'state_dir: "…'),
    ('lookups:\n  follow_user_id: {file: "D:\\table.xlsx", name: a, id: b}\n', 2, "yaml.backslash", "  follow_user_id: {…"),
    ("lang: zh\ncolumns: {备注:\tremark,\t甲: \t`x`}\n", 2, "yaml.tab", "columns: {…"),
    ("lang: zh\nfill: true\nclear_marker: \x07\n", 3, "yaml.character", ""),
    # one document of keys
    ("lang: zh\n---\nfill: true\n", 2, "yaml.documents", ""),
    ("lang: zh\nlang: en\n", 2, "yaml.key_twice", "lang: …"),
]


@pytest.mark.parametrize(("text", "line", "key", "seen"), FAULTS, ids=[repr(text)[1:40] for text, *_ in FAULTS])
def test_a_fault_is_told_by_its_line_in_both_languages(text: str, line: int, key: str, seen: str, tmp_path: Path) -> None:
    for before in ("", "# 设置\nfill: true\n"):
        if before and text.startswith("lang: zh\nfill"):
            continue
        path = tmp_path / "config.yaml"
        path.write_text(before + text, encoding="utf-8")
        with pytest.raises(SettingsError) as caught:
            Settings.load(path)
        at = line + before.count("\n")
        english, chinese = say(caught.value.message, "en"), say(caught.value.message, "zh")
        assert TEXTS[key][0].split("{")[0] in english and f"line {at}" in english
        assert TEXTS[key][1].split("{")[0] in chinese and f"第 {at} 行" in chinese
        assert seen in english and seen in chinese
        assert SECRET not in english + chinese and "scalar" not in english and "token that" not in english
        assert not CJK.search(english.replace("客户备注", "")) or "等级" in english


@pytest.mark.parametrize(
    "text",
    [
        "columns: {备注：: remark}\n",
        "custom_fields: {mf_1: {title: 等级：A}}\n",
        "custom_fields: {mf_1: {title: “十四五”规划}}\n",
        "custom_fields: {mf_1: {title: 【重要】等级, options: {A、B类: '1', 甲，乙: '2'}, type: single}}\n",
        "custom_fields:\n  mf_1:\n    title: 等级 #中文注释\n",
        "api: {base_url: https://crm.example.com}\n",
        "clear_marker: '“DEL”'\n",
        "blank_words: [\"a，b\", 'c、d']\n",
        'state_dir: "C:\\\\data"\n',
        "state_dir: 'C:\\new'\n",
        "lang: zh   #注释\n",
        "\ufefflang: zh\n",
        "defaults: {clue_pool_id: 1591005280874161218, user_id: 12:30}\n",
        "api: {access_token: “abc”}\n",
        "fill: yes\n",
        "blank_words:\n  - '-'\n  - —\n  - •\n",
        "clear_marker: //\n",
    ],
)
def test_what_only_looks_like_a_fault_is_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    Settings.load(path)


def test_a_fault_that_only_the_settings_notice_is_named_beside_the_setting(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("lang: zh\ndefaults:\n  user_id：abc\nguards:\n  max_rows:5\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Settings.load(path)
    assert say(caught.value.message, "en").splitlines()[1:] == [
        "  guards: must be a list of key: value lines",
        "  defaults: must be a list of key: value lines",
        f"The cause may be in these lines of {path}:",
        "  line 3: a full-width colon (：); write a plain colon with a space behind it:   user_id：…",
        "  line 5: there is no space behind the colon:   max_rows:…",
    ]


@pytest.mark.parametrize(
    ("content", "english", "chinese"),
    [
        ("lang: zh\ncolumns: {客户备注: remark}\n".encode("gbk"), "its text is in GBK (Notepad: ANSI)", "文字编码是 GBK"),
        ("lang: zh\n".encode("utf-16"), "its text is in UTF-16", "文字编码是 UTF-16"),
        ("lang: zh\n".encode("utf-16-be"), "its text is in UTF-16", "文字编码是 UTF-16"),
        (b"lang: zh # \xff\xff\n", "its text is not in UTF-8", "文字编码不是 UTF-8"),
    ],
)
def test_another_encoding_is_named(content: bytes, english: str, chinese: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        Settings.load(path)
    assert english in say(caught.value.message, "en") and chinese in say(caught.value.message, "zh")


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("clear_marker: #CLEAR\n", "clear_marker: must be a text (# begins a comment", "# 开始注释"),
        ("blank_words: [a, #无\n]\n", "", ""),
        ("defaults: {user_id: yes}\n", "yes, no, on, off, true and false", "yes、no、on、off、true、false"),
        ("defaults: {user_id: on}\n", "yes, no, on, off, true and false", "yes、no、on、off、true、false"),
        ("defaults: {clue_pool_id: 1.59e+18}\n", "has lost digits", "丢失位数"),
        ("defaults:\n  user_id:\n", "nothing stands there", "没有内容"),
    ],
)
def test_what_yaml_makes_of_a_value_is_explained(text: str, english: str, chinese: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    if not english:
        Settings.load(path)
        return
    with pytest.raises(SettingsError) as caught:
        Settings.load(path)
    assert english in say(caught.value.message, "en") and chinese in say(caught.value.message, "zh")


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        (f"{SECRET}", "…"),
        (f"  {SECRET}: x", "  …: …"),
        (f'"{SECRET}": x', "…: …"),
        (f"access_token {SECRET}: x", "…: …"),
        (f"- {SECRET}", "- …"),
        (f"api: {{access_token: {SECRET}}}", "api: {…"),
        ("客户等级: A", "客户等级: …"),
        ("lang:", "lang:"),
        ("", ""),
    ],
)
def test_of_a_line_its_key_alone_is_shown(line: str, seen: str) -> None:
    assert shown(line) == seen
