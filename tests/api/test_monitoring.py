"""The figures that a collector reads."""

import pytest

from tests.serving import serving, settings_for


async def test_the_figures_of_a_told_scene_can_be_collected(client):
    story = (await client.post("/api/stories", json={"title": "Lamps"})).json()
    told = await client.post(f"/api/stories/{story['id']}/scenes", json={})
    assert told.status_code == 201
    figures = await client.get("/metrics")
    assert figures.headers["content-type"].startswith("text/plain; version=0.0.4")
    for name in (
        "rhapsode_llm_ttft_seconds_count",
        "rhapsode_sessions_active 0.0",
        "rhapsode_event_loop_lag_seconds",
        "rhapsode_audio_underruns_total",
        "process_resident_memory_bytes",
    ):
        assert f"\n{name}" in figures.text


async def test_in_accounts_mode_only_an_administrator_reads_them(ada, bob, stranger):
    assert (await ada.get("/metrics")).status_code == 200
    for other in (bob, stranger):
        refused = await other.get("/metrics")
        assert refused.status_code == 401
        assert "RHAPSODE_METRICS_TOKEN" in refused.json()["error"]["message"]


@pytest.mark.parametrize(("shown", "status"), [("Bearer wide open", 200), ("Bearer wide", 401)])
async def test_a_collector_shows_its_token(tmp_path, shown, status):
    settings = settings_for(tmp_path, auth="accounts", metrics_token="wide open")
    async with serving(settings) as server, server.client() as collector:
        answer = await collector.get("/metrics", headers={"Authorization": shown})
    assert answer.status_code == status
