"""The catalogue: every field of ``clue/edit``, one line each, after the reference and DESIGN §4.

It says what a field is called, what kind of value it wants and whether it may be edited or cleared, and which texts are
never a value (errors of a spreadsheet, numbers that it spoilt). How a cell becomes a value is the business of ``cells.py``;
which column stands for which field, of ``loader.py``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What kind of value a field wants; the last six are the types of custom fields."""

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
CUSTOM_PREFIX = "mf_"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its ``key`` in the payload, its ``title`` and ``synonyms`` in a sheet, and what the reference demands.

    ``required`` fields are in every payload; an ``editable`` one is listed in ``update_specified_fields`` when its cell
    is filled; only a ``clearable`` one can be emptied.
    """

    key: str
    title: str
    kind: Kind
    synonyms: tuple[str, ...] = ()
    required: bool = False
    editable: bool = True
    custom: bool = False

    @property
    def clearable(self) -> bool:
        """Whether an edit may empty the field: the reference allows it for everything that is not required."""
        return self.editable and not self.required


FIELDS = (
    Field("clue_id", "线索ID", Kind.ID, required=True, editable=False),
    Field("user_id", "用户ID", Kind.PERSON, ("操作人",), required=True, editable=False),
    Field("clue_name", "线索名称", Kind.TEXT, required=True),
    Field("clue_pool_id", "线索池ID", Kind.ID, required=True),
    Field("follow_user_id", "跟进人ID", Kind.PERSON, ("跟进人",), required=True),
    Field("clue_corp_name", "线索企业名称", Kind.TEXT, ("企业名称",)),
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
NAMED = tuple(one.key for one in FIELDS if one.kind in (Kind.ID, Kind.PERSON, Kind.TAGS) and one.key != "clue_id")

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

#: What our results sheet writes for a formula that has no stored value.
UNCOMPUTED_TEXT = "#NO_VALUE!"
#: What Excel, WPS and LibreOffice show instead of a value.
ERROR_TEXTS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!"}
    | {"#CONNECT!", "#BUSY!", "#UNKNOWN!", "#EXTERNAL!", "#PYTHON!", "#GETTING_DATA", UNCOMPUTED_TEXT}
)
#: LibreOffice's errors by number, and what a column shows that is too narrow for its number.
_OTHER_ERROR = re.compile(r"ERR:[0-9]{3}|#{3,}")
_ERROR_STARTS = ("#", "\uff03", "\ufe5f", "E", "e", "\uff25", "\uff45")
#: Digits of which Excel keeps the first fifteen and turns the others into zeros.
EXCEL_DIGITS = 15
#: A number of 16 digits or more as Excel, pandas (``1.5E+18``) and Java (``1.5E18``) write it once some are lost.
_SHORTENED = re.compile(r"-?[0-9](\.[0-9]+[eE]\+?|[eE]\+)0*(1[5-9]|[2-9][0-9]|[1-9][0-9]{2,})")


def is_error_text(text: str) -> bool:
    """Whether a text is what a spreadsheet shows instead of a value, whatever its case and width (``＃n/a``)."""
    if not text.lstrip().startswith(_ERROR_STARTS):  # as nearly all texts, at a fifth of the price
        return False
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    return plain in ERROR_TEXTS or _OTHER_ERROR.fullmatch(plain) is not None


def is_rounded(digits: str) -> bool:
    """Whether digits are a number that Excel has rounded: nothing but zeros after the 15th."""
    return len(digits) > EXCEL_DIGITS and not digits[EXCEL_DIGITS:].strip("0")


def is_shortened(text: str) -> bool:
    """Whether a text is a long number that has lost digits on its way: ``1.59E+18``."""
    return _SHORTENED.fullmatch(text) is not None


def is_spoilt(one: str) -> bool:
    """Whether an id has lost digits, as far as that can be seen of it alone."""
    return is_shortened(one) or (one.isdecimal() and is_rounded(one))


def normal(heading: str) -> str:
    """A heading as it is compared: NFKC, without case, spaces, zero-width characters and required-marks ``*``."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(char for char in text if char != "*" and not char.isspace() and unicodedata.category(char) != "Cf")


#: normal heading → field, for every key, title and synonym of the reference.
BY_HEADING = {normal(name): field for field in FIELDS for name in (field.key, field.title, *field.synonyms)}
READ_ONLY_HEADINGS = {normal(name): key for key, titles in READ_ONLY.items() for name in (key, *titles)}
