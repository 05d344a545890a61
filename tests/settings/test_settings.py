"""Each setting of the row rules changes what happens; where settings come from; what is said of broken ones.

The settings of rate, retry and halt are tested with the dispatcher.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from payloads.cases import quick, write_csv
from payloads.rows import CLUE, DEFAULTS, one, read
from support.servers import Server

from batch_editor import check, run
from batch_editor.errors import BatchEditorError, SettingsError
from batch_editor.events import Event, Notice
from batch_editor.fields import BY_KEY
from batch_editor.messages import TEXTS, say
from batch_editor.runs.preview import Preview
from batch_editor.sandbox import EDIT_PATH, INFO_PATH, Sandbox
from batch_editor.settings.settings import Settings

SECRET = "S3CR3T-of-the-tenant"
HEAD = "These settings cannot be used (batch-editor settings --example explains each setting):\n"
#: What is told of a value of which YAML makes something else.
_LOST = (
    "an id that is written with a point or an e has lost digits; copy it again and put it in quotation marks",
    "带小数点或 e 的ID已丢失位数；请重新复制并加上英文引号",
)
HINTS = dict.fromkeys(("1.59e+18", "1.5e18", "1.5E+18", "1.5", "5.5"), _LOST) | {
    "yes": (
        "yes, no, on, off, true and false mean true or false; put them in quotation marks to have the words",
        "yes、no、on、off、true、false 表示真或假；如果要的是文字，请加上英文引号",
    ),
    "~": (
        "# begins a comment, so that nothing stands there; put a text that begins with # in quotation marks",
        "# 开始注释，所以这里没有内容；以 # 开头的文字请加上英文引号",
    ),
}
HEAD_ZH = "以下设置有误（每项设置的说明见 batch-editor settings --example）：\n"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine that runs the tests counts."""
    for name in list(os.environ):
        if name.upper().startswith(("BATCH_EDITOR_", "WSHOTO_")):
            monkeypatch.delenv(name)


def refusal(text: str, folder: Path) -> SettingsError:
    """What is raised over a settings file with this text; it never tells the secret, in either language or a traceback."""
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Settings.load(path)
    for shown in (say(caught.value.message, "en"), say(caught.value.message, "zh"), str(caught.value), repr(caught.value)):
        assert SECRET not in shown
    assert caught.value.__suppress_context__ or caught.value.__context__ is None  # whose text may quote the file
    return caught.value


# --- each setting changes what happens


def test_defaults_fill_what_a_row_lacks_and_the_row_wins() -> None:
    assert read(["clue_id", "remark"], [CLUE, "x"], defaults={}).problems == [
        ("Sheet1!A2", "row.no_user_id"),
        *[("Sheet1!A2", "row.lacking")] * 3,
    ]
    assert one("remark", "x").bodies[0]["clue_name"] == "线索"
    (body,) = read(["clue_id", "clue_name", "remark"], [CLUE, "自己的", "x"]).bodies
    assert body["clue_name"] == "自己的"


@pytest.mark.parametrize(
    ("default", "reason"),
    [
        ({"clue_pool_id": "x"}, '线索池ID (clue_pool_id) must be an id of 1 to 19 digits; it holds "x"'),
        ({"clue_pool_id": " "}, "线索池ID (clue_pool_id) is blank"),
        ({"user_id": "\u200b"}, "用户ID (user_id) is blank"),
        ({"clue_name": "#N/A"}, "线索名称 (clue_name) holds the error #N/A; mend the formula, "),
        ({"clue_name": "#clear"}, "线索名称 (clue_name) is required and cannot be cleared; "),
        ({"mf_1": "无"}, 'mf_1 must be one of the options (有); it holds "无"'),
    ],
)
def test_a_default_must_be_a_value_of_its_field(default: dict[str, str], reason: str) -> None:
    custom = {"mf_1": {"type": "single", "required": True, "options": {"有": "1"}}}
    with pytest.raises(SettingsError) as caught:
        read(["clue_id"], defaults=default, custom_fields=custom)
    assert str(caught.value).startswith(f"defaults: {reason}")


