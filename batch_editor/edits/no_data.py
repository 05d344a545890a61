"""Rows below the headings that are none of the data: totals, who made the sheet and when, remarks on it (guide: rules)."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: What stands alone or before a number, what is followed by a colon and perhaps by a text, and what begins a sentence.
_TOTAL = "(?:本页|本月|全部)?(?:合计|小计|总计|总和|总数)"
_LABEL = "(?:制表|填表|编制|审核|复核|审批|统计|导出|打印)(?:人|日期|时间|部门)?|日期|说明|备注|注"
_NUMBER = r"[-+¥￥]?[0-9][0-9.,%]*(?:条|行|个|人|元)?"
_WORD = re.compile(
    rf"(?:{_TOTAL})[:：]?\s*(?:{_NUMBER})?|(?:{_LABEL})[:：].*|(?:{_LABEL})|共\s*[0-9]+\s*(?:条|行|个|人).*|以上(?:数据|内容|为|是|共).*",
    re.DOTALL,
)
_LABEL_ALONE = re.compile(rf"(?:{_LABEL})[:：]?")
_NUMBER_ALONE = re.compile(_NUMBER)


def is_no_data(texts: Sequence[str]) -> bool:
    """Returns whether a row without an id is certainly none of the data: it begins with such a word, and all else in it is a
    number, another such word, or the text that one of them wants beside it."""
    filled = list(filter(None, texts))
    if not filled or not _WORD.fullmatch(filled[0]):
        return False
    before = ""
    for text in filled:
        if not (_WORD.fullmatch(text) or _NUMBER_ALONE.fullmatch(text) or _LABEL_ALONE.fullmatch(before)):
            return False
        before = text
    return True
