"""What Excel and WPS put on the clipboard, cell by cell as the person saw it."""

from __future__ import annotations

import pytest

from batch_editor.sheets.clipboard import clipboard_rows

CASES = {
    "a\tb\r\n1\t2\r\n": [["a", "b"], ["1", "2"]],
    "a\tb": [["a", "b"]],
    '"one\ntwo ""x"""\tb\r\n': [['one\ntwo "x"', "b"]],
    '"a\tb"\tc\n': [["a\tb", "c"]],
    '"好的"\t5"\t"\n': [['"好的"', '5"', '"']],
    '"unclosed\tb\nc\n': [['"unclosed', "b"], ["c"]],
    "\t\tx\n": [["", "", "x"]],
    "\na\n\nb\n": [[""], ["a"], [""], ["b"]],
    "a\t\n": [["a", ""]],
    "a\t": [["a", ""]],
    "a\n\n": [["a"], [""]],
    "a\r\n\0rubbish": [["a"]],
    "\ufeffa\rb": [["a"], ["b"]],
    "": [],
}


@pytest.mark.parametrize("text", CASES, ids=ascii)
def test_rows_of_the_clipboard(text: str) -> None:
    assert list(clipboard_rows(text)) == CASES[text]


def test_a_text_of_quotation_marks_alone_takes_no_long_time() -> None:
    assert len(next(clipboard_rows('"x\t' * 50_000))) == 50_001
    assert len(list(clipboard_rows('"' * 200_000))) == 1