@pytest.mark.parametrize(
    ("settings", "headings", "row", "listed"),
    [
        ({}, ["备注", "标签"], ["x", "a-tag-of-twenty-signs"], ["remark", "label"]),
        ({"columns": {"备注": "address"}}, ["备注", "标签"], ["x", "a-tag-of-twenty-signs"], ["address", "label"]),
        ({"context_columns": ["备注"]}, ["备注", "标签"], ["x", "a-tag-of-twenty-signs"], ["label"]),
        ({"ignore_columns": ["标签"]}, ["备注", "标签"], ["x", "a-tag-of-twenty-signs"], ["remark"]),
        (
            {"custom_fields": {"mf_1": {"title": "自己的备注"}}, "columns": {"备注": "mf_1"}},
            ["备注", "标签"],
            ["x", "a-tag-of-twenty-signs"],
            ["mf_1", "label"],
        ),
    ],
)
def test_what_a_column_is(settings: dict[str, Any], headings: list[str], row: list[str], listed: list[str]) -> None:
    (body,) = read(["clue_id", *headings], [CLUE, *row], **settings).bodies
    assert body["update_specified_fields"] == listed


@pytest.mark.parametrize(
    ("declared", "cell", "wanted"),
    [
        ({}, "1,2", "1,2"),
        ({"type": "text"}, "7", "7"),
        ({"type": "single"}, "7", "7"),
        ({"type": "single", "ids": "integer"}, "7", 7),
        ({"type": "single", "choice_shape": "list"}, "7", ["7"]),
        ({"type": "single", "ids": "integer", "choice_shape": "list"}, "7", [7]),
        ({"type": "multiple"}, "7,8", ["7", "8"]),
        ({"type": "multiple", "ids": "integer"}, "7,8", [7, 8]),
        ({"type": "cascade"}, "7/8", ["7", "8"]),
        ({"type": "cascade", "ids": "integer"}, "7/8", [7, 8]),
        ({"type": "date"}, "20220621", "2022-06-21"),
        ({"type": "datetime"}, "20220621", "2022-06-21 00:00:00"),
        ({"type": "single", "options": {"7": "9"}}, "7", "9"),
    ],
)
def test_each_setting_of_a_custom_field(declared: dict[str, Any], cell: str, wanted: object) -> None:
    (body,) = one("mf_1", cell, custom_fields={"mf_1": declared}).bodies
    assert body["field_map"] == {"mf_1": wanted}


def test_a_required_custom_field_must_come_from_somewhere() -> None:
    custom = {"mf_1": {"title": "行业", "required": True}}
    found = one("remark", "x", custom_fields=custom)
    assert found.problems == [("Sheet1!A2", "row.lacking")]
    assert found.plans[0].problems[0].message.values["field"] == "行业 (mf_1)"  # type: ignore[union-attr]
    (body,) = one("remark", "x", custom_fields=custom, defaults=DEFAULTS | {"mf_1": "d"}).bodies
    assert (body["field_map"], body["update_specified_fields"]) == ({"mf_1": "d"}, ["remark"])


@pytest.mark.parametrize(
    ("settings", "key", "cell", "wanted"),
    [
        ({"ids": {"trust_round": True}}, "clue_pool_id", "1591005521987920000", 1591005521987920000),
        ({"clear_marker": "DEL"}, "remark", "del", ""),
        ({"clear_marker": " DEL "}, "remark", "DEL", ""),
        ({"clear_as": {"text": None}}, "remark", "#CLEAR", None),
        ({"clear_as": {"number": ""}}, "work_id", "#CLEAR", ""),
        ({"clear_as": {"work_id": 0}}, "work_id", "#CLEAR", 0),
        ({"clear_as": {"text": None, "remark": ""}}, "remark", "#CLEAR", ""),
        ({"birthday_unit": "ms"}, "birthday", "1970-01-02", 57_600_000),
        ({}, "birthday", "1970-01-02", 57_600),
    ],
)
def test_what_a_cell_is_sent_as(settings: dict[str, Any], key: str, cell: str, wanted: object) -> None:
    (body,) = one(key, cell, **settings).bodies
    assert body[key] == wanted and type(body[key]) is type(wanted)


@pytest.mark.parametrize(
    "key",
    [
        *("field_map", "FIELD_MAP", "Field_Map", "update_specified_fields", "access_token", "Access_Token"),
        *("clue_id", "CLUE_ID", "clueId", "user_id", "Remark", "clue_pool_id", "Encrypt_Flag", "business_tag_ids"),
    ],
)
def test_no_custom_field_takes_the_place_of_what_a_call_holds(key: str) -> None:
    with pytest.raises(SettingsError):
        Settings(custom_fields={key: {}})
    with pytest.raises(SettingsError):
        Settings(custom_fields={key: {"title": "行业"}}, columns={"x": key})
    if key not in BY_KEY:
        with pytest.raises(SettingsError):
            Settings(columns={"x": key})


