"""A program that calls models through the LiteLLM SDK and reports to Farthing; run in LiteLLM's own venv.

    FARTHING_ENDPOINT=… FARTHING_KEY=… MARKER=… python send_with_sdk.py json_array|ndjson|single

Prints the response ids that its calls saw. No provider is asked: `mock_response` answers.
"""

import asyncio
import json
import os
import sys

import litellm
from litellm.caching.caching import Cache
from litellm.integrations.generic_api.generic_api_callback import GenericAPILogger

MARKER = os.environ["MARKER"]
QUESTION = [{"role": "user", "content": f"{MARKER}: what is new?"}]
EVENTS = 8


def answer(**usage):
    return {"choices": [{"message": {"role": "assistant", "content": f"{MARKER}: nothing."}}], "usage": usage}


def feature(name, **more):
    # Keys of one's own survive only in here: LiteLLM drops what it does not know from `metadata` itself.
    return {"requester_metadata": {"feature": name, **more}}


async def success():
    response = await litellm.acompletion(
        model="gpt-4o-mini",
        messages=QUESTION,
        user="customer-42",
        metadata={
            "requester_metadata": {
                "team": "search",
                "feature": "success",
                "env": "prod",
                "department": "Engineering",
                "agent": "summariser",
                "project": "apollo",
                "endpoint": "/summaries",
                "prompt_id": "summary-v3",
                "user": "ana",
            },
            "tags": ["nightly", "batch:7"],
        },
        mock_response=answer(
            prompt_tokens=1200,
            completion_tokens=300,
            total_tokens=1500,
            prompt_tokens_details={"cached_tokens": 1024},
        ),
    )
    return response.id


async def anthropic():
    response = await litellm.acompletion(
        model="anthropic/claude-haiku-4-5-20251001",
        messages=QUESTION,
        metadata=feature("anthropic") | {"user_api_key_alias": "svc-key", "user_api_key_team_id": "team-9"},
        mock_response=answer(
            prompt_tokens=2550,
            completion_tokens=80,
            total_tokens=2630,
            prompt_tokens_details={"cached_tokens": 2000, "cache_creation_tokens": 500},
            cache_read_input_tokens=2000,
            cache_creation_input_tokens=500,
        ),
    )
    return response.id


async def failure():
    try:
        await litellm.acompletion(
            model="gpt-4o",
            messages=QUESTION,
            metadata=feature("failure", team="search"),
            mock_response="litellm.RateLimitError",
        )
    except litellm.RateLimitError:
        return None


async def stream():
    chunks = await litellm.acompletion(
        model="gpt-4o",
        messages=QUESTION,
        metadata=feature("stream"),
        stream=True,
        stream_options={"include_usage": True},
        mock_response=litellm.ModelResponse(
            **answer(
                prompt_tokens=500,
                completion_tokens=250,
                total_tokens=750,
                completion_tokens_details={"reasoning_tokens": 100},
            )
        ),
    )
    return [chunk.id async for chunk in chunks][-1]


async def embedding():
    await litellm.aembedding(
        model="text-embedding-3-small",
        input=[f"{MARKER}: a text"],
        metadata=feature("embedding"),
        mock_response=[0.1, 0.2],
    )


async def unpriced():
    response = await litellm.acompletion(
        model="openai/nobody-knows-this-model",
        messages=QUESTION,
        metadata=feature("unpriced"),
        mock_response=f"{MARKER}: nothing.",
    )
    return response.id


async def ask_through_cache(name):
    response = await litellm.acompletion(
        model="gpt-4o",
        messages=QUESTION,
        caching=True,
        metadata=feature(name),
        mock_response=answer(prompt_tokens=1000, completion_tokens=500, total_tokens=1500),
    )
    return response.id


async def miss():
    litellm.cache = Cache()
    response_id = await ask_through_cache("miss")
    while not litellm.cache.cache.cache_dict:  # filled in the background
        await asyncio.sleep(0.01)
    return response_id


async def hit():
    return await ask_through_cache("hit")


async def deliver_twice(logger):
    """As LiteLLM does where a time-out hides that the first delivery arrived."""
    batch = list(logger.log_queue)
    await logger.async_send_batch()
    logger.log_queue.extend(batch)
    await logger.async_send_batch()


async def main(log_format):
    logger = GenericAPILogger(
        endpoint=os.environ["FARTHING_ENDPOINT"],
        headers={"Authorization": f"Bearer {os.environ['FARTHING_KEY']}"},
        log_format=log_format,
        max_retries=3,
        flush_interval=600,  # only we send, so that all events are one batch
    )
    litellm.callbacks = [logger]
    calls = (success, anthropic, failure, stream, embedding, unpriced, miss, hit)
    seen = {call.__name__: await call() for call in calls}
    while len(logger.log_queue) < EVENTS:  # LiteLLM logs in the background
        await asyncio.sleep(0.05)
    await deliver_twice(logger)
    print(json.dumps(seen))


asyncio.run(main(sys.argv[1]))
