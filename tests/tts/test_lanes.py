from rhapsode.tts import lanes
from rhapsode.tts.engine import RemoteServer
from rhapsode.tts.lanes import Lanes


def test_one_server_never_slows_another():
    kept = Lanes()
    hers, his = (RemoteServer("http://voices.example/v1", key) for key in ("hers", "his"))
    kept.of("openai", hers).paces.observe_first_chunk("nova", 9.0)
    assert kept.of("openai", hers).paces.of("nova").first_chunk_s == 9.0
    assert kept.of("openai", his).paces.of("nova").first_chunk_s is None


def test_the_server_unused_longest_is_forgotten_and_an_engine_of_this_machine_never(monkeypatch):
    monkeypatch.setattr(lanes, "MAX_LANES", 3)
    kept = Lanes()
    local = kept.of("espeak", None)
    servers = [RemoteServer(f"http://{number}.example/v1") for number in range(3)]
    first, second = (kept.of("openai", server) for server in servers[:2])
    assert kept.of("openai", servers[0]) is first
    kept.of("openai", servers[2])
    assert kept.of("espeak", None) is local
    assert kept.of("openai", servers[0]) is first
    assert kept.of("openai", servers[1]) is not second


def test_a_server_with_other_parameters_is_another_server():
    kept = Lanes()
    plain = RemoteServer("http://voices.example/v1")
    other = RemoteServer("http://voices.example/v1", extra_params={"model": "large"})
    assert kept.of("openai", plain) is not kept.of("openai", other)