def test_blank_words_are_blanks_and_date_order_says_which_number_is_the_day() -> None:
    headings = ["clue_id", "remark", "birthday"]
    row = [CLUE, "NULL", "05/06/1990"]
    assert read(headings, row).problems == [("Sheet1!C2", "cell.ambiguous_date")]
    (body,) = read(headings, row, blank_words=["null"], date_order="dmy").bodies
    assert body["update_specified_fields"] == ["birthday"]
    assert body["birthday"] == 644515200  # the fifth of June


def test_words_for_nothing_that_yaml_takes_for_something_else_are_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("blank_words: [NULL, 0, -, '\\N']", encoding="utf-8")
    assert Settings.load(path).blank_words == ("null", "0", "-", "\\N")


def test_fill_takes_what_a_row_lacks_from_the_record(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["clue_id", "remark"], [CLUE, "x"]])
    clue = {"clue_id": int(CLUE), "clue_name": "张三", "clue_pool_id": 7, "follow_user_id": "wo-owner-of-the-tests"}
    for fill, status, reads in ((True, "updated", 1), (False, "invalid", 0)):
        with Sandbox([clue], access_token="token-of-a-test") as crm:
            report = run(
                path, quick(crm.url, tmp_path / str(fill), defaults={"user_id": "wo-operator-of-the-tests"}, fill=fill)
            )
        assert (report.counts[status], [call.path for call in crm.requests].count(INFO_PATH)) == (1, reads)
        assert crm.clue(int(CLUE))["remark"] == ("x" if fill else None)


@pytest.mark.parametrize(
    ("prove", "attended", "rows", "proved"),
    [
        (True, False, 1, True),
        (True, True, 1, True),
        (False, True, 21, False),
        (False, False, 21, False),
        (None, False, 21, False),
        (None, True, 21, True),
        (None, True, 20, False),
    ],
)
def test_prove_reads_the_clue_of_the_first_edit_before_and_after(
    tmp_path: Path, prove: bool | None, attended: bool, rows: int, proved: bool
) -> None:
    path = write_csv(tmp_path / "a.csv", [["clue_id", "remark"], *([str(clue), "x"] for clue in range(100, 100 + rows))])
    told, asked = list[str](), list[bool]()

    def on_event(event: Event) -> None:
        if isinstance(event, Notice):
            told.append(event.message.key)

    def confirm(preview: Preview) -> bool:
        asked.append(preview.proves)
        return True

    with Sandbox(access_token="token-of-a-test", accept_any_clue=True) as crm:
        settings = quick(crm.url, tmp_path, defaults=DEFAULTS, prove=prove, snapshot=False)
        report = run(path, settings, attended=attended, confirm=confirm, on_event=on_event)
    assert (report.counts["updated"], report.exit_code, asked) == (rows, 0, [proved])
    paths = [call.path for call in crm.requests]
    assert paths[:3] == [INFO_PATH, EDIT_PATH, INFO_PATH] if proved else INFO_PATH not in paths
    assert paths.count(INFO_PATH) == 2 * proved
    assert told == ["proof.given"] * proved


def test_lang_is_the_language_of_results_and_state_dir_holds_the_journal(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["clue_id", "性别"], [CLUE, "?"], ["1591005521987921929", "男"]])
    with Server() as server:
        for lang, text in (("en", "B2: 性别 must be 男 or 女 (or 0/1)"), ("zh", "B2：性别应为 男 或 女（或 0/1）")):
            frame = run(path, quick(server.url, tmp_path / lang, defaults=DEFAULTS, lang=lang)).to_frame()
            assert frame["result_message"][0].startswith(text)
            assert (tmp_path / lang / "journal.sqlite3").is_file()
    assert check(path, Settings(defaults=DEFAULTS, lang="zh")).to_frame()["problem"][0].startswith("性别应为 男 或 女")


# --- where settings come from


