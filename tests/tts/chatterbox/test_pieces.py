"""Texts of any length, cut into what the model speaks well."""

import random

from rhapsode.tts.chatterbox.pieces import MAX_LETTERS, SHORT_LETTERS, cut, letters

SENTENCE = "The lamp went out at ten, and nobody in the harbor saw it."


def words(pieces):
    return " ".join(piece.removesuffix(" ...") for piece in pieces).split()


def test_a_sentence_stays_whole():
    assert cut(f"  {SENTENCE} ") == [SENTENCE]


def test_a_long_text_is_cut_after_sentences():
    text = " ".join([SENTENCE] * 12)
    pieces = cut(text)
    assert all(letters(piece) <= MAX_LETTERS for piece in pieces)
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
    assert all(letters(piece) <= MAX_LETTERS for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_chinese_is_cut_after_its_own_marks():
    pieces = cut("灯在十点熄灭了。" * 60)
    assert all(letters(piece) <= MAX_LETTERS and piece.endswith("。") for piece in pieces)
    assert "".join(pieces) == "灯在十点熄灭了。" * 60


def test_signs_that_take_long_to_say_count_for_more():
    assert letters("The lamp.") == 9
    assert letters("灯が消えた。") == 5 * 3 + 1
    assert letters("불이 꺼졌다.") == 5 * 3 + 2
    assert letters("1984") == 24


def test_korean_without_any_mark_is_cut_into_what_the_model_has_room_for():
    """A syllable is up to three text tokens, and 300 of them leave room for what is said."""
    text = "불이꺼졌다 " * 100
    pieces = cut(text)
    assert all(3 * sum(map(str.isalpha, piece)) <= 300 for piece in pieces)
    assert words(pieces) == text.split()


def test_a_line_of_few_signs_is_not_short_where_each_says_much():
    assert cut("昨晚没有人看见灯熄灭。") == ["昨晚没有人看见灯熄灭。"]
    assert cut("好。") == ["好。 ..."]


def test_words_that_are_moved_do_not_make_the_last_piece_too_long():
    text = " ".join(["a" * 60, "b" * 60, "c" * 60, "d" * 60, "e" * 20, "f" * 60])
    assert all(letters(piece) <= MAX_LETTERS for piece in cut(text))
    text = f"{'a' * 6} {'b' * 67} {'c' * 67} {'d' * 67} {'e' * 67} {'f' * 20}"
    pieces = cut(text)
    assert all(letters(piece) <= MAX_LETTERS for piece in pieces)
    assert words(pieces) == text.split()


def test_a_very_short_line_gets_a_pause_to_end_on():
    assert cut("Hi!") == ["Hi! ..."]
    assert cut("Hi...") == ["Hi..."]
    assert cut("[laugh]") == ["[laugh]"]


def test_a_text_does_not_end_in_a_piece_of_one_word():
    text = " ".join(["abcdefg"] * 34) + " at last somebody said it. Yes."
    pieces = cut(text)
    assert len(pieces) == 2
    assert letters(pieces[1]) >= SHORT_LETTERS
    assert words(pieces) == text.split()


def test_nothing_is_nothing():
    assert cut("  ") == []
