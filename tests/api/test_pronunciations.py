"""The dictionary of a story, by its routes."""

import pytest

NIAMH = {"phrase": "Niamh", "spoken": "Neev"}


async def path_of(client) -> str:
    story = (await client.post("/api/stories", json={})).json()
    return f"/api/stories/{story['id']}/pronunciations"


async def test_a_dictionary_is_replaced_as_a_whole(client):
    path = await path_of(client)
    assert (await client.get(path)).json() == {"entries": []}
    entries = [{"phrase": "  Siobhan ", "spoken": "Shivawn"}, NIAMH]
    kept = [{"phrase": "Siobhan", "spoken": "Shivawn"}, NIAMH]
    assert (await client.put(path, json={"entries": entries})).json() == {"entries": kept}
    assert (await client.get(path)).json() == {"entries": kept}
    await client.put(path, json={"entries": [NIAMH]})
    assert (await client.get(path)).json() == {"entries": [NIAMH]}


@pytest.mark.parametrize(
    ("entries", "param", "words"),
    [
        ([NIAMH, {"phrase": "NIAMH", "spoken": "x"}], "entries.1.phrase", "“NIAMH” is there twice"),
        ([{"phrase": "x" * 81, "spoken": "x"}], "entries.0.phrase", "at most 80"),
        ([{"phrase": "x", "spoken": "x" * 121}], "entries.0.spoken", "at most 120"),
        ([{"phrase": " ", "spoken": "x"}], "entries.0.phrase", "at least 1"),
        ([{"phrase": "x", "spoken": "..."}], "entries.0.spoken", "a letter or a figure"),
        ([{"phrase": "x\x00", "spoken": "x"}], "entries.0.phrase", "nobody can read"),
        ([{"phrase": f"x{n}", "spoken": "x"} for n in range(201)], "entries", "200"),
    ],
)
async def test_what_cannot_be_an_entry_is_named(client, entries, param, words):
    path = await path_of(client)
    refused = await client.put(path, json={"entries": entries})
    error = refused.json()["error"]
    assert (refused.status_code, error["param"]) == (422, param)
    assert words in error["message"]
    assert (await client.get(path)).json() == {"entries": []}


async def test_a_dictionary_belongs_to_the_owner_of_its_story(ada, bob):
    path = await path_of(ada)
    assert (await bob.get(path)).status_code == 404
    assert (await bob.put(path, json={"entries": [NIAMH]})).status_code == 404
    assert (await ada.get(path)).json() == {"entries": []}
