"""What clue/info shows of a clue, in the words and shapes of clue/edit, and when two values are the same: pure functions.

The two calls name and write the same thing differently (a description is written as ``remark``, a gender 男 as ``"0"``, a
choice as its id). Only the sample of clue/info is public, so fields may be missing or added; but a shape that is not
understood is ``MalformedRecord`` and never guessed at, since what is read here may be written back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..fields import BY_KEY, FIELDS, Kind
from ..model import Message, ShownNames
from ..settings.names import EDGES
from ..settings.row_rules import RowRules
from ..settings.sections import CustomField
from .cells import CHINA, EXACT_DOUBLE, MAX_LONG, Json, cell_text

#: Turns a value as clue/info shows it into one that clue/edit takes.
Reader = Callable[[object], Json]

#: What clue/edit takes and clue/info does not show: nobody here knows its current value.
UNREADABLE = frozenset({"user_id", "work_id", "uin", "encrypt_flag", "coop_mode_type", "area_code"})
#: Where a CRM that counts in a zone has its midnights: in the summers of 1986 to 1991 an hour before those of +08:00.
SHANGHAI = ZoneInfo("Asia/Shanghai")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: A birthday of this size is shown in milliseconds; as seconds it would lie after the year 5000.
MILLISECONDS = 10**11
TAGS = frozenset(field.key for field in FIELDS if field.kind is Kind.TAGS)
CHOICES = frozenset({"single", "multiple", "cascade"})
#: How many characters of a value a message shows.
SHOWN_CHARACTERS = 60
_TAGS_AS_READ = {"tag_list": "label", "business_tags": "business_tag_ids"}
_GENDERS = {"男": "0", "女": "1"}
_GENDER_NAMES = {code: word for word, code in _GENDERS.items()}
_EMPTY: tuple[object, ...] = (None, "", [])
_WHOLE = re.compile(r"-?[0-9]{1,19}")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


class MalformedRecord(ValueError):
    """What the CRM shows of a clue cannot be understood; ``message`` says which field, and what stands there."""

    def __init__(self, key: str, /, **values: object) -> None:
        self.message = Message(key, values)
        super().__init__(key)


class _Broken(Exception):
    """A value in a shape that clue/info is not known to show."""


class _Unwritable(Exception):
    """A value that is shown well enough, but that no clue/edit could set."""


@dataclass(frozen=True, slots=True)
class ClueRecord:
    """The current values of a clue in the words and shapes of clue/edit.

    ``values`` holds what an edit would send, None where the field is empty; ``others`` the custom fields that are shown in a
    way nobody here can write back, as JSON with sorted keys. ``custom`` says whether the reply showed custom fields at
    all: then one that is absent is empty. ``names`` are, by the key of their field, the names of ids that the reply shows.
    """

    clue_id: int
    values: Mapping[str, Json]
    others: Mapping[str, str]
    custom: bool
    names: ShownNames = field(default_factory=dict)

    @property
    def clue_name(self) -> str:
        """The name of the clue; empty if it is not shown."""
        return str(self.values.get("clue_name") or "")

    def names_in(self, keys: Iterable[str]) -> dict[str, Mapping[str, str]]:
        """The names of ids in those of ``keys`` that show any."""
        return {key: self.names[key] for key in keys if key in self.names}

    def knows(self, key: str) -> bool:
        """Whether the current value is known, be it that the field is empty."""
        return key in self.values or (self.custom and key not in BY_KEY and key not in self.others)

    def known(self, keys: Iterable[str]) -> dict[str, Json]:
        """The values of those of ``keys`` that are known."""
        return {key: self.value(key) for key in keys if self.knows(key)}

    def value(self, key: str) -> Json:
        """The current value; KeyError if it is not known."""
        if not self.knows(key):
            raise KeyError(key)
        return self.values.get(key)


def parse_record(data: Mapping[str, object], clue_id: int, rules: RowRules) -> ClueRecord:
    """Returns the record of the clue ``clue_id`` that the ``data`` of a reply of clue/info holds.

    Raises ``MalformedRecord`` where the data is of another clue, or has a shape that is not understood.
    """
    shown_id = data.get("clue_id", clue_id)
    if isinstance(shown_id, bool | float) or shown_id not in (clue_id, str(clue_id)):
        raise MalformedRecord("live.other_clue", asked=clue_id, found=_brief(shown_id))
    values: dict[str, Json] = {}
    for name, (key, reader) in readers(rules).items():
        if name in data:
            with suppress(_Unwritable):
                values[key] = _read(name, data[name], reader)
    customs = data.get("field_map")
    if not isinstance(customs, dict | None):
        raise MalformedRecord("live.malformed", field="field_map", value=_brief(customs))
    others: dict[str, str] = {}
    for key, value in (customs or {}).items():
        if key in BY_KEY:  # it would pass for the field of that name
            continue
        try:
            values[key] = _read(key, value, _custom_reader(rules.custom_fields.get(key, CustomField())))
        except _Unwritable:
            others[key] = _canonical(key, value)
    return ClueRecord(clue_id, values, others, "field_map" in data, _names(data))


def _names(data: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """Returns, by the key of their field, the names of pools, tags and options that a reply shows beside their ids."""
    customs = data.get("field_map")
    shown = {
        key: [data.get(name)] if isinstance(data.get(name), dict) else data.get(name) for name, key in _TAGS_AS_READ.items()
    }
    shown |= customs if isinstance(customs, dict) else {}
    names = {
        key: {id_: name for entry in entries for id_, name in _named(entry)}
        for key, entries in shown.items()
        if isinstance(entries, list)
    }
    pool, pool_name = data.get("clue_pool_id"), data.get("clue_pool_name")
    if isinstance(pool, int | str) and isinstance(pool_name, str) and pool_name:
        names["clue_pool_id"] = {cell_text(pool): pool_name}
    return {key: of_key for key, of_key in names.items() if of_key}


def _named(entry: object) -> Iterator[tuple[str, str]]:
    """Yields the id and the name of a tag or an option, if both are shown."""
    if isinstance(entry, dict):
        for id_key, name_key in (("tag_id", "tag_name"), ("tagId", "tagName"), ("id", "name")):
            id_, name = entry.get(id_key), entry.get(name_key)
            if isinstance(id_, int | str) and isinstance(name, str) and name:
                yield cell_text(id_), name


def is_empty(value: Json) -> bool:
    """Returns whether the value is that of a field in which nothing stands."""
    return value in _EMPTY


def is_vacant(key: str, value: Json) -> bool:
    """Returns whether nobody has put anything into the field ``key``: nothing stands in it, or blanks alone.

    A 0 is a value (of ``gender`` it is 男), but for a birthday: 0 is no midnight at +08:00, and so no day.
    """
    if key == "birthday" and value == 0:
        return True
    return is_empty(value) or (isinstance(value, str) and not value.strip(EDGES))


def same_value(key: str, first: Json, second: Json, rules: RowRules) -> bool:
    """Returns whether two values of the field ``key``, in the shape of clue/edit, mean the same to the CRM."""
    if is_empty(first) or is_empty(second):
        return is_empty(first) and is_empty(second)
    if key == "birthday":
        first_number, second_number = _number(first), _number(second)
        if first_number is not None and second_number is not None and _same_day(first_number, second_number, rules):
            return True
    return set(parts_of(key, first)) == set(parts_of(key, second))


def as_text(key: str, value: Json, rules: RowRules, names: ShownNames | None = None) -> str | Message:
    """Returns the value of the field ``key`` as a person reads it: a day, names of options, tags one after the other.

    ``names`` are those of ids, by their fields; without them, those of the options that ``rules`` declare.
    """
    if is_empty(value):
        return Message("value.empty")
    number = _number(value)
    if key == "birthday" and number is not None:
        return _birthday_text(number, rules)
    custom = rules.custom_fields.get(key)
    if key == "gender":
        of_field: Mapping[str, str] = _GENDER_NAMES
    elif names is not None:
        of_field = names.get(key, {})
    else:
        of_field = names_of_choices(custom) if custom and custom.type in CHOICES else {}
    separator = " / " if custom and custom.type == "cascade" else ", "
    return separator.join(of_field.get(part, part) for part in parts_of(key, value))


def names_of_choices(custom: CustomField) -> dict[str, str]:
    """Returns the names of the declared options by their ids, the first where an option has several: of a cascade, whose
    options are named by their whole path (一级/二级), the last part."""
    names: dict[str, str] = {}
    for name, option_id in custom.options.items():
        names.setdefault(option_id, name.rpartition("/")[2] if custom.type == "cascade" else name)
    return names


def readers(rules: RowRules) -> dict[str, tuple[str, Reader]]:
    """For every field that clue/info shows: its key in clue/edit, and what turns the one's value into the other's."""
    same_text = ("clue_name", "clue_corp_name", "follow_user_id", "email", "area", "address", "access_customer_channel")
    return {
        **{name: (name, _text) for name in same_text},
        "description": ("remark", _text),
        "clue_pool_id": ("clue_pool_id", _pool),
        "gender": ("gender", _gender),
        **{name: (key, _tags) for name, key in _TAGS_AS_READ.items()},
        "birthday": ("birthday", lambda value: _birthday(value, rules)),
    }


def _custom_reader(custom: CustomField) -> Reader:
    return (lambda value: _chosen(value, custom)) if custom.type in CHOICES else _custom_text


def _read(name: str, value: object, reader: Reader) -> Json:
    if value in _EMPTY:
        return None
    try:
        return reader(value)
    except _Broken:
        raise MalformedRecord("live.malformed", field=name, value=_brief(value)) from None


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Broken
    text = cell_text(value)
    if _HALF_CHARACTER.search(text):  # what is left of an emoji that was cut in two; no request can carry it
        raise _Unwritable
    return text


def _pool(value: object) -> int:
    number = _number(value)
    if number is None or number < 0:
        raise _Broken
    return number


def _gender(value: object) -> str:
    text = _text(value)
    if text in _GENDERS.values():
        return text
    if isinstance(value, int):
        raise _Broken
    if text not in _GENDERS:  # 未知 can be seen, but not set
        raise _Unwritable
    return _GENDERS[text]


def _tags(value: object) -> str:
    ids = []
    for entry in value if isinstance(value, list) else [value]:
        if not isinstance(entry, dict):
            raise _Broken
        ids.append(_id(entry.get("tag_id", entry.get("tagId"))))  # the spelling of clue/info, and that of clue/page
    if any("," in tag for tag in ids):  # written back, it would be two
        raise _Broken
    return ",".join(dict.fromkeys(ids))


def _birthday(value: object, rules: RowRules) -> int:
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_DOUBLE:
        value = int(value)
    number = _number(value)
    if number is None:
        raise _Broken
    milliseconds = number if abs(number) >= MILLISECONDS else number * 1000
    return milliseconds if rules.birthday_unit == "ms" else milliseconds // 1000


def _custom_text(value: object) -> str:
    if isinstance(value, list | dict):
        raise _Unwritable
    if isinstance(value, float):
        if not abs(value) < EXACT_DOUBLE:  # it has lost digits
            raise _Unwritable
        return cell_text(value)
    return _text(value)


def _chosen(value: object, custom: CustomField) -> Json:
    """The id or ids of a choice, which is shown as {name, id} or as the bare id, in a list or alone."""
    entries = value if isinstance(value, list) else [value]
    option_ids = [_id(entry.get("id") if isinstance(entry, dict) else entry) for entry in entries]
    if custom.type == "single" and len(option_ids) > 1:
        raise _Unwritable
    ids: list[str] | list[int] = list(dict.fromkeys(option_ids))
    if custom.ids == "integer":
        numbers = [number for number in map(_number, option_ids) if number is not None and number >= 0]
        if len(numbers) < len(option_ids):
            raise _Unwritable
        ids = list(dict.fromkeys(numbers))
    return ids[0] if custom.type == "single" and custom.choice_shape == "scalar" else ids


def _id(value: object) -> str:
    if value == "":
        raise _Broken
    return _text(value)


def _number(value: object) -> int | None:
    """The whole number that a number or a text is, if it is of a size that an edit can send; a float is none."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_LONG else None


