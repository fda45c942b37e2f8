import subprocess
import sys
import time

import pytest

from rhapsode.tts.engine import SpeechOptions
from rhapsode.tts.framing import FrameDecoder, Message, Ready, Sound, Speak, encode
from rhapsode.tts.process_host import worker_command

SERVER = """
import asyncio
from rhapsode.network import OWN_MACHINE
from rhapsode.tts.engine import SpeechOptions
from rhapsode.tts.registry import build_hosts

async def main():
    host = build_hosts(espeak_workers=2, network=OWN_MACHINE)["espeak"]
    await host.start()
    story = "A long story. " * 20_000
    async with asyncio.TaskGroup() as tasks:
        for _ in range(2):
            tasks.create_task(host.speak(story, "arthur", SpeechOptions(), lambda _: None))
        while len(host.pids) < 2:
            await asyncio.sleep(0.01)
        print(*host.pids, flush=True)

asyncio.run(main())
"""
"""Speaks and says the numbers of its workers."""


@pytest.fixture
def worker():
    process = subprocess.Popen(
        worker_command("espeak"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def read_until(worker: subprocess.Popen[bytes], kind: type[Message]) -> Message:
    frames = FrameDecoder()
    while received := worker.stdout.read(65536):
        for message in frames.push(received):
            if isinstance(message, kind):
                return message
    raise AssertionError("the worker has ended")


def test_it_says_what_it_can_before_it_is_asked(worker):
    ready = read_until(worker, Ready)
    assert isinstance(ready, Ready)
    assert (ready.sample_rate, ready.max_concurrency) == (22_050, 1)
    assert ready.voices[0].id == "arthur"


def test_closing_its_stdin_ends_it(worker):
    read_until(worker, Ready)
    worker.stdin.close()
    assert worker.wait(10) == 0


def test_closing_its_stdin_ends_it_in_the_middle_of_a_sentence(worker):
    read_until(worker, Ready)
    worker.stdin.write(encode(Speak(1, "A long story. " * 20_000, "arthur", SpeechOptions())))
    read_until(worker, Sound)
    began_s = time.monotonic()
    worker.stdin.close()
    assert worker.wait(10) == 0
    assert time.monotonic() - began_s < 5


def test_a_host_that_is_gone_ends_it(worker):
    read_until(worker, Ready)
    worker.stdin.write(encode(Speak(1, "A long story. " * 20_000, "arthur", SpeechOptions())))
    read_until(worker, Sound)
    worker.stdout.close()
    assert worker.wait(10) == 0


def test_a_server_that_is_killed_leaves_no_worker_behind():
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    with server:
        pids = [int(pid) for pid in server.stdout.readline().split()]
        assert len(pids) == 2
        server.kill()
    deadline_s = time.monotonic() + 10
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < deadline_s, "a worker outlives its server"
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    """Tell whether a process is there and no zombie that nobody has collected yet."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return done.stdout.strip()[:1] not in ("", "Z")
