"""Rows below the headings that are none of the data: totals, who made the sheet and when, remarks on it (guide: rules)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..spoilt_text import narrow

_SUM = (
    "合计|小计|总计|共计|累计|汇总|总和|总数|总计数|总人数|总条数|总行数|合計|小計|總計|共計|grand ?total|sub-?total|total|sum"
)
#: What stands alone or before a number, what is followed by a colon and perhaps by a text, and what begins a sentence. Excel
#: writes ``李伟 汇总`` where it makes subtotals itself.
_TOTAL = rf"(?:(?:本页|本日|本周|本月|本年|全部)?(?:{_SUM})|\S.{{0,30}} (?:汇总|计数|合计|小计))(?:\([^()]*\))?"
_MAKER = "制表|填表|填报|制单|编制|报表|审核|复核|审批|批准|经办|统计|导出|打印|提交"
_LABEL = (
    rf"(?:{_MAKER})(?:人|人员|单位|部门|日期|时间)?(?:签字|签名|签章|盖章)?|(?:领导|负责人|主管)?(?:签字|签名|签章|盖章)|日期|说明"
    r"|填写说明|填表说明|数据来源|数据说明|注意|注意事项|备注|注[0-9]*"
)
_UNIT = "条|行|个|人|元|万元?|家|位|户|项|次|笔"
_OF = "(?:客户|线索|数据|记录)?"
_NUMBER = rf"[-+¥$]?[0-9][0-9.,%]*(?:e\+?[0-9]+)?\s*(?:{_UNIT})?{_OF}|[-—/]"
_PAGE = r"(?:第\s*[0-9]+\s*页|page\s*[0-9]+).*"
_WORD = re.compile(
    rf"(?:{_TOTAL}):?\s*(?:{_NUMBER})?|[*※]?(?:{_LABEL}):.*|(?:{_LABEL})|共计?\s*[0-9]+\s*(?:{_UNIT}|页).*"
    rf"|以上(?:数据|内容|名单|线索|客户|为|是|共).*|\(?以下(?:空白|无正文|无数据|无内容)\)?|{_PAGE}",
    re.DOTALL | re.IGNORECASE,
)
_TOTAL_WORD = re.compile(rf"(?:{_TOTAL}):?", re.IGNORECASE)
_LABEL_ALONE = re.compile(rf"(?:{_LABEL}):?")
_NUMBER_ALONE = re.compile(_NUMBER, re.IGNORECASE)


def is_no_data(texts: Sequence[str]) -> bool:
    """Returns whether a row without an id is certainly none of the data: it begins with such a word, and all else in it is a
    number, another such word, or the text that one of them wants beside it."""
    filled = [_plain(text) for text in texts if text]
    if not filled or not _is_word(filled[0]):
        return False
    before = ""
    for text in filled:
        if not (_is_word(text) or _NUMBER_ALONE.fullmatch(text) or _LABEL_ALONE.fullmatch(before)):
            return False
        before = text
    return True


def is_total(texts: Sequence[str]) -> bool:
    """Returns whether a row is one of totals, in which a number under the heading of the ids counts the rows above."""
    first = next((_plain(text) for text in texts if text), "")
    return bool(_TOTAL_WORD.fullmatch(first) or _TOTAL_WORD.fullmatch(first.replace(" ", ""))) and is_no_data(texts)


def _plain(text: str) -> str:
    return narrow(" ".join(text.split()))


def _is_word(text: str) -> bool:
    """Whether it is such a word, with or without spaces between its characters (``合 计``)."""
    return bool(_WORD.fullmatch(text) or _WORD.fullmatch(text.replace(" ", "")))