def test_file_then_ours_then_the_platforms_variables_then_keywords(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("api: {access_token: from-file, app_id: file-app, timeout: 1}\nlang: zh\n", encoding="utf-8-sig")

    def token(**values: Any) -> str:
        settings = Settings.load(path, **values)
        assert (settings.api.app_id, settings.lang) == ("file-app", "zh")  # what nothing else says stays
        assert settings.api.access_token is not None
        return settings.api.access_token.get_secret_value()

    assert token() == "from-file"
    monkeypatch.setenv("BATCH_EDITOR_API__ACCESS_TOKEN", "from-ours")
    assert token() == "from-ours"
    monkeypatch.setenv("WSHOTO_ACCESS_TOKEN", "from-the-platforms")
    assert token() == "from-the-platforms"
    assert token(api={"access_token": "from-keywords"}) == "from-keywords"
    assert Settings().api.access_token is not None  # without a file


def test_the_platforms_app_wins_over_a_token_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("api: {access_token: old}\n", encoding="utf-8")
    monkeypatch.setenv("WSHOTO_APP_ID", "app")
    assert Settings.load(path).api.access_token is not None
    monkeypatch.setenv("WSHOTO_APP_SECRET", SECRET)
    api = Settings.load(path).api
    assert (api.access_token, api.app_id) == (None, "app")
    assert SECRET not in repr(api) and SECRET not in str(Settings.load(path).for_the_record())


def test_levels_and_lists_in_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "GUARDS__MAX_ROWS": "9",
        "IGNORE_COLUMNS": '["我的列"]',
        "COLUMNS": '{"客户": "clue_name"}',
        "DEFAULTS__USER_ID": "0123",
        "IDS__TRUST_ROUND": "true",
        "CUSTOM_FIELDS__MF_1__TYPE": "date",
        "CLEAR_AS": '{"number": ""}',
        "LANG": "en",
    }.items():
        monkeypatch.setenv(f"BATCH_EDITOR_{name}", value)
    found = Settings()
    assert (found.guards.max_rows, found.ignore_columns, found.columns) == (9, ("我的列",), {"客户": "clue_name"})
    assert (found.defaults, found.ids.trust_round, found.custom_fields["mf_1"].type) == ({"user_id": "0123"}, True, "date")
    assert (found.clear_as, found.lang) == ({"number": ""}, "en")


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("# nothing\n", encoding="utf-8")
    assert Settings.load(path) == Settings() == Settings.load()


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().lang = "zh"  # type: ignore[misc]


