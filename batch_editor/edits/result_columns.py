"""What the columns are called that this program adds to a sheet: by one table, which whoever writes or reads them asks.

Programs know a column by its key, in a CSV and in the name behind it in a workbook. People see its heading in their language.
A sheet that comes in again may have either, or both, since it may be put together from several (guide: rules).
"""

from __future__ import annotations

from ..fields import normal
from ..messages import TEXTS, Lang, say
from ..model import Message

#: How the headings of results begin, as a key and in each language; whatever begins so is no field.
PREFIXES = ("result_", "结果·")
#: The columns that a results sheet has behind those of the sheet that was read. The last two say which row a row is.
COLUMNS = tuple(f"result_{name}" for name in ("status", "code", "message", "fields", "attempts", "time", "run", "row"))
STATUS, MESSAGE, FIELDS, RUN, ROW = COLUMNS[0], COLUMNS[2], COLUMNS[3], COLUMNS[-2], COLUMNS[-1]
#: The column that a check adds to a sheet instead of the last ones of these.
PAYLOAD = "result_payload"
#: The column behind the last one of a run in which people have mended cells: what the sheet holds in these.
MENDED = "result_mended"
#: All columns of ours by their normal headings: the key, and the heading in each language.
_KEYS = {normal(name): key for key in (*COLUMNS, MENDED, PAYLOAD) for name in (key, *TEXTS[f"heading.{key}"])}


def heading_of(key: str, lang: Lang) -> str:
    """Returns the heading of a column in a workbook."""
    return say(Message(f"heading.{key}"), lang)


def key_of(heading: str) -> str | None:
    """Returns which column of ours has this ``heading``, in whichever language; None if it is none."""
    return _KEYS.get(normal(heading))


def is_result(heading: str) -> bool:
    """Returns whether a ``heading`` begins as those of results do."""
    return normal(heading).startswith(PREFIXES)
