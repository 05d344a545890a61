"""What a number is shown as by the places of a format: ``#,##0.00``, ``0%``, ``0.00E+00``, ``000-0000``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from .format_codes import Section, Shown, Token

#: More places than anybody asks for.
MOST_PLACES = 100
#: In a cell of the format General so many characters of a number are shown at most.
GENERAL_WIDTH = 11


def plain(value: Decimal) -> str:
    """Returns a number without an exponent, unless it is one that a spreadsheet writes with one."""
    if not value:
        return "0"
    exponent = value.adjusted()
    if -10 < exponent < 21:
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits = "".join(map(str, value.as_tuple().digits)).rstrip("0")
    mantissa = digits[0] + ("." + digits[1:] if digits[1:] else "")
    return f"{'-' if value < 0 else ''}{mantissa}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def general_figures(section: Section, value: Decimal) -> Shown:
    """Returns a number, which is not negative, in a section that names the format General, with what else it says."""
    text = plain(value)
    pieces = [text if token.kind == "general" else token.text for token in section.tokens]
    return Shown("".join(pieces), len(text) <= GENERAL_WIDTH or len(section.tokens) == 1)


def figures(section: Section, value: Decimal) -> Shown:
    """Returns a number, which is not negative, by the places of a section."""
    if section.has("/") and section.has("places"):
        return Shown(plain(value), False)  # spreadsheets differ in fractions
    tokens = list(section.tokens)
    kinds = [token.kind for token in tokens]
    if kinds.count(".") > 1 or kinds.count("exponent") > 1 or kinds.count("%") > 1 or kinds.count("places") > MOST_PLACES:
        return Shown(plain(value), False)
    value *= Decimal(100) ** kinds.count("%")
    places = [index for index, kind in enumerate(kinds) if kind == "places"]
    if not places:
        return Shown("".join(token.text for token in tokens), not section.has(".", ",", "exponent", "text"))
    tokens, is_grouped, thousands = _without_commas(tokens, kinds, places)
    value /= Decimal(1000) ** thousands
    kinds = [token.kind for token in tokens]
    power = kinds.index("exponent") if "exponent" in kinds else len(tokens)
    point = kinds.index(".") if "." in kinds[:power] else power
    whole, decimals = tokens[:point], tokens[point:power]
    count = [token.kind for token in decimals].count("places")
    exponent_text = ""
    if power < len(tokens):
        value, exponent = _scaled(value, [token.kind for token in whole].count("places"), count)
        exponent_text = _exponent(tokens[power:], exponent)
    rounded = value.quantize(Decimal(1).scaleb(-count))
    whole_digits, _, decimal_digits = format(rounded, "f").partition(".")
    before = _whole(whole, whole_digits.lstrip("0"), is_grouped=is_grouped)
    behind = _decimals(decimals, decimal_digits)
    has_bare_point = bool(count) and not any(map(str.isdigit, behind))  # Excel shows "5." in 0.##, others "5"
    is_certain = not section.has("text") and not has_bare_point and not (is_grouped and _is_broken(whole))
    return Shown(before + behind + exponent_text, is_certain)


def _without_commas(tokens: Sequence[Token], kinds: Sequence[str], places: Sequence[int]) -> tuple[list[Token], bool, int]:
    """The tokens without the commas that group digits or leave out thousands; whether there are such, and how many of these."""
    point = kinds.index(".") if "." in kinds else len(kinds)
    whole_places = [place for place in places if place < point]
    first, last = (whole_places[0], whole_places[-1]) if whole_places else (0, -1)
    kept: list[Token] = []
    is_grouped, thousands = False, 0
    for index, token in enumerate(tokens):
        if token.kind != ",":
            kept.append(token)
        elif first < index < last:
            is_grouped = True
        elif kinds[places[-1] + 1 : index + 1] == [","] * (index - places[-1]) or (
            whole_places and kinds[last + 1 : index + 1] == [","] * (index - last)
        ):
            thousands += 1
        else:
            kept.append(Token("literal", ","))
    return kept, is_grouped, thousands


def _is_broken(whole: Sequence[Token]) -> bool:
    """Whether something stands between the places of a number."""
    kinds = [token.kind for token in whole]
    first, last = kinds.index("places"), len(kinds) - kinds[::-1].index("places")
    return set(kinds[first:last]) != {"places"}


def _whole(tokens: Sequence[Token], digits: str, *, is_grouped: bool) -> str:
    """The digits before the point, in their places from the right; the first place takes all that are left over."""
    places = [index for index, token in enumerate(tokens) if token.kind == "places"]
    if not places:
        return "".join(token.text for token in tokens) + digits
    pieces: list[str] = []
    count = 0

    def put(digit: str) -> None:
        nonlocal count
        if is_grouped and count and count % 3 == 0:
            pieces.append("," if digit != " " else " ")
        pieces.append(digit)
        count += 1

    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.kind != "places":
            pieces.append(token.text[::-1])
            continue
        if digits:
            put(digits[-1])
            digits = digits[:-1]
        elif token.text == "0":
            put("0")
        elif token.text == "?":
            put(" ")
        while index == places[0] and digits:
            put(digits[-1])
            digits = digits[:-1]
    return "".join(pieces)[::-1]


def _decimals(tokens: Sequence[Token], digits: str) -> str:
    """The digits behind the point; zeros at the end only where the places ask for them."""
    significant = len(digits.rstrip("0"))
    pieces: list[str] = []
    place = 0
    for token in tokens:
        if token.kind != "places":
            pieces.append(token.text)
            continue
        if place < significant or token.text == "0" or any(later.text == "0" for later in _places(tokens)[place:]):
            pieces.append(digits[place])
        elif token.text == "?":
            pieces.append(" ")
        place += 1
    return "".join(pieces)


def _places(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.kind == "places"]


def _scaled(value: Decimal, whole_places: int, decimals: int) -> tuple[Decimal, int]:
    """A number and a power of ten, as ``0.00E+00`` or ``##0.0E+0`` shows them."""
    if not value:
        return value, 0
    step = max(whole_places, 1)
    exponent = value.adjusted() // step * step if step > 1 else value.adjusted()
    scaled = value.scaleb(-exponent)
    if scaled.quantize(Decimal(1).scaleb(-decimals)).adjusted() >= step:
        exponent += step
        scaled = value.scaleb(-exponent)
    return scaled, exponent


def _exponent(tokens: Sequence[Token], exponent: int) -> str:
    sign = "-" if exponent < 0 else "+" if tokens[0].text == "+" else ""
    return "E" + sign + _whole(tokens[1:], str(abs(exponent)).lstrip("0"), is_grouped=False)