# --- broken settings


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("guard: {}", "guard: there is no such setting; is it guards?", "guard：没有这个设置项，是不是 guards？"),
        ("app_id: a", "app_id: there is no such setting; is it api.app_id?", "app_id：没有这个设置项，是不是 api.app_id？"),
        ("api: {lang: zh}", "api.lang: there is no such setting; is it lang?", ""),
        ("xyzzy: 1", "xyzzy: there is no such setting", "xyzzy：没有这个设置项"),
        (
            "rate: {limit: []}",
            "rate.limit: there is no such setting; is it limits?",
            "rate.limit：没有这个设置项，是不是 limits？",
        ),
        (
            'rate: {quiet_hours: {from: "25:00", to: "07:00", limits: ["20/second"]}}',
            'rate.quiet_hours.from: must be a time of day in quotation marks, such as "22:00"',
            'rate.quiet_hours.from：应为加引号的时刻，例如 "22:00"',
        ),
        (
            'rate: {quiet_hours: {from: "7:00", to: "07:00", limits: ["20/second"]}}',
            "rate.quiet_hours: must begin and end at different times of day",
            "rate.quiet_hours：开始和结束的时刻不能相同",
        ),
        ('rate: {quiet_hours: {from: "22:00", to: "07:00", limits: []}}', "rate.quiet_hours.limits: must not be empty", ""),
        ('rate: {quiet_hours: {from: "22:00", to: "07:00"}}', "rate.quiet_hours.limits: is missing", ""),
        (
            'rate: {quiet_hours: {from: "22:00", to: "07:00", limit: ["20/second"], limits: ["9/second"]}}',
            "rate.quiet_hours.limit: there is no such setting; is it limits?",
            "",
        ),
        ('quiet_hours: {from: "22:00"}', "quiet_hours: there is no such setting; is it rate.quiet_hours?", ""),
        ("custom_fields: {mf_1: {tpye: date}}", "custom_fields.mf_1.tpye: there is no such setting; is it type?", ""),
        ("fill: sometimes", "fill: must be true or false", ""),
        ("prove: sometimes", "prove: must be true or false", ""),
        ("guards: {max_rows: many}", "guards.max_rows: must be a whole number", "guards.max_rows：应为整数"),
        ("guards: {max_rows: 1.5}", "guards.max_rows: must be a whole number", "guards.max_rows：应为整数"),
        ("guards: {max_rows: yes}", "guards.max_rows: must be a number", "guards.max_rows：应为数字"),
        ("guards: {max_rows: -1}", "guards.max_rows: must be at least 0", "guards.max_rows：必须不小于 0"),
        ("guards: {max_invalid_share: 5}", "guards.max_invalid_share: must be at most 1", ""),
        ("guards: 5", "guards: must be a list of key: value lines", "guards：应为“键: 值”形式的多行内容"),
        ("ids: {trust_round: maybe}", "ids.trust_round: must be true or false", "ids.trust_round：应为 true 或 false"),
        ("ignore_columns: 标签", "ignore_columns: must be a list", "ignore_columns：应为列表"),
        ("lang: de", "lang: must be one of en / zh", "lang：应为 en / zh 之一"),
        ("duplicates: no", "duplicates: must be one of allow / error", ""),
        ("birthday_unit: 1", "birthday_unit: must be one of s / ms", "birthday_unit：应为 s / ms 之一"),
        ("clear_marker: ' '", "clear_marker: must not be empty", "clear_marker：不能为空"),
        ("clear_marker: 5", "clear_marker: must be a text", "clear_marker：应为文本"),
        ("clear_as: {remark: x}", 'clear_as: remark can be "", 0, null or []', 'clear_as：remark 只能是 ""、0、null 或 []'),
        ("clear_as: {work_id: false}", 'clear_as: work_id can be "", 0, null or []', ""),
        ("clear_as: {remark: [1]}", 'clear_as: remark can be "", 0, null or []', ""),
        (
            "clear_as: {remrak: ''}",
            'settings: "remrak" is neither a field nor one of text, number, custom_text, custom_choice',
            "settings：“remrak”既不是字段，也不是 text, number, custom_text, custom_choice 之一",
        ),
        ("clear_marker: 5.5", f"clear_marker: must be a text ({HINTS['5.5'][0]})", ""),
        *(
            (
                f"clear_marker: '{marker}'",
                "clear_marker: is what a spreadsheet shows for an error, so that every broken formula would clear its field; "
                "choose another text",
                "clear_marker：是表格软件显示的错误值，出错的公式会因此清空字段；请改用其他文字",
            )
            for marker in ("#N/A", "#n/a", "＃ref!", "Err:502", "###")
        ),
        ("state_dir: 5", "state_dir: must be the path of a folder, as a text", "state_dir：应为文件夹的路径（文本）"),
        *(
            (
                f"defaults: {{clue_pool_id: {value}}}",
                f"defaults.clue_pool_id: must be a text or a whole number ({HINTS[value][0]})",
                f"defaults.clue_pool_id：应为文本或整数（提示：{HINTS[value][1]}）",
            )
            for value in ("1.59e+18", "1.5e18", "1.5", "yes", "~")
        ),
        (
            "defaults: {remark: x}",
            'settings: "remark" under defaults is not a required field; only those can have a default',
            "settings：defaults 中的“remark”不是必填字段；只有必填字段才能有默认值",
        ),
        (
            "defaults: {clue_id: 5}",
            'settings: "clue_id" under defaults is not a required field; only those can have a default',
            "",
        ),
        ("defaults: {mf_1: 5}", 'settings: "mf_1" under defaults is not a required field; only those can have a default', ""),
        (
            "columns: {备注: remrak}",
            'settings: "备注" under columns names "remrak", which is no field',
            "settings：columns 中“备注”对应的“remrak”不是字段",
        ),
        (
            "custom_fields: {remark: {}}",
            'settings: "remark" under custom_fields is a field of clue/edit itself',
            "settings：custom_fields 中的“remark”本来就是接口字段",
        ),
        (
            "custom_fields: {Update_Specified_Fields: {}}",
            'settings: "Update_Specified_Fields" under custom_fields is what each call of clue/edit needs for itself; '
            "no field can have that name",
            "settings：custom_fields 中的“Update_Specified_Fields”是接口调用本身使用的名称，不能作为字段名",
        ),
        (
            'blank_words: ["#N/A"]',
            'settings: "#N/A" under blank_words is what a spreadsheet shows for an error, which is never a blank; '
            "mend the formulas instead",
            "settings：blank_words 中的“#N/A”是表格软件显示的错误值，不能当作空白；请修正公式",
        ),
        (
            "blank_words: ['＃clear']",
            'settings: "＃clear" under blank_words is also the clear_marker, which empties a field; '
            "choose another text for one of the two",
            "settings：blank_words 中的“＃clear”同时是清空标记 clear_marker；请把其中一个改成别的文字",
        ),
        ("date_order: dym", "date_order: must be one of ymd / dmy / mdy", "date_order：应为 ymd / dmy / mdy 之一"),
        (
            "custom_fields: {mf_1: {options: {有: x}, ids: integer}}",
            'custom_fields.mf_1: the option "有" needs a whole number as its id',
            "",
        ),
        *(
            (
                f"custom_fields: {{mf_1: {{options: {{有: {value}}}}}}}",
                f"custom_fields.mf_1.options.有: must be a text or a whole number ({HINTS[value][0]})",
                f"custom_fields.mf_1.options.有：应为文本或整数（提示：{HINTS[value][1]}）",
            )
            for value in ("yes", "1.5E+18", "~")
        ),
        (
            "custom_fields: {mf_1: {options: {有: [1]}}}",
            "custom_fields.mf_1.options.有: must be a text or a whole number",
            "custom_fields.mf_1.options.有：应为文本或整数",
        ),
        (
            "custom_fields: {mf_1: {options: {1.50: x}}}",
            f"custom_fields.mf_1.options.1.5.[key]: must be a text ({HINTS['1.5'][0]})",
            "",
        ),
        *(
            (
                f"custom_fields: {{mf_1: {{options: {{无: 5, 有: {value}}}}}}}",
                'settings: the id of the option "有" of mf_1 under custom_fields has lost its last digits; copy it again and '
                "put it in quotation marks (if it really is so: ids.trust_round)",
                "settings：custom_fields 中 mf_1 的选项“有”的ID已丢失末尾的位数；"
                "请重新复制并加上引号（如果确实如此，请设置 ids.trust_round）",
            )
            for value in ("1539179902561230000", "'1539179902561230000'", "'1234567890123450'", "'1.5E+18'")
        ),
        *(
            (
                f"custom_fields: {{mf_1: {{title: '{title}'}}}}",
                f'settings: the title "{title}" of mf_1 under custom_fields already means the field {named}; give mf_1 another '
                "title, and say under columns: that the heading means mf_1",
                f"settings：custom_fields 中 mf_1 的标题“{title}”已经表示字段 {named}；"
                "请为 mf_1 换一个标题，并在 columns: 中说明该列标题对应 mf_1",
            )
            for title, named in (
                ("备注", "描述 (remark)"),
                ("描述 *", "描述 (remark)"),
                ("Remark", "描述 (remark)"),
                ("线索 id", "线索ID (clue_id)"),
            )
        ),
        (
            "custom_fields: {描述: {}}",
            'settings: "描述" under custom_fields is a field of clue/edit itself',
            "settings：custom_fields 中的“描述”本来就是接口字段",
        ),
        (
            "custom_fields: {客户等级: {type: text}}",
            'settings: "客户等级" under custom_fields is no key such as mf_clue_51; put the name that people know under title:',
            "settings：custom_fields 中的“客户等级”不是 mf_clue_51 这样的字段名；供人阅读的名称请写在 title: 中",
        ),
        ("custom_fields: {mf_1: {options: {有: ''}}}", "custom_fields.mf_1.options.有: must not be empty", ""),
        (
            "api: {base_url: 'http://crm.example.com'}",
            "api.base_url: must begin with https://, since the access token travels in the URL",
            "api.base_url：必须以 https:// 开头，因为访问凭证在网址中传输",
        ),
        (
            "api: {base_url: 'http://127.0.0.1.example.com'}",
            "api.base_url: must begin with https://, since the access token travels in the URL",
            "",
        ),
        ("api: {base_url: crm.example.com}", "api.base_url: must be an address such as https://open.wshoto.com", ""),
        ("api: {base_url: 'http://[::1'}", "api.base_url: must be an address such as https://open.wshoto.com", ""),
        ("api: {base_url: 'https://h:99999'}", "api.base_url: must be an address such as https://open.wshoto.com", ""),
        (
            f"api: {{base_url: 'https://{SECRET}:{SECRET}@crm.example.com'}}",
            "api.base_url: must be an address such as https://open.wshoto.com",
            "",
        ),
        (
            f"api: {{base_url: 'https://crm.example.com?access_token={SECRET}'}}",
            "api.base_url: must be an address such as https://open.wshoto.com",
            "",
        ),
        (f"api: {{access_token: [{SECRET}]}}", "api.access_token: must be a text", "api.access_token：应为文本"),
        (f"api: {{acces_token: {SECRET}}}", "api.acces_token: there is no such setting; is it access_token?", ""),
        (f"api: {SECRET}", "api: must be a list of key: value lines", ""),
        (f"api: {{access_token: {SECRET}, timeout: {SECRET}}}", "api.timeout: must be a number", "api.timeout：应为数字"),
    ],
)
def test_a_broken_setting_is_named_in_both_languages(text: str, english: str, chinese: str, tmp_path: Path) -> None:
    error = refusal(text, tmp_path)
    assert say(error.message, "en") == f"{HEAD}  {english}"
    if chinese:
        assert say(error.message, "zh") == f"{HEAD_ZH}  {chinese}"


