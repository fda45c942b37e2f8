"""Texts of any length, cut into what the model speaks well."""

import random

from rhapsode.tts.chatterbox.pieces import MAX_CHARS, SHORT_CHARS, cut

SENTENCE = "The lamp went out at ten, and nobody in the harbor saw it."


def words(pieces):
    return " ".join(piece.removesuffix(" ...") for piece in pieces).split()


def test_a_sentence_stays_whole():
    assert cut(f"  {SENTENCE} ") == [SENTENCE]


def test_a_long_text_is_cut_after_sentences():
    text = " ".join([SENTENCE] * 12)
    pieces = cut(text)
    assert all(len(piece) <= MAX_CHARS for piece in pieces)
    assert all(piece.endswith("it.") for piece in pieces)
    assert words(pieces) == text.split()
    assert len(pieces) == 3


def test_a_long_sentence_is_cut_after_clauses():
    text = ", ".join(["and so the old man went on walking"] * 20) + "."
    assert all(piece.endswith((",", ".")) for piece in cut(text))


def test_a_sentence_without_any_mark_is_cut_between_words():
    text = "word " * 200
    assert words(cut(text)) == text.split()


def test_a_word_without_end_is_cut_somewhere():
    assert "".join(cut("a" * 1000)) == "a" * 1000


def test_ten_thousand_characters_lose_nothing():
    chance = random.Random(3)
    marks = ["", "", "", ",", ".", "!", "?", ";", "…"]
    text = " ".join("x" * chance.randrange(1, 12) + chance.choice(marks) for _ in range(1700))[
        :10_000
    ]
    pieces = cut(text)
    assert all(len(piece) <= MAX_CHARS for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_chinese_is_cut_after_its_own_marks():
    pieces = cut("灯在十点熄灭了。" * 60)
    assert all(len(piece) <= MAX_CHARS and piece.endswith("。") for piece in pieces)
    assert "".join(pieces) == "灯在十点熄灭了。" * 60


def test_a_very_short_line_gets_a_pause_to_end_on():
    assert cut("Hi!") == ["Hi! ..."]
    assert cut("Hi...") == ["Hi..."]
    assert cut("[laugh]") == ["[laugh]"]


def test_a_text_does_not_end_in_a_piece_of_one_word():
    text = " ".join(["abcdefg"] * 34) + " at last somebody said it. Yes."
    pieces = cut(text)
    assert len(pieces) == 2
    assert len(pieces[1]) >= SHORT_CHARS
    assert words(pieces) == text.split()


def test_nothing_is_nothing():
    assert cut("  ") == []