def parts_of(key: str, value: Json) -> list[str]:
    """The ids of a list or of tags, as texts; any other value is one part."""
    if isinstance(value, list):
        return [cell_text(part) for part in value]
    return cell_text(value).split(",") if key in TAGS else [cell_text(value)]


def _moments(birthday: int, rules: RowRules) -> tuple[datetime, datetime] | None:
    """A birthday on the clock of +08:00 and on that of Asia/Shanghai; None if it lies beyond all calendars."""
    unit = timedelta(milliseconds=1) if rules.birthday_unit == "ms" else timedelta(seconds=1)
    try:
        moment = EPOCH + birthday * unit
        return moment.astimezone(CHINA), moment.astimezone(SHANGHAI)
    except OverflowError:
        return None


def _midnight(moments: tuple[datetime, datetime]) -> date | None:
    """The day that begins at this moment, on either clock."""
    return next((moment.date() for moment in moments if moment.time() == time()), None)


def _same_day(first_birthday: int, second_birthday: int, rules: RowRules) -> bool:
    first, second = _moments(first_birthday, rules), _moments(second_birthday, rules)
    if first is None or second is None or abs(first[0] - second[0]) >= timedelta(days=1):
        return False
    # A midnight of Asia/Shanghai is the day that it begins on both clocks, although +08:00 may still show the day before.
    days, others = ([_midnight(pair) or moment.date() for moment in pair] for pair in (first, second))
    return any(day == another for day, another in zip(days, others, strict=True))


def _birthday_text(birthday: int, rules: RowRules) -> str:
    moments = _moments(birthday, rules)
    if moments is None:
        return str(birthday)
    day = _midnight(moments)
    return day.isoformat() if day else moments[0].replace(tzinfo=None).isoformat(sep=" ")


def _canonical(name: str, value: object) -> str:
    try:
        return _json(value)
    except (RecursionError, ValueError):  # nested without end, or a number of thousands of digits
        raise MalformedRecord("live.malformed", field=name, value="…") from None


def _brief(value: object) -> str:
    try:
        text = _json(value)
    except (RecursionError, ValueError):
        return "…"
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _json(value: object) -> str:
    """JSON in one way of several; half a character is left as its escape, since no file takes it otherwise."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode(errors="backslashreplace").decode()
