"""Numerals: figures as English words. Pure functions of integers and strings of digits."""

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = [
    "zero",
    "ten",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
]
_SCALES = (
    (10**12, "trillion"),
    (10**9, "billion"),
    (10**6, "million"),
    (10**3, "thousand"),
    (100, "hundred"),
)
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_MOST_DIGITS = 15
"""Longer numbers are read digit by digit, as people do."""

_ROMAN = {"I": 1, "V": 5, "X": 10}


def cardinal(number: int) -> str:
    """Return `three hundred and five` for 305. From 0 to below 10**15."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    for scale, name in _SCALES:
        if number >= scale:
            count, rest = divmod(number, scale)
            words = f"{cardinal(count)} {name}"
            if not rest:
                return words
            return f"{words} and {cardinal(rest)}" if rest < 100 else f"{words} {cardinal(rest)}"
    raise AssertionError("every number from 100 on has a scale")


def ordinal(number: int) -> str:
    """Return `twenty-first` for 21. From 0 to below 10**15."""
    words = cardinal(number)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[cut:]
    if last in _IRREGULAR:
        return words[:cut] + _IRREGULAR[last]
    return words[:-1] + "ieth" if last.endswith("y") else words + "th"


def year(number: int) -> str:
    """Return `nineteen eighty-four` for 1984. From 1000 to 9999."""
    century, rest = divmod(number, 100)
    if century % 10 == 0 and rest < 10:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {_two_digits(rest)}"


def clock(hour: int, minute: int) -> str:
    """Return `ten oh five` for 10:05, and `ten` for the full hour."""
    return f"{cardinal(hour)} {_two_digits(minute)}" if minute else cardinal(hour)


def digits(figures: str) -> str:
    """Return `five five five` for 555; what is no digit is left out."""
    return " ".join(_ONES[int(figure)] for figure in figures if figure.isdecimal())


def number(figures: str) -> str:
    """Return `three point one four` for 3.14, and `one thousand` for 1,000."""
    whole, _, fraction = figures.replace(",", "").partition(".")
    words = _whole(whole) if whole else ""
    if fraction:
        words += f" point {digits(fraction)}"
    return words.strip()


def plural(words: str) -> str:
    """Return `eighties` for `eighty`."""
    if words.endswith("y"):
        return words[:-1] + "ies"
    return words + ("es" if words.endswith(("x", "s")) else "s")


def roman(figures: str) -> int:
    """Return 14 for XIV. Knows I, V and X."""
    values = [_ROMAN[figure] for figure in figures]
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value for value, after in zip(values, following, strict=True)
    )


def _whole(figures: str) -> str:
    if len(figures) > _MOST_DIGITS or (len(figures) > 1 and figures[0] == "0"):
        return digits(figures)
    return cardinal(int(figures))


def _two_digits(value: int) -> str:
    return cardinal(value) if value >= 10 else f"oh {cardinal(value)}"
