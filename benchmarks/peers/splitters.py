"""Cuts token streams into sentences with one of several splitters, in that one's own environment.

Reads `{"splitter": ..., "texts": [[token, ...], ...]}` from stdin; writes for every text the
sentences with the number of the token after which each was given out, and the CPU it took.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator

Cut = list[tuple[str, int]]
"""Sentences, each with the number of tokens that had been read."""


def ours(tokens: list[str]) -> Cut:
    """Ask after every token, as a listener does who is in no hurry."""
    from rhapsode.text.sentences import SentenceBuffer

    buffer, cut = SentenceBuffer(10_000), Cut()
    for number, token in enumerate(tokens, 1):
        buffer.push(token)
        while fragment := buffer.take():
            cut.append((fragment.text, number))
    buffer.close()
    while fragment := buffer.take():
        cut.append((fragment.text, len(tokens)))
    return cut


def pysbd(tokens: list[str]) -> Cut:
    """Segment what there is with every token; all sentences but the last have ended."""
    import pysbd

    segmenter, text, cut = pysbd.Segmenter(language="en", clean=False), "", Cut()
    for number, token in enumerate(tokens, 1):
        text += token
        found = segmenter.segment(text)
        for sentence in found[:-1]:
            cut.append((sentence, number))
        text = text[sum(len(sentence) for sentence in found[:-1]) :]
    cut.append((text, len(tokens)))
    return cut


def stream2sentence(tokens: list[str]) -> Cut:
    """RealtimeTTS's splitter, told to keep short sentences apart."""
    from stream2sentence import generate_sentences

    read = 0

    def reading() -> Iterator[str]:
        nonlocal read
        for token in tokens:
            read += 1
            yield token

    sentences = generate_sentences(
        reading(), minimum_sentence_length=1, minimum_first_fragment_length=1
    )
    return [(sentence, read) for sentence in sentences]


def pipecat(tokens: list[str]) -> Cut:
    """The aggregator of its speech services."""
    from pipecat.utils.text.simple_text_aggregator import SimpleTextAggregator

    async def run() -> Cut:
        aggregator, cut = SimpleTextAggregator(), Cut()
        for number, token in enumerate(tokens, 1):
            async for sentence in aggregator.aggregate(token):
                cut.append((sentence.text, number))
        rest = await aggregator.flush()
        return [*cut, (rest.text, len(tokens))] if rest else cut

    return asyncio.run(run())


def livekit(tokens: list[str]) -> Cut:
    """The splitter of its speech adapter, told to keep short sentences apart."""
    from livekit.agents.tokenize import blingfire

    async def run() -> Cut:
        stream, cut, read = blingfire.SentenceTokenizer(min_sentence_len=1).stream(), Cut(), 0

        async def write() -> None:
            nonlocal read
            for token in tokens:
                read += 1
                stream.push_text(token)
                await asyncio.sleep(0)
            stream.end_input()

        writing = asyncio.create_task(write())
        cut = [(sentence, read) async for sentence in _tokens_of(stream)]
        await writing
        return cut

    return asyncio.run(run())


async def _tokens_of(stream: object) -> AsyncIterator[str]:
    async for event in stream:
        yield event.token


SPLITTERS: dict[str, Callable[[list[str]], Cut]] = {
    "ours": ours,
    "pysbd": pysbd,
    "stream2sentence": stream2sentence,
    "pipecat": pipecat,
    "livekit": livekit,
}

if __name__ == "__main__":
    job = json.load(sys.stdin)
    split = SPLITTERS[job["splitter"]]
    split(["One. ", "Two."])
    began_s = time.process_time()
    cuts = [split(tokens) for tokens in job["texts"]]
    cpu_s = time.process_time() - began_s
    json.dump({"cuts": cuts, "cpu_s": cpu_s}, sys.stdout)
