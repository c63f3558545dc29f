"""The least that a LiteLLM body costs: msgspec reads the same bytes to untyped values, and that is all."""

import json
import sys
from time import perf_counter

import msgspec

from tests.benchmarks.bodies import LITELLM_BATCH, litellm


def rate(body: bytes, seconds: float) -> float:
    """Events a second."""
    started, events = perf_counter(), 0
    while (took := perf_counter() - started) < seconds:
        msgspec.json.decode(body)
        events += LITELLM_BATCH
    return events / took


if __name__ == "__main__":
    print(json.dumps({"events/s": rate(litellm(), float(sys.argv[1]))}))
