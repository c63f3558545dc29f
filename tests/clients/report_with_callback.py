"""A program that calls models through LiteLLM and reports with the callback file; run in LiteLLM's own venv.

    MARKER=… python report_with_callback.py '{"buffer_dir": "…"}' < commands

Takes commands, `["name", arguments…]` a line, and answers each with a line of JSON. It ends with its input, and does
nothing then: what is sent at the end, the callback sends. No provider is asked: `mock_response` answers.
"""

import asyncio
import json
import multiprocessing
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import farthing_callback
import litellm
from farthing_callback import FarthingLogger
from litellm.caching.caching import Cache

MARKER = os.environ["MARKER"]
QUESTION = [{"role": "user", "content": f"{MARKER}: what is new?"}]
REFUSED = Exception(f"the prompt '{MARKER}: what is new?' is not allowed, says sk-a-key-that-nobody-should-see")
USAGE = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}
ANSWER = {"choices": [{"message": {"role": "assistant", "content": f"{MARKER}: nothing."}}], "usage": USAGE}


def about(feature, **more):
    return {"metadata": {"requester_metadata": {"feature": feature, "team": "search"}, "tags": ["nightly"]}, **more}


def chat(feature, **more):
    return {"model": "gpt-4o", "messages": QUESTION, "mock_response": ANSWER, **about(feature), **more}


def stream(feature):
    answer = litellm.ModelResponse(**ANSWER)
    return chat(feature, stream=True, stream_options={"include_usage": True}, mock_response=answer)


def embedding(feature):
    return {"model": "text-embedding-3-small", "input": [f"{MARKER}: a text"], "mock_response": [0.1], **about(feature)}


# -- commands ---------------------------------------------------------------------------------------------------


def call(feature):
    return litellm.completion(**chat(feature)).id


def every_kind():
    ids = {
        "sync": call("sync"),
        "sync stream": [chunk.id for chunk in litellm.completion(**stream("sync stream"))][-1],
        "sync miss": miss_and_hit(),
    }
    litellm.embedding(**embedding("sync embedding"))
    for feature, refusal in (("sync failure", "litellm.RateLimitError"), ("sync quote", REFUSED)):
        expect_failure(lambda: litellm.completion(**chat(feature, mock_response=refusal)))  # noqa: B023
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(call, [f"thread {number}" for number in range(4)]))
    return ids | asyncio.run(every_async_kind())


def miss_and_hit():
    litellm.cache = Cache()
    missed = call("sync miss")
    while not litellm.cache.cache.cache_dict:  # filled in the background
        time.sleep(0.01)
    assert call("sync hit") == missed
    litellm.cache = None
    return missed


async def every_async_kind():
    try:
        await litellm.acompletion(**chat("async failure", mock_response="litellm.RateLimitError"))
    except litellm.RateLimitError:
        await litellm.aembedding(**embedding("async embedding"))
    ids = {
        "async": (await litellm.acompletion(**chat("async"))).id,
        "async stream": [chunk.id async for chunk in await litellm.acompletion(**stream("async stream"))][-1],
    }
    assert await logger.aflush()
    return ids


def expect_failure(refused):
    try:
        refused()
    except Exception as refusal:
        return type(refusal).__name__
    raise AssertionError("nothing was refused")


def call_in_a_fork(feature):
    """Through the event loop: a fork has none of the threads in which LiteLLM logs the other calls."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    asyncio.run(call_and_flush(feature))
    os._exit(0)


def call_in_a_process(feature):
    process = multiprocessing.get_context("fork").Process(target=asyncio.run, args=(call_and_wait(feature),))
    process.start()
    process.join()
    return process.exitcode


async def call_and_flush(feature):
    await litellm.acompletion(**chat(feature))
    assert await logger.aflush()


async def call_and_wait(feature):
    """Until LiteLLM has logged it; what then waits is sent at the end of the process, or not at all."""
    await litellm.acompletion(**chat(feature))
    await farthing_callback.litellm_has_logged(60)


def flush(seconds):
    return logger.flush(seconds)


def bound(batches):
    """A batch for each event, and few of them: nobody wants to make ten thousand calls."""
    farthing_callback.BATCH_EVENTS, farthing_callback.Memory.most = 1, batches


def broken(_):
    raise KeyError(MARKER)


CALLABLES = {
    "no embeddings": lambda payload: "embedding" not in payload["call_type"],
    "label": lambda payload: {"team": f"team of {payload['model']}", "user": "ana", "tags": ["added"], "tem": "x"},
    "broken": broken,
}

if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    logger = FarthingLogger(**{name: CALLABLES.get(value, value) for name, value in options.items()})
    litellm.callbacks = [logger]
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(globals()[name](*arguments)), flush=True)
