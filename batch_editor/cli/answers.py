"""What a typed answer means: yes, no, or nothing that is certain. Every question of the program is answered by these words.

A person types with an input method that writes full-width letters, Chinese words, marks behind them, and now and then a sign
that nobody sees. What is left without those has to be a word of one of the two lists.
"""

from __future__ import annotations

import unicodedata

_YES = "y yes ok okay yep 是 是的 对 对的 好 好的 行 可以 确定 确认 同意 发送 继续"
_NO = "n no nope cancel q quit 否 不 不是 不对 不好 不行 不要 不可以 不确定 不同意 不发送 不发 不继续 取消 放弃 停止 退出"
#: The words that are understood, in the form that ``answer_of`` compares, and whether each of them says yes.
_ANSWERS = dict.fromkeys(_YES.split(), True) | dict.fromkeys(_NO.split(), False)
#: The categories of characters that show nothing or separate words, and of those that may follow a word.
_BLANK, _BEHIND = ("C", "Z"), ("C", "Z", "P", "S")
#: The marks that an input method may leave before a word; others there, such as an exclamation mark, may turn its meaning.
_BEFORE = "'\"`\u2018\u2019\u201c\u201d\xb7,.\u3001\u3002"
#: The mark that makes a question of an answer: whoever asks back has not agreed.
_QUESTION = "?"


def is_blank(text: str) -> bool:
    """Returns whether nothing was typed but Enter, spaces, and characters that nobody sees."""
    return all(unicodedata.category(char)[0] in _BLANK for char in text)


def answer_of(text: str) -> bool | None:
    """Returns whether ``text`` says yes or no; None if it says neither.

    Width and case make no difference, and neither do spaces, marks and characters that nobody sees around a word.
    """
    word = unicodedata.normalize("NFKC", text).casefold()
    if _QUESTION in word:
        return None
    word = "".join(char for char in word if char.isspace() or unicodedata.category(char)[0] != "C")
    first, last = 0, len(word)
    while first < last and (word[first].isspace() or word[first] in _BEFORE):
        first += 1
    while first < last and unicodedata.category(word[last - 1])[0] in _BEHIND:
        last -= 1
    return _ANSWERS.get(word[first:last])