def test_all_broken_settings_are_named_at_once(tmp_path: Path) -> None:
    error = refusal(f"api: {{access_token: {SECRET}}}\nlang: de\nguard: 1\nrate: {{concurrency: 0}}\n", tmp_path)
    assert {line.split(":")[0].strip() for line in str(error).splitlines()[1:]} == {"lang", "guard", "rate.concurrency"}


@pytest.mark.parametrize(
    ("text", "line", "key", "seen"),
    [
        (f"lang: zh\napi:\n  access_token: {SECRET}\n  access_token: {SECRET}2\n", 4, "yaml.key_twice", "  access_token: …"),
        (f"api:\n  access_token: {SECRET}: x\n", 2, "yaml.two_colons", "  access_token: …"),
        (f'api:\n  access_token: "{SECRET}\n', 2, "yaml.unclosed", '  access_token: "…'),
        (f"api:\n  access_token: *{SECRET}\n", 2, "yaml.sign", "  access_token: *…"),
        (f"api:\n  access_token: !{SECRET}\n", 2, "yaml.sign", "  access_token: !…"),
        (f"api:\n  access_token: !{SECRET}!x y\n", 2, "yaml.sign", "  access_token: !…"),
        (f"api:\n  access_token: !!int {SECRET}\n", 2, "yaml.value", "  access_token: !…"),
        (f"api:\n\taccess_token: {SECRET}\n", 2, "yaml.tab", "\\taccess_token: …"),
        ("lang: zh\nstate_dir: !!timestamp 2024-13-45\n", 2, "yaml.value", "state_dir: !…"),
        ("[api]: 1\n", 1, "yaml.key", ""),
        ("lang: zh\n1: x\n", 2, "yaml.key", ""),
        ("lang: zh\nnull: x\n", 2, "yaml.key", "null: …"),
        ("?\n", 1, "yaml.key", "?…"),
        ("- api\n", 1, "yaml.lines", ""),
        (SECRET, 1, "yaml.lines", ""),
        ("x: " + "[" * 5000, 1, "yaml.character", ""),
        ('lang: zh\nclear_marker: "x\\ud800"\n', 2, "yaml.character", 'clear_marker: "…'),
        ('columns: {"x\\uffff": remark}\n', 1, "yaml.character", "columns: {…"),
        ("lang: \x07\n", 1, "yaml.character", ""),
    ],
)
def test_yaml_that_cannot_be_read_is_told_by_its_line_and_never_quoted(
    text: str, line: int, key: str, seen: str, tmp_path: Path
) -> None:
    error = refusal(text, tmp_path)
    path, below = tmp_path / "config.yaml", f"\n  {seen}" if seen else ""
    english, chinese = (reason.replace("{key}", "access_token") for reason in TEXTS[key])
    assert say(error.message, "en") == f"The settings file {path} is not valid YAML near line {line}: {english}.{below}"
    assert say(error.message, "zh") == f"设置文件 {path} 第 {line} 行附近不是有效的 YAML：{chinese}。{below}"


