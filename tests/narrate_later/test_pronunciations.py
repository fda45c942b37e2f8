"""A dictionary changes what is said, and only where its words are."""

from rhapsode.live.user_events import TtsReady
from rhapsode.stories.pronunciations.repository import PronunciationRepository
from rhapsode.text.speakable.pronunciations import Pronunciation, Pronunciations

TEXT = "Siobhan opened the heavy door of the house. Nobody on the stairs had ever touched it."
SHIVAWN = Pronunciations((Pronunciation("Siobhan", "Shi vawn"), Pronunciation("Niamh", "Neev")))


async def test_only_sentences_with_a_changed_word_are_made_again(workshop, db, ada, write):
    scene = write(ada, TEXT)
    dictionary = PronunciationRepository(db)
    async with workshop() as shop, shop.narrations.running():
        await shop.narrate(ada, scene)
        before = shop.clips(ada, scene)
        dictionary.replace(ada.id, scene.story_id, SHIVAWN)
        await shop.narrations.follow(ada.id, scene)
        await shop.heard.until(TtsReady, 2)
        detail = await shop.state(ada, scene)
        after = shop.clips(ada, scene)
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)
    words = [TEXT[word.c0 : word.c1] for word in detail.chunks[0].words]
    assert words[:3] == ["Siobhan", "Siobhan", "opened"]


async def test_a_dictionary_without_words_of_a_scene_leaves_its_narration_alone(
    workshop, db, ada, write
):
    scene = write(ada, TEXT)
    async with workshop() as shop, shop.narrations.running():
        await shop.narrate(ada, scene)
        before = (await shop.state(ada, scene)).narration
        niamh = Pronunciations(SHIVAWN.entries[1:])
        PronunciationRepository(db).replace(ada.id, scene.story_id, niamh)
        await shop.narrations.follow(ada.id, scene)
        assert (await shop.state(ada, scene)).narration == before
