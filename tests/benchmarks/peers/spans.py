"""`spans.py N`, run by the peer's Python: an OTLP/HTTP request of N spans, each an LLM call as OpenInference describes it.

The call is that of `tests/benchmarks/bodies.py`, without prompts. The spans of a request share a trace, which Phoenix stores
faster than a trace for each. Nothing of ours is imported: the venv holds the peer only.
"""

import json
import sys
import time

from openinference.semconv.trace import SpanAttributes
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

FRESH, SHARED = b"fresh-id", b"id-of-a-request!"  # as in `sender.py`
TOOK = 1_250_000_000  # nanoseconds
ATTRIBUTES = {
    SpanAttributes.OPENINFERENCE_SPAN_KIND: "LLM",
    SpanAttributes.LLM_MODEL_NAME: "gpt-4o",
    SpanAttributes.LLM_PROVIDER: "openai",
    SpanAttributes.LLM_TOKEN_COUNT_PROMPT: 1200,
    SpanAttributes.LLM_TOKEN_COUNT_COMPLETION: 300,
    SpanAttributes.LLM_TOKEN_COUNT_TOTAL: 1500,
    SpanAttributes.USER_ID: "customer-42",
    SpanAttributes.TAG_TAGS: ["nightly", "release:2026-11"],
    SpanAttributes.METADATA: json.dumps(
        {
            "team": "search",
            "project": "assistant",
            "feature": "summariser",
            "env": "prod",
            "agent": "researcher",
            "user_id": "u-1729",
        }
    ),
}


def span() -> Span:
    now = time.time_ns()
    return Span(
        trace_id=SHARED,
        span_id=FRESH,
        name="ChatCompletion",
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=now,
        end_time_unix_nano=now + TOOK,
        attributes=[KeyValue(key=key, value=value(each)) for key, each in ATTRIBUTES.items()],
        status=Status(code=Status.STATUS_CODE_OK),
    )


def value(each: str | int | list[str]) -> AnyValue:
    if isinstance(each, list):
        return AnyValue(array_value=ArrayValue(values=[value(one) for one in each]))
    return AnyValue(int_value=each) if isinstance(each, int) else AnyValue(string_value=each)


def request(spans: int) -> ExportTraceServiceRequest:
    scope = ScopeSpans(spans=[span() for _ in range(spans)])
    return ExportTraceServiceRequest(resource_spans=[ResourceSpans(scope_spans=[scope])])


if __name__ == "__main__":
    sys.stdout.buffer.write(request(int(sys.argv[1])).SerializeToString())
