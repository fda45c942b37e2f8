"""speakable(): figures and abbreviations in English."""

import pytest

from rhapsode.text.speakable import Diction, speakable
from rhapsode.text.speakable.english.numerals import cardinal, ordinal, roman, year


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        (
            "Dr. Webb met Mr Smith vs. Mrs. Jones.",
            "Doctor Webb met Mister Smith versus Missus Jones.",
        ),
        ("St. Mary's on 12 Elm St.", "Saint Mary's on twelve Elm Street."),
        ("on Main St, near Mulholland Dr.", "on Main Street, near Mulholland Drive."),
        ("Luther King Jr. spoke to Davis Jr.", "Luther King Junior spoke to Davis Junior."),
        ("at 7 a.m. and 9pm", "at seven AM and nine PM"),
        ("10:30, 10:05 PM, 10:00", "ten thirty, ten oh five PM, ten o'clock"),
        (
            "vol. 2, p. 117, pp. 3–5, No. 5",
            "volume two, page one hundred and seventeen, pages three to five, number five",
        ),
        (
            "$5.50, €3m, £2bn, $1",
            "five dollars and fifty cents, three million euros, two billion pounds, one dollar",
        ),
        (
            "$1,234 and 5 € and £0.99",
            "one thousand two hundred and thirty-four dollars and five euros and ninety-nine pence",
        ),
        (
            "5 km, 1 km, 20 °C, 60 mph, 10%",
            "five kilometers, one kilometer, twenty degrees Celsius, sixty miles per "
            "hour, ten percent",
        ),
        (
            "a 5-km run, 6 ft. tall, 3x, 5'10\"",
            "a five-kilometer run, six feet tall, three times, five foot ten",
        ),
        (
            "1/2, 3/4, 2 1/2, 2½, ¾, 24/7",
            "one half, three quarters, two and a half, two and a half, three quarters, "
            "twenty-four seven",
        ),
        (
            "In 1984, 1900, 1905, 2007, 2024",
            "In nineteen eighty-four, nineteen hundred, nineteen oh five, two thousand "
            "and seven, twenty twenty-four",
        ),
        ("the 1980s and the '60s", "the nineteen eighties and the sixties"),
        ("3rd, 21st, 112th", "third, twenty-first, one hundred and twelfth"),
        (
            "1,234,567 and 3.14 and .5 and 007",
            "one million two hundred and thirty-four thousand five hundred and "
            "sixty-seven and three point one four and point five and zero zero seven",
        ),
        (
            "10–12 or 10-12, 1914–1918",
            "ten to twelve or ten to twelve, nineteen fourteen to nineteen eighteen",
        ),
        ("Call 555-0123.", "Call five five five, zero one two three."),
        (
            "2024-05-01, May 5, 1984, 5 May, Jan. 3",
            "May first, twenty twenty-four, May fifth, nineteen eighty-four, the fifth of "
            "May, January third",
        ),
        (
            "Henry VIII, Chapter IV, World War II, Henry V",
            "Henry the Eighth, Chapter four, World War two, Henry the Fifth",
        ),
        ("Malcolm X and I", "Malcolm X and I"),
        ("2 + 2 = 4, it's -5, 5*3", "two plus two equals four, it's minus five, five times three"),
        (
            "R&D w/ cheese w/o it, he/she, #5",
            "R and D with cheese without it, he or she, number five",
        ),
        ("J. R. R. Tolkien of the U.S. army", "J R R Tolkien of the US army"),
        (
            "e.g. this, i.e. that, and so on etc.",
            "for example this, that is that, and so on et cetera.",
        ),
        ("W-what? B-but D-Day", "Wuh-what? Buh-but D-Day"),
        ("ann.lee@example.com", "ann dot lee at example dot com"),
        ("https://www.example.com/a", "example dot com"),
        ("notes_final.pdf", "notes final dot P D F"),
        (
            "R2-D2, A4, v2.0, ~5, C++",
            "R two-D two, A four, v two point zero, about five, C plus plus",
        ),
        ("**Dr.** Webb", "Doctor Webb"),
        ("He said no. It was I. Then he left.", "He said no. It was I. Then he left."),
        ("RUN! I may go to the US in March.", "RUN! I may go to the US in March."),
    ],
)
def test_a_reader_would_say(written: str, spoken: str) -> None:
    assert speakable(written, Diction("en-GB")).text == spoken


@pytest.mark.parametrize(
    ("written", "word", "shown"),
    [
        ("Then Dr. Webb paid $5.50 at once.", "Doctor", "Dr."),
        ("Then Dr. Webb paid $5.50 at once.", "Webb", "Webb"),
        ("Then Dr. Webb paid $5.50 at once.", "fifty", "$5.50"),
        ("Then Dr. Webb paid $5.50 at once.", "once", "once"),
        ("So Henry VIII ate.", "Henry", "Henry"),
        ("So Henry VIII ate.", "Eighth", "VIII"),
        ("It was 10–12 km.", "twelve", "12 km"),
    ],
)
def test_the_highlight_lands_on_what_is_displayed(written: str, word: str, shown: str) -> None:
    spoken = speakable(written, Diction("en"))
    at = spoken.text.index(word)
    start, end = spoken.displayed(at, at + len(word))
    assert written[start:end] == shown


def test_numerals() -> None:
    assert cardinal(0) == "zero"
    assert cardinal(10**12 + 1) == "one trillion and one"
    assert ordinal(20) == "twentieth"
    assert ordinal(100) == "one hundredth"
    assert [roman(figures) for figures in ("I", "IV", "IX", "XIV", "XXXIX")] == [1, 4, 9, 14, 39]
    assert year(2000) == "two thousand"
