"""Every metric of the server, by name; whoever knows a figure sets it here.

They live in the registry of `prometheus_client`, one for the process, as its users expect.
"""

from prometheus_client import Counter, Gauge, Histogram, generate_latest

_QUICK_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30)
_RATIO = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1, 1.25, 1.5, 2, 5)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of `exposition`: the text format that every collector reads."""

LLM_TTFT = Histogram(
    "rhapsode_llm_ttft_seconds", "From the request to the first text of a scene.", buckets=_QUICK_S
)
TTFA = Histogram(
    "rhapsode_ttfa_seconds",
    "From the request to the first sound of a scene.",
    ["engine"],
    buckets=_QUICK_S,
)
TTS_FIRST_CHUNK = Histogram(
    "rhapsode_tts_first_chunk_seconds",
    "From a sentence's turn to its first sound.",
    ["engine"],
    buckets=_QUICK_S,
)
TTS_RTF = Histogram(
    "rhapsode_tts_rtf",
    "Seconds of an engine's work per second of sound, by sentence.",
    ["engine"],
    buckets=_RATIO,
)
TTS_QUEUE_WAIT = Histogram(
    "rhapsode_tts_queue_wait_seconds",
    "How long a sentence waited for a busy engine.",
    ["lane"],
    buckets=_QUICK_S,
)
SENTENCES = Counter("rhapsode_sentences_total", "Sentences that were spoken.", ["engine", "lane"])
SOUND = Counter("rhapsode_sound_seconds_total", "Speech that was made.", ["engine", "lane"])

SESSIONS_ACTIVE = Gauge("rhapsode_sessions_active", "Scenes that are being told live.")
AUDIO_LEAD = Histogram(
    "rhapsode_audio_lead_seconds",
    "The least sound that was waiting for a scene's listener when more came.",
    buckets=(0, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30),
)
AUDIO_UNDERRUNS = Counter(
    "rhapsode_audio_underruns_total", "How often a listener's sound ran out, as clients report."
)
RESUMES = Counter(
    "rhapsode_resume_total", "Sockets that went on where another had stopped.", ["result"]
)
JOURNAL_GAPS = Counter(
    "rhapsode_journal_gap_total", "Readers who asked for events that are no longer kept."
)
SLOW_CONSUMERS = Counter(
    "rhapsode_ws_slow_consumer_total", "Sockets closed because their client took nothing."
)
NARRATIONS = Counter(
    "rhapsode_narrations_total", "Narrations in the background, by how they ended.", ["state"]
)
EVENT_LOOP_LAG = Gauge(
    "rhapsode_event_loop_lag_seconds", "How late the event loop was, lately: 0 when it has time."
)


def exposition() -> bytes:
    """Return every metric in Prometheus's text format."""
    return generate_latest()
