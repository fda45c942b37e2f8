from rhapsode.tts import pace
from rhapsode.tts.pace import Pace, Paces, Spoken


def test_a_voice_that_never_spoke_is_taken_for_the_average_one():
    paces = Paces()
    paces.observe_first_chunk("nova", 0.2)
    paces.observe_speech("nova", Spoken(0.2, work_s=1.0, first_sound_s=0.8, sound_s=4.0))
    assert paces.of("echo") == Pace(
        first_chunk_s=0.2, rtf=0.25, streaming_rtf=0.25, first_sound_s=0.8
    )


def test_a_sentence_that_came_in_one_piece_says_nothing_of_how_more_would_come():
    """A "Yes." would make a slow engine look quick."""
    paces = Paces()
    paces.observe_speech("nova", Spoken(0.2, work_s=0.2, first_sound_s=0.3, sound_s=0.3))
    assert paces.of("nova").streaming_rtf is None
    assert paces.of("nova").rtf > 0


def test_every_voice_has_a_pace_of_its_own():
    paces = Paces()
    paces.observe_first_chunk("nova", 0.2)
    paces.observe_first_chunk("echo", 0.8)
    assert paces.of("nova").first_chunk_s == 0.2
    assert paces.of("echo").first_chunk_s == 0.8


def test_the_newest_sentences_count_most():
    paces = Paces()
    for seconds in (1.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1):
        paces.observe_first_chunk("nova", seconds)
    assert 0.1 < paces.of("nova").first_chunk_s < 0.2


def test_the_voice_unused_longest_is_forgotten(monkeypatch):
    monkeypatch.setattr(pace, "MAX_VOICES", 2)
    paces = Paces()
    paces.observe_first_chunk("nova", 0.5)
    paces.observe_first_chunk("echo", 0.1)
    paces.observe_first_chunk("onyx", 0.1)
    assert paces.of("nova").first_chunk_s < 0.5
    assert paces.of("echo").first_chunk_s == 0.1
