"""In which encoding a text file is read: the one that is certain, or the one that somebody names, or none at all."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import pytest

from batch_editor.errors import SettingsError, SheetError
from batch_editor.messages import say
from batch_editor.sheets import TextForm, code_pages, read_file

PEOPLE = "线索ID,线索名称,备注\r\n1591005521987921928,王小明,周五回访\r\n1591005521987921929,李婷,已签约\r\n"
#: Texts of sheets as people have them, and the table by which their programs write them.
ELSEWHERE = {
    "big5": "線索ID,客戶名稱,備註\r\n1,林志玲,週五回訪\r\n2,陳建宏,已簽約\r\n",
    "shift_jis": "clue_id,氏名,備考\r\n1,田中太郎,金曜日に電話する\r\n2,スズキ,契約済み\r\n",
    "euc_jp": "clue_id,氏名,備考\r\n1,田中太郎,金曜日に電話する\r\n2,スズキ,契約済み\r\n",
    "euc_kr": "clue_id,이름,비고\r\n1,김철수,금요일에 전화\r\n2,박영희,계약 완료\r\n",
    "windows-1252": "clue_id,clue_name,remark\r\n1,Müller,Rückruf am Montag für Café\r\n2,José,façade à Genève\r\n",
    "windows-1251": "clue_id,Имя,Примечание\r\n1,Иванов,Перезвонить в пятницу\r\n2,ПЕТРОВ,договор\r\n",
    "koi8-r": "clue_id,Имя,Примечание\r\n1,Иванов,Перезвонить в пятницу\r\n2,Петров,договор\r\n",
    "windows-1253": "clue_id,όνομα,σχόλια\r\n1,Παπαδόπουλος,τηλεφώνημα\r\n2,Γεωργίου,συμβόλαιο\r\n",
}


def written(folder: Path, content: bytes) -> Path:
    path = folder / "people.csv"
    path.write_bytes(content)
    return path


def text_of(path: Path, encoding: str | None = None) -> str:
    """The cells of a sheet as they would stand in a CSV."""
    (sheet,) = read_file(path, TextForm.named(encoding))
    return "".join(f"{','.join(map(str, row.cells))}\r\n" for row in sheet.rows())


def refusal(path: Path, encoding: str | None = None) -> SheetError:
    with pytest.raises(SheetError) as caught:
        text_of(path, encoding)
    return caught.value


# --- what is certain


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_chinese_of_the_mainland_is_read(encoding: str, tmp_path: Path) -> None:
    assert text_of(written(tmp_path, PEOPLE.encode(encoding))) == PEOPLE


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        ("\ufeff".encode("gb18030"), "gb18030"),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_a_mark_makes_certain_and_is_no_part_of_the_text(mark: bytes, encoding: str, named: bool, tmp_path: Path) -> None:
    text = "clue_id,clue_name\r\n1,Café\r\n"
    assert text_of(written(tmp_path, mark + text.encode(encoding)), encoding if named else None) == text


@pytest.mark.parametrize("names", ["昊,婷,晟", "李娜,刘婷,陈昊,张璐,王晟,赵琪", "欧阳锋,司马懿,诸葛亮"])
def test_rare_characters_of_names_are_chinese_as_well(names: str, tmp_path: Path) -> None:
    text = f"线索ID,跟进人,备注\r\n1,{names}\r\n"
    assert names in text_of(written(tmp_path, text.encode("gbk")))


@pytest.mark.parametrize("names", ["邵珺昕", "魏洛翾,邓珺瑜", "沈翎,朱镕基,龙䶮", "周五回访,José,김철수,𠮷野家"])
@pytest.mark.parametrize("heading", ["线索ID", "手机号", "*备注（必填）"])
def test_below_a_heading_of_the_crm_in_chinese_rare_characters_are_read_as_well(
    heading: str, names: str, tmp_path: Path
) -> None:
    text = f"{heading},x\r\n1,{names}\r\n"
    assert text_of(written(tmp_path, text.encode("gb18030"))) == text


def test_the_euro_of_windows_is_a_euro_in_a_chinese_file(tmp_path: Path) -> None:
    content = PEOPLE.replace("周五", "价格€10，").encode("gbk", "backslashreplace").replace(rb"\u20ac", b"\x80")
    assert text_of(written(tmp_path, content)) == PEOPLE.replace("周五", "价格€10，")
    assert text_of(written(tmp_path, content), "gbk") == PEOPLE.replace("周五", "价格€10，")


def test_one_accent_in_utf8_is_read_where_it_cannot_be_chinese(tmp_path: Path) -> None:
    for name in ("Ærø", "王"):
        text = f"clue_id,clue_name\r\n1,{name}\r\n"
        assert text_of(written(tmp_path, text.encode())) == text, name


# --- what is not


def test_no_encoding_is_offered_that_is_not_likely(tmp_path: Path) -> None:
    """Whoever copies an example without a look gets a text of no meaning, which is then sent."""
    for content in ("clue_id,clue_name\r\n1,王小\r\n".encode("utf-16-le")[:-1], b"clue_id\r\n\x81\x00\xff\r\n" + b"\xff" * 40):
        error = refusal(written(tmp_path, content))
        assert "--encoding" in str(error) or error.message.key != "csv.encoding"
        assert not re.search("--(encoding|delimiter) [a-z0-9']", str(error) + say(error.message, "zh"))
    path = written(tmp_path, ELSEWHERE["big5"].encode("big5"))
    assert not re.search("--encoding [a-z0-9]", str(refusal(path)) + say(refusal(path).message, "zh"))


@pytest.mark.parametrize("encoding", ELSEWHERE)
def test_a_file_from_elsewhere_is_not_taken_for_gb18030(encoding: str, tmp_path: Path) -> None:
    path = written(tmp_path, ELSEWHERE[encoding].encode(encoding))
    error = refusal(path)
    assert error.message.key in ("csv.encoding", "csv.which_encoding")
    assert encoding in str(error) and "--encoding" in str(error)
    assert text_of(path, encoding) == ELSEWHERE[encoding]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("ｽｽﾞｷ,ﾀﾅｶ", "shift_jis"),
        ("김철수", "euc_kr"),
        ("田中", "euc_jp"),
        ("ИВАНОВ ПЕТР", "windows-1251"),
        ("李伟", "gbk"),  # which is 川琉 in EUC-JP
        ("Café,Zürich", "windows-1252"),
        ("王小明", "big5"),
        ("10€", "windows-1252"),
    ],
)
def test_a_few_characters_that_may_be_others_are_refused(text: str, encoding: str, tmp_path: Path) -> None:
    content = f"clue_id,clue_name,remark\r\n1,{text}\r\n".encode(encoding)
    assert refusal(written(tmp_path, content)).message.key in ("csv.encoding", "csv.which_encoding")
    assert text in text_of(written(tmp_path, content), encoding)


@pytest.mark.parametrize("rows", [1, 3, 300])
@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        ("渡邊颯太,中村颯,齋藤凛,佐々木翔", "euc_jp"),  # without kana; nearly all of it is in the first level of GB2312
        ("伊藤翔", "euc_jp"),
        ("ใจดี", "tis-620"),
        ("Сергей", "iso8859-5"),
        ("خالد", "cp1256"),
    ],
)
def test_characters_that_people_seldom_write_are_not_taken_for_gb18030(
    names: str, encoding: str, rows: int, tmp_path: Path
) -> None:
    row = f"1,{names.split(',')[0]},{names.replace(',', ' ')}\r\n"
    content = ("clue_id,clue_name,remark\r\n" + row * rows).encode(encoding)
    error = refusal(written(tmp_path, content))
    assert error.message.key in ("csv.encoding", "csv.which_encoding")
    assert encoding != "euc_jp" or "euc_jp" in str(error)
    assert names.split(",")[0] in text_of(written(tmp_path, content), encoding)


def test_the_many_characters_of_a_large_chinese_file_are_chinese(tmp_path: Path) -> None:
    """Of 2,500 different characters few are among those that people write most."""
    characters = [bytes((lead, trail)).decode("gb2312") for lead in range(0xB0, 0xD7) for trail in range(0xA1, 0xE1)]
    text = "clue_id,remark\r\n" + "".join(f"{row},{character}的\r\n" for row, character in enumerate(characters))
    assert text_of(written(tmp_path, text.encode("gbk"))) == text


def test_a_name_in_every_row_proves_no_more_than_once(tmp_path: Path) -> None:
    """小伟 in GB18030 is two characters of UTF-8 as well."""
    content = ("clue_id,clue_name\r\n" + "".join(f"{row},小伟\r\n" for row in range(50))).encode("gbk")
    assert refusal(written(tmp_path, content)).message.key == "csv.uncertain"
    assert "小伟" in text_of(written(tmp_path, content), "gbk")


def test_of_two_readings_both_are_shown(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, "clue_id,clue_name\n1,Renée\n".encode()))
    assert error.message.key == "csv.uncertain"
    assert all("utf-8 (Renée), gb18030 (Ren茅e)" in say(error.message, lang) for lang in ("en", "zh"))


def test_likely_encodings_are_named_with_what_they_would_read(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, "clue_id,clue_name\r\n1,김철수\r\n".encode("euc_kr")))
    assert error.message.key == "csv.which_encoding"
    assert "euc_kr (김철수)" in str(error) and "euc_kr (김철수)" in say(error.message, "zh")


def test_chinese_of_rare_characters_is_never_offered_another_encoding_alone(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, "clue_id,clue_name\r\n1,邓珺瑜\r\n2,魏洛翾\r\n".encode("gbk")))
    assert error.message.key == "csv.which_encoding" and "It may be gb18030 (" in str(error)


@pytest.mark.parametrize("disguise", ["utf-7", "hz", "iso2022_jp", "iso2022_kr"])
def test_chinese_that_is_written_in_letters_is_not_sent_as_letters(disguise: str, tmp_path: Path) -> None:
    names = "김철수,계약" if disguise == "iso2022_kr" else "王小明,中文"
    text = f"clue_id,clue_name,remark\r\n1,{names}\r\n"
    path = written(tmp_path, text.encode(disguise))
    error = refusal(path)
    assert error.message.key == "csv.disguised" and f"name {disguise}" in str(error)  # the likely one, to be copied
    assert text_of(path, disguise) == text


def test_telephone_numbers_and_addresses_are_no_such_disguise(tmp_path: Path) -> None:
    text = "clue_id,remark\r\n1,+8613800000000-1 a+tag-x@example.com +abc-def ~{x~}\r\n"
    assert text_of(written(tmp_path, text.encode())) == text


# --- damage


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(("encoding", "named"), [("utf-8", "UTF-8"), ("gb18030", "GB18030")])
def test_a_damaged_byte_is_told_with_its_line(place: float, encoding: str, named: str, tmp_path: Path) -> None:
    lines = (PEOPLE + "1,周五回访,已签约\r\n" * 40).encode(encoding).split(b"\r\n")
    line = int(len(lines) * place)
    lines[line] += b"\xff"
    values = refusal(written(tmp_path, b"\r\n".join(lines))).message.values
    assert (values["encoding"], values["line"]) == (named, line + 1)


def test_below_a_heading_of_the_crm_in_chinese_a_short_file_that_is_cut_is_told_with_its_line(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, PEOPLE.encode("gbk").removesuffix(b"\r\n")[:-1]))
    assert (error.message.key, error.message.values["line"]) == ("csv.damaged", 3)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_that_is_cut_within_a_character_is_refused(encoding: str, tmp_path: Path) -> None:
    content = (PEOPLE + "1,周五回访,已签约\r\n" * 40).encode(encoding).removesuffix(b"\r\n")[:-1]
    error = refusal(written(tmp_path, content))
    assert (error.message.key, error.message.values["line"]) == ("csv.damaged", 43)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_stray_nul_is_told_with_its_line(end: str, tmp_path: Path) -> None:
    error = refusal(written(tmp_path, f"clue_id,remark{end}1,a{end}2,b\0c{end}3,d{end}".encode()))
    assert (error.message.key, error.message.values["line"]) == ("csv.nul", 3)


# --- what somebody names


@pytest.mark.parametrize("name", ["gbk", "GBK", "gb2312", "cp936", "gb18030", "GB-18030"])
def test_all_names_of_the_table_of_the_mainland_are_one(name: str) -> None:
    assert TextForm.named(name).encoding == "gb18030"


@pytest.mark.parametrize("name", ["", "klingon", "hex", "rot13", "unicode_escape", "idna", "base64"])
def test_what_is_no_encoding_is_refused_with_examples(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        TextForm.named(name)
    assert caught.value.message.key == "text.encoding_unknown"
    assert "gbk" in str(caught.value) and "big5" in say(caught.value.message, "zh")


def test_an_encoding_that_does_not_fit_is_refused_with_the_place(tmp_path: Path) -> None:
    path = written(tmp_path, b"clue_id,remark\r\n1,a\r\n2,\xff\xff\r\n")
    error = refusal(path, "big5")
    assert (error.message.key, error.message.values["line"]) == ("csv.encoding_misfit", 3)


@pytest.mark.parametrize("named", ["gbk", "big5", "windows-1252", "utf-16"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_what_is_utf8_for_certain_is_not_read_as_anything_else(named: str, mark: bytes, tmp_path: Path) -> None:
    """The export of one night may be in another encoding than those before."""
    error = refusal(written(tmp_path, mark + PEOPLE.encode()), named)
    assert error.message.key in ("csv.encoding_other", "csv.encoding_misfit")


def test_a_workbook_has_no_encoding(tmp_path: Path) -> None:
    error = refusal(Path(__file__).parent.parent / "files" / "xlsx_no_styles.xlsx", "gbk")
    assert error.message.key == "text.not_text"


def test_tables_know_their_common_characters() -> None:
    """They are made by the codecs of Python, and a range that is off by one would not be seen elsewhere."""
    tables = code_pages._tables()
    assert {"啊", "座", "。", "１"} <= tables["gb18030"].common and "婷" in tables["gb18030"].others
    assert {"一", "籲", "ㄅ"} <= tables["big5"].common
    assert {"あ", "ン", "ｱ", "亜", "腕"} <= tables["shift_jis"].common
    assert {"가", "힝"} <= tables["euc_kr"].common
    assert {"あ", "ン", "亜", "腕"} <= tables["euc_jp"].common


@pytest.mark.parametrize("text", ["备注", "线索ID,线索池ID", "周五", "李偉", "王A小"])
def test_two_chinese_characters_are_utf_8_for_certain(text: str, tmp_path: Path) -> None:
    content = f"clue_id,remark\r\n1,{text}\r\n".encode()
    assert text in text_of(written(tmp_path, content))


def test_a_long_line_of_one_character_takes_no_longer_than_another(tmp_path: Path) -> None:
    """A pattern that tries each place of a run again would take hours; the time limit of the test sees to that."""
    content = f"序号,客户备注，周五回访\r\n1,{'中' * 200_000}\r\n".encode("gbk")
    assert refusal(written(tmp_path, content)).message.key == "csv.which_encoding"
    text = f"线索ID,客户备注，周五回访\r\n1,{'x' * 130_000},中\r\n"
    assert text_of(written(tmp_path, text.encode("gbk"))) == text
