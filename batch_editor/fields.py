"""The catalogue: every field of ``clue/edit``, one line each, after the reference of the CRM (guide: rules).

It says what a field is called, what kind of value it takes and whether it may be edited or cleared. How a cell becomes a value
is the business of ``edits/cells.py``; which column stands for which field, of ``edits/headings.py``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    """What kind of value a field takes; the last six are the types of custom fields."""

    ID = "id"  # integer of 1 to 19 digits, below 2**63
    PERSON = "person"  # the id of a member of the company: a text, in which an id's tricks against Excel are known
    TEXT = "text"
    EMAIL = "email"
    AREA = "area"
    TAGS = "tags"
    GENDER = "gender"
    BIRTHDAY = "birthday"
    INTEGER = "integer"
    FLAG = "flag"
    CUSTOM_TEXT = "custom_text"
    SINGLE = "single"
    MULTIPLE = "multiple"
    CASCADE = "cascade"
    DATE = "date"
    DATETIME = "datetime"


#: Kinds that the reference types as ``long`` or ``int``.
NUMBERS = frozenset({Kind.ID, Kind.BIRTHDAY, Kind.INTEGER, Kind.FLAG})
#: Kinds that hold ids of the CRM, one or several.
_ID_KINDS = frozenset({Kind.ID, Kind.PERSON, Kind.TAGS, Kind.SINGLE, Kind.MULTIPLE, Kind.CASCADE})
CUSTOM_PREFIX = "mf_"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its ``key`` in the payload, its ``title`` and ``synonyms`` in a sheet, and what the reference demands.

    ``loose`` names are such as other programs give the same, and yield to any other meaning that the settings give them.
    ``required`` fields are in every payload; an ``editable`` one is listed in ``update_specified_fields`` when its cell
    is filled; only a ``clearable`` one can be emptied.
    """

    key: str
    title: str
    kind: Kind
    synonyms: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    required: bool = False
    editable: bool = True
    custom: bool = False

    @property
    def clearable(self) -> bool:
        """Whether an edit may empty the field: the reference allows it for everything that is not required."""
        return self.editable and not self.required

    @property
    def holds_ids(self) -> bool:
        """Whether its value is an id of the CRM, or several."""
        return self.kind in _ID_KINDS


FIELDS = (
    Field("clue_id", "线索ID", Kind.ID, required=True, editable=False),
    Field("user_id", "用户ID", Kind.PERSON, ("操作人",), required=True, editable=False),
    Field("clue_name", "线索名称", Kind.TEXT, loose=("客户名称", "客户姓名", "姓名"), required=True),
    Field("clue_pool_id", "线索池ID", Kind.ID, required=True),
    Field("follow_user_id", "跟进人ID", Kind.PERSON, ("跟进人",), required=True),
    Field("clue_corp_name", "线索企业名称", Kind.TEXT, ("企业名称",), ("公司名称", "公司")),
    Field("email", "邮箱", Kind.EMAIL),
    Field("remark", "描述", Kind.TEXT, ("备注",)),
    Field("address", "详细地址", Kind.TEXT, ("地址",)),
    Field("uin", "第三方线索ID", Kind.TEXT),
    Field("area_code", "地区码", Kind.TEXT),
    Field("coop_mode_type", "coop_mode_type", Kind.TEXT),
    Field("area", "地区", Kind.AREA),
    Field("access_customer_channel", "获客渠道", Kind.TEXT),
    Field("label", "标签", Kind.TAGS),
    Field("business_tag_ids", "业务标签ID集合", Kind.TAGS, ("业务标签",)),
    Field("gender", "性别", Kind.GENDER),
    Field("birthday", "生日", Kind.BIRTHDAY),
    Field("work_id", "工单ID", Kind.INTEGER),
    Field("encrypt_flag", "是否加密", Kind.FLAG),
)
BY_KEY = {field.key: field for field in FIELDS}
REQUIRED = tuple(field.key for field in FIELDS if field.required)
#: The fields whose values are ids, for which people know names; which clue it is nobody knows by a name.
NAMED = tuple(field.key for field in FIELDS if field.kind in (Kind.ID, Kind.PERSON, Kind.TAGS) and field.key != "clue_id")

#: Columns that clue/info shows and clue/edit cannot set: in a sheet they are ignored, with a note.
READ_ONLY = {
    "mobile_phone": ("手机号", "手机", "手机号码"),
    "state": ("状态", "线索状态"),
    "clue_pool_name": ("线索池名称", "线索池"),
    "create_user_id": ("创建人ID", "创建人"),
    "gmt_create": ("创建时间",),
    "merge_user_id": (),
    "recovery_num": ("退回次数",),
    "recovery_remark": ("退回原因",),
    "recovery_remark_type": (),
    "recovery_remark_input_text": (),
    "tag_list": (),
    "business_tags": (),
}


#: What a heading says of whether its column must be filled; other words in brackets may say what is meant.
_MARKS = "必填项?|必须|必录|必选|选填项?|选录|可选|可空|非必填项?|必|选|required|optional|mandatory|must"
_MARK = re.compile(rf"[(\[{{<【〔〖「](?:(?:{_MARKS})(?:[/,、]?(?:{_MARKS}))*)?[)\]}}>】〕〗」]")
_NOTE = re.compile(r"[(\[{<【〔〖「].*$|[:：].*$")
#: Signs that do not count, beside spaces and what nobody sees.
_SIGNS = frozenset("*※★")


@lru_cache(1024)  # each heading is asked for several times in a row
def normal(heading: str) -> str:
    """A heading as it is compared: NFKC, without case, spaces, zero-width characters, required-marks (``*``, ``（必填）``,
    ``（*）``), a colon at its end, and what keeps Excel from changing it."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    text = "".join(char for char in text if char not in _SIGNS and not char.isspace() and unicodedata.category(char) != "Cf")
    if text.startswith(("'", '="', '"')):
        text = text.removeprefix("=").strip("'\"")
    return _MARK.sub("", text).rstrip(":")


def without_note(heading: str) -> str:
    """The same without what stands in brackets behind it, such as a unit."""
    return _NOTE.sub("", normal(heading))


def _spellings(name: str) -> tuple[str, str]:
    """The ways in which the words of a key are put together: ``clue_id``, and ``clueid``, which is also ``Clue ID``."""
    return name.replace("-", "_"), name.replace("_", "")


#: normal heading → field, for every key, title and synonym of the reference.
BY_HEADING = {normal(name): field for field in FIELDS for name in (field.key, field.title, *field.synonyms)}
_BY_SPELLING = {spelling: field for name, field in BY_HEADING.items() for spelling in _spellings(name)}
#: The same for the loose names, which are none where the settings say so.
BY_LOOSE_NAME = {normal(name): field for field in FIELDS for name in field.loose}
#: Headings of columns that only count the rows.
COUNTERS = frozenset(map(normal, ("序号", "行号", "No", "No.", "#")))
READ_ONLY_HEADINGS = {normal(name): key for key, titles in READ_ONLY.items() for name in (key, *titles)}
_READ_ONLY_BY_SPELLING = {spelling: key for name, key in READ_ONLY_HEADINGS.items() for spelling in _spellings(name)}


def named(heading: str) -> Field | None:
    """The field of the reference that a heading names."""
    return _BY_SPELLING.get(normal(heading).replace("-", "_"))


def read_only(heading: str) -> str | None:
    """The key of what clue/info shows under this heading and clue/edit cannot set."""
    return _READ_ONLY_BY_SPELLING.get(normal(heading).replace("-", "_"))
