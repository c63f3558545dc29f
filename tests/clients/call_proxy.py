"""A program that calls a LiteLLM proxy with the openai package; run in LiteLLM's own venv.

    PROXY_URL=… PROXY_KEY=… MARKER=… python call_proxy.py < calls.json

Takes `{name: arguments}`, and prints what the caller saw of each call: the response's id, the proxy's id of the call,
the deployment that answered, or the error.
"""

import json
import os
import sys

from openai import APIStatusError, OpenAI

MARKER = os.environ["MARKER"]
client = OpenAI(base_url=os.environ["PROXY_URL"] + "/v1", api_key=os.environ["PROXY_KEY"], max_retries=0)


def chat(**arguments):
    question = [{"role": "user", "content": f"{MARKER}: what is new?"}]
    raw = client.chat.completions.with_raw_response.create(messages=question, **arguments)
    response = raw.parse()
    last = list(response)[-1] if arguments.get("stream") else response
    return {"id": last.id} | seen(raw.headers)


def embed(**arguments):
    raw = client.embeddings.with_raw_response.create(input=[f"{MARKER}: a text"], **arguments)
    return seen(raw.headers)


def seen(headers):
    return {"call_id": headers["x-litellm-call-id"], "deployment": headers.get("x-litellm-model-id")}


def outcome(arguments):
    call = embed if "embedding" in arguments["model"] else chat
    try:
        return call(**arguments)
    except APIStatusError as error:
        return {"error": type(error).__name__} | seen(error.response.headers)


print(json.dumps({name: outcome(arguments) for name, arguments in json.load(sys.stdin).items()}))
