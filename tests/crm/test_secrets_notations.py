"""A secret in every notation that people, programs and mails have for a text, each character in one of its own if need be."""

from __future__ import annotations

import base64
import json
import quopri
import random
import textwrap
from collections.abc import Callable, Sequence
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_editor.crm.secrets import MASK, Secrets

SECRET = "S3CR%T/+tok=en&x\"y'\\令z"
PLAIN = "gU9x-AbCd_3fGhIjKlMnOpQrStUvWxYz0123456789abcdefghij"


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def wrapped(text: str, width: int = 20, end: str = "\n") -> str:
    return end.join(text[start : start + width] for start in range(0, len(text), width))


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def printable(text: str) -> str:
    return quopri.encodestring(text.encode(), quotetabs=True).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "hex": lambda text: text.encode().hex(),
    "hex, upper case": lambda text: text.encode().hex().upper(),
    "hex, in groups": lambda text: text.encode().hex(" "),
    "hex, with colons": lambda text: text.encode().hex(":").upper(),
    "hex, as a list": lambda text: ", 0x".join(f"{byte:02x}" for byte in text.encode()),
    "hex, over lines": lambda text: wrapped(text.encode().hex()),
    "base64, over lines": lambda text: wrapped(base64_of(text)),
    "base64, over lines of a mail": lambda text: wrapped(base64_of(text), end="\r\n"),
    "base64, over lines in JSON": lambda text: json.dumps(wrapped(base64_of(text)))[1:-1],
    "base64, quoted": lambda text: quote(base64_of(text), safe=""),
    "base64, in JSON": lambda text: base64_of(text).replace("/", "\\/"),
    "base64, in a quoted mail": lambda text: wrapped(base64_of(text), end="\n> "),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base32, lower case": lambda text: base64.b32encode(text.encode()).decode().lower(),
    "base32, over lines": lambda text: wrapped(base64.b32encode(text.encode()).decode()),
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "quoted-printable, over lines": lambda text: wrapped("".join(f"={byte:02X}" for byte in text.encode()), 12, "=\r\n"),
    "a mail": printable,
    "HTML by number, unclosed": lambda text: "".join(f"&#{ord(char)}" for char in text),
    "HTML by hex number, unclosed": lambda text: "".join(f"&#x{ord(char):x}" for char in text if char not in "0a"),
    "full-width": wide,
    "full-width, quoted": lambda text: quote(wide(text)),
    "braced": lambda text: "".join(f"\\u{{{ord(char):x}}}" for char in text),
    "quoted, then HTML": lambda text: "".join(f"&#{ord(char)};" for char in quote(text, safe="")),
    "HTML, then quoted": lambda text: quote("".join(f"&#{ord(char)};" for char in text), safe=""),
    "quoted, in a mail": lambda text: printable(quote(text, safe="")),
    "a mail, in JSON": lambda text: json.dumps(printable(text))[1:-1],
}


def removed(text: str, *secrets: str) -> str:
    known = Secrets()
    for secret in secrets or (SECRET,):
        known.add(secret)
    return known.remove_from(text)


@pytest.mark.parametrize("form", [form for form in FORMS if "by hex number" not in form])
@pytest.mark.parametrize("secret", [SECRET, PLAIN], ids=["signs", "letters"])
@pytest.mark.parametrize("around", ["{}", "the token ({}) is bad", "请求「{}」失败"])
def test_every_notation_of_a_secret_is_removed(form: str, secret: str, around: str) -> None:
    assert removed(around.format(FORMS[form](secret)), secret) == around.format(MASK)


def test_html_by_hex_number_without_its_end() -> None:
    secret = "xkcd-token-zzy"
    assert removed("<" + "".join(f"&#x{ord(char):x}" for char in secret) + ">", secret) == f"<{MASK}>"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_secret_in_another_encoding_of_unicode(encoding: str) -> None:
    raw = PLAIN.encode(encoding)
    for text in (raw.hex(), base64.b64encode(raw).decode(), base64.b32encode(raw).decode()):
        assert removed(f"({text})", PLAIN) == f"({MASK})"


ONE_CHARACTER: Sequence[Callable[[str], str]] = (
    str,
    lambda char: "".join(f"%{byte:02x}" for byte in char.encode()),
    lambda char: "".join(f"%25{byte:02X}" for byte in char.encode()),
    lambda char: json.dumps(char)[1:-1],
    lambda char: f"\\u{ord(char):04x}" if ord(char) < 0x10000 else char,
    lambda char: f"&#{ord(char)};",
    lambda char: f"&#x{ord(char):X};",
    lambda char: wide(char),
    lambda char: quote(f"&#{ord(char)};", safe=""),
)


@given(st.integers())
def test_each_character_may_have_a_notation_of_its_own(seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(chance.choice(ONE_CHARACTER)(char) for char in PLAIN)
    assert removed(f"<{text}>", PLAIN) == f"<{MASK}>"


def test_a_secret_in_a_mail_among_other_words() -> None:
    mail = printable(
        textwrap.dedent(f"Guten Tag, für Sie: token={SECRET}&x=1 — und mehr davon, damit die Zeile umbrochen wird.")
    )
    cleaned = removed(mail)
    assert MASK in cleaned and "S3CR" not in cleaned and "tok" not in cleaned.replace("token", "")


@pytest.mark.parametrize(
    "text",
    [
        "请求成功，数据：１２３（完）",
        "C:\\new\\table &amp; a%20b =3D \\u4ee4 deadbeef 0x12:34",
        "x" * 2000,
        "MZXW6YTBOI====== Zm9vYmFy 666f6f626172",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert removed(text, SECRET, PLAIN) == text


def test_several_secrets_that_overlap_leave_nothing_of_each_other() -> None:
    assert removed("<abcdefghijkl>", "abcdefgh", "efghijkl") == f"<{MASK}>"


@pytest.mark.parametrize(
    ("letter", "times"),
    [
        pytest.param("a", 2000, marks=pytest.mark.slow),
        *((form, 10) for form in ("%61", "\\x61", "&#97;", "=61", "\\u0061", "ａ")),
    ],
)
def test_a_long_text_that_nearly_is_the_secret_again_and_again_is_read_through(letter: str, times: int) -> None:
    """Compared from each of its places anew, such a text would take the rest of the day."""
    text = (letter * 3999 + "b") * times
    assert removed(text, "a" * 4000) == text
    assert removed(f"{text}{letter * 4000}", "a" * 4000) == f"{text}{MASK}"