WRITTEN = [
    "007",
    "0123",
    "12:30:45",
    "1_000",
    "0x1F",
    "0b101",
    "0o17",
    "+5",
    "-0",
    "1e5",
    ".5",
    "1.",
    "1.5_0",
    "2024-01-01",
    ".inf",
]


@pytest.mark.parametrize("text", [*WRITTEN, "2024-13-45", "2024-01-01 08:00:00", "190:20:30.15", "-1:30", "٣"])
def test_a_value_without_quotation_marks_stays_as_it_is_written(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        f"defaults:\n  clue_name: {text}\n  user_id: {text}\nignore_columns: [{text}]\n"
        f"custom_fields:\n  mf_1: {{options: {{{text}: {text}}}}}\n",
        encoding="utf-8",
    )
    settings = Settings.load(path)
    assert settings.defaults == {"clue_name": text, "user_id": text}
    assert (settings.ignore_columns, settings.custom_fields["mf_1"].options) == ((text,), {text: text})


def test_plain_numbers_are_numbers(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "defaults: {clue_pool_id: 1591005280874161218, user_id: -5}\nguards: {max_rows: 0, max_invalid_share: 0.25}\n"
    )
    settings = Settings.load(path)
    assert settings.defaults == {"clue_pool_id": 1591005280874161218, "user_id": -5}
    assert (settings.guards.max_rows, settings.guards.max_invalid_share) == (0, 0.25)


def test_ids_of_options_that_really_end_in_zeros_can_be_trusted() -> None:
    custom: dict[str, Any] = {"mf_1": {"type": "single", "options": {"有": "1539179902561230000"}}}
    assert one("mf_1", "有", custom_fields=custom, ids={"trust_round": True}).bodies[0]["field_map"] == {
        "mf_1": "1539179902561230000"
    }


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with pytest.raises(SettingsError) as caught:
        Settings.load(path)
    assert str(caught.value) == (
        f"There is no settings file {path}. Check the name that --config gives. "
        "To begin a file of your own: batch-editor settings --example"
    )
    path.write_bytes("lang: 中".encode("gb18030"))
    with pytest.raises(SettingsError) as caught:
        Settings.load(path)
    assert str(caught.value) == (
        f"The settings file {path} cannot be read: its text is in GBK (Notepad: ANSI); open it in Notepad "
        "and save it again with the encoding UTF-8. "
        "Give a text file in UTF-8 that may be read, with --config or as config.yaml in the current folder."
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BATCH_EDITOR_RATE_LIMITS", SECRET, "The environment variable BATCH_EDITOR_RATE_LIMITS names no setting."),
        ("BATCH_EDITOR_TOKEN", SECRET, "The environment variable BATCH_EDITOR_TOKEN names no setting."),
        ("BATCH_EDITOR_API__TOKEN", SECRET, f"{HEAD}  api.token: there is no such setting"),
        (
            "BATCH_EDITOR_API",
            f'{{"access_token": "{SECRET}"',
            "The environment variable BATCH_EDITOR_API cannot be read. It wants JSON: ",
        ),
        (
            "BATCH_EDITOR_IGNORE_COLUMNS",
            SECRET,
            "The environment variable BATCH_EDITOR_IGNORE_COLUMNS cannot be read. It wants JSON: ",
        ),
        (
            "BATCH_EDITOR_RATE__LIMITS",
            f"[{SECRET}",
            "The environment variable BATCH_EDITOR_RATE__LIMITS cannot be read. It wants JSON: ",
        ),
        ("BATCH_EDITOR_GUARDS__MAX_ROWS", SECRET, f"{HEAD}  guards.max_rows: must be a whole number"),
    ],
)
def test_a_variable_that_is_misspelt_or_broken_is_refused(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        Settings()
    assert str(caught.value).startswith(said)
    assert SECRET not in str(caught.value) and SECRET not in say(caught.value.message, "zh")


def test_the_broken_variable_is_found_among_others_and_told_in_chinese_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BASE_URL": "https://crm.example.com", "AUTH_CODES": "[1", "ACCESS_TOKEN": "[x"}.items():
        monkeypatch.setenv(f"BATCH_EDITOR_API__{name}", value)
    with pytest.raises(SettingsError) as caught:
        Settings()
    assert say(caught.value.message, "zh") == (
        '无法读取环境变量 BATCH_EDITOR_API__AUTH_CODES。它的值应写成 JSON：列表形如 ["a", "b"]，键值对形如 {"a": "b"}。'
    )


def test_the_misspelt_variable_is_told_in_chinese_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCH_EDITOR_LANGUAGE", "zh")
    with pytest.raises(SettingsError) as caught:
        Settings()
    text = say(caught.value.message, "zh")
    assert text.startswith("环境变量 BATCH_EDITOR_LANGUAGE 没有对应的设置项。可用的变量以下列名称开头：BATCH_EDITOR_API, ")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:5", "https://crm.example.com/base/"]
)
def test_http_is_for_this_machine_alone(url: str) -> None:
    assert Settings(api={"base_url": url}).api.base_url == url.rstrip("/")


def test_a_run_without_a_way_in_is_refused_before_the_sheet_is_read(tmp_path: Path) -> None:
    with pytest.raises(BatchEditorError) as caught:
        run(tmp_path / "missing.csv", Settings(state_dir=tmp_path))
    assert caught.value.message.key == "settings.no_credentials"
