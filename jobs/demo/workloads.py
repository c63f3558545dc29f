"""Workloads: who calls which model, how often and how much, on an ordinary day. A company is a tuple of them.

Names are made up; models and providers are those whose prices Farthing knows, but for the two that are meant to have
none. Nothing here knows a date: what changes over time is a story.
"""
# ruff: noqa: S105, S106 - a token is a name here

from dataclasses import dataclass

# How a day's calls spread over its 24 hours, UTC; only proportions count.
OFFICE = (1, 1, 1, 1, 1, 2, 4, 9, 16, 20, 20, 18, 15, 17, 20, 20, 18, 13, 8, 5, 4, 3, 2, 1)
EVENINGS = (5, 4, 3, 2, 2, 2, 4, 7, 11, 14, 15, 15, 14, 14, 15, 15, 15, 15, 15, 14, 13, 12, 10, 7)
NIGHT = (0, 4, 10, 10, 4) + (0,) * 19
AFTERNOON = (0,) * 13 + (4, 10, 10, 6) + (0,) * 7
ALWAYS = (1,) * 24

Range = tuple[int, int]


@dataclass(frozen=True)
class Workload:
    """One place that calls one model. `calls` is their number on a working day in the middle of the ninety."""

    name: str
    calls: int
    provider: str
    model: str
    input: Range  # tokens, all in
    output: Range  # tokens, all out
    team: str | None = None
    department: str | None = None
    project: str | None = None
    endpoint: str | None = None
    feature: str | None = None
    agent: str | None = None
    env: str | None = "prod"
    user: str | None = None
    token: str = "backend"
    key: str = "backend"
    source: str = "rest"
    model_group: str | None = None
    prompt: str | None = None
    tags: tuple[tuple[str, ...], ...] = ((),)  # one of these sets for each call
    customers: int = 0  # served in turn, the low numbers most often
    customer: str | None = None  # always the same one
    hours: tuple[int, ...] = OFFICE
    weekend: float = 0.3  # a weekend day's share of a working day's calls
    prompt_cache: float = 0  # share of the input that the provider had cached
    thinking: float = 0  # share of the output
    cache_hits: float = 0  # share of calls that a response cache answers
    failures: float = 0.008
    error: tuple[str, str] = ("RateLimitError", "429")  # class and code
    surcharge: int | None = None  # per cent on the list price, where a reseller says what it took
    ms_per_token: float = 11


ACME = (
    Workload(
        "assistant", 450, "openai", "gpt-5.6-sol", (2_500, 20_000), (150, 1_800),
        team="assistant", department="Product", project="atlas", endpoint="/assistant/chat", feature="chat",
        user="svc-assistant", token="assistant-web", key="gateway", source="litellm", model_group="smart",
        prompt="assistant-v11", tags=(("plan:pro",), ("plan:pro", "beta"), ("plan:starter",), ("plan:starter",)),
        customers=240, hours=EVENINGS, weekend=0.55, prompt_cache=0.35, thinking=0.3,
    ),
    Workload(
        "support reply", 380, "anthropic", "claude-sonnet-4-6", (6_000, 34_000), (150, 900),
        team="support", department="Customer care", project="helpdesk", endpoint="/support/reply", feature="replies",
        user="svc-support", token="support-desk", key="gateway", source="litellm", model_group="writer",
        prompt="reply-v4", tags=(("channel:mail",), ("channel:mail",), ("channel:chat",)),
        customers=240, weekend=0.45, failures=0.012, error=("OverloadedError", "529"),
    ),
    Workload(
        "support triage", 260, "openai", "gpt-5.6-luna", (600, 3_500), (20, 120),
        team="support", department="Customer care", project="helpdesk", endpoint="/support/triage", feature="triage",
        user="svc-support", token="support-desk", key="gateway", source="litellm", model_group="fast",
        prompt="triage-v2", tags=(("channel:mail",), ("channel:chat",)), customers=240, weekend=0.45,
    ),
    Workload(
        "help answers", 220, "openai", "gpt-5.6-terra", (4_000, 18_000), (250, 1_400),
        team="search", department="Product", project="helpdesk", endpoint="/help/answers", feature="help centre",
        user="svc-search", token="help-centre", prompt="help-v6", customers=240, hours=EVENINGS, weekend=0.6,
    ),
    Workload(
        "search answers", 260, "openai", "gpt-5.6-terra", (4_000, 17_000), (120, 700),
        team="search", department="Product", project="atlas", endpoint="/search/answer", feature="search",
        user="svc-search", token="search-api", prompt="search-v9", tags=(("plan:pro",), ("plan:starter",)),
        customers=240, hours=EVENINGS, weekend=0.5, prompt_cache=0.2,
    ),
    Workload(
        "search index", 180, "openai", "text-embedding-3-large", (800, 8_000), (0, 0),
        team="search", department="Product", project="atlas", endpoint="/search/index", feature="search",
        user="svc-search", token="search-api", hours=ALWAYS, weekend=0.8, ms_per_token=0.05,
    ),
    Workload(
        "documents", 200, "google", "gemini-3.5-flash", (8_000, 70_000), (300, 3_200),
        team="documents", department="Product", project="atlas", endpoint="/documents/extract", feature="extraction",
        user="svc-documents", token="documents-api", prompt="extract-v3", customers=120, failures=0.015,
    ),
    Workload(
        "invoices", 90, "bedrock", "anthropic.claude-haiku-4-5-20251001-v1:0", (7_000, 45_000), (300, 2_500),
        team="finance", department="Operations", project="ledger", endpoint="/invoices/read", feature="invoices",
        user="svc-finance", token="finance-desk", prompt="invoice-v1", weekend=0.1,
    ),
    Workload(
        "code review", 190, "anthropic", "claude-opus-5", (20_000, 150_000), (600, 4_500),
        team="platform", department="Engineering", project="tooling", endpoint="/agents/review", feature="code review",
        agent="reviewer", user="svc-ci", token="code-review", key="gateway", source="litellm", model_group="careful",
        prompt="review-v5", tags=(("repo:core",), ("repo:core",), ("repo:web",), ("repo:mobile",)),
        weekend=0.12, prompt_cache=0.65, thinking=0.4, ms_per_token=16,
    ),
    Workload(
        "analyst", 75, "anthropic", "claude-opus-5", (35_000, 170_000), (800, 6_000),
        team="data", department="Engineering", project="insight", endpoint="/agents/analyst", feature="reports",
        agent="analyst", user="svc-data", token="analyst", key="gateway", source="litellm", model_group="careful",
        prompt="analyst-v2", weekend=0.1, prompt_cache=0.45, thinking=0.35, failures=0.03,
        error=("ContextWindowExceededError", "400"), ms_per_token=16,
    ),
    Workload(
        "prospects", 70, "google", "gemini-3.1-pro-preview", (25_000, 160_000), (900, 5_500),
        team="sales", department="Marketing", project="outreach", endpoint="/agents/prospects", feature="prospects",
        agent="researcher", user="svc-sales", token="sales-agent", prompt="prospect-v1", weekend=0.05, thinking=0.4,
    ),
    Workload(
        "copy", 80, "mistral", "mistral-medium-latest", (3_000, 18_000), (800, 4_500),
        team="brand", department="Marketing", project="outreach", endpoint="/copy/draft", feature="copy",
        user="svc-brand", token="copy-desk", prompt="copy-v7", weekend=0.05,
    ),
    Workload(
        "translations", 150, "openrouter", "deepseek/deepseek-chat-v3.1", (1_200, 9_000), (900, 8_000),
        team="brand", department="Marketing", project="atlas", endpoint="/translate", feature="translation",
        user="svc-brand", token="translator", tags=(("locale:de",), ("locale:fr",), ("locale:ja",)),
        weekend=0.2, surcharge=5,
    ),
    Workload(
        "nightly labels", 180, "openai", "gpt-5-mini", (2_000, 12_000), (60, 400),
        team="data", department="Engineering", project="insight", endpoint="/jobs/label", feature="labels",
        user="svc-data", token="nightly", key="nightly", tags=(("nightly", "job:label"),),
        hours=NIGHT, weekend=1,
    ),
    Workload(
        "checks", 60, "openai", "gpt-5.6-terra", (800, 4_000), (100, 700),
        team="platform", department="Engineering", project="tooling", endpoint="/ci/evals", feature="evals",
        env="staging", user="svc-ci", token="ci-evals", key="nightly", tags=(("nightly", "job:evals"),), hours=NIGHT,
        weekend=1,
    ),
    Workload(
        "in-house", 110, "vllm", "qwen3-32b", (1_000, 9_000), (100, 1_200),
        team="research", department="Engineering", project="insight", endpoint="/lab/chat", feature="experiments",
        env="staging", user="svc-research", token="lab", key="nightly", weekend=0.2,
    ),
)  # fmt: skip

LABS = (
    Workload(
        "summaries", 90, "openai", "gpt-5.6-luna", (2_000, 14_000), (150, 900),
        team="notes", endpoint="/notes/summary", feature="summaries", token="default", key="default",
        customers=30, weekend=0.6,
    ),
    Workload(
        "drafts", 40, "anthropic", "claude-haiku-4-5", (1_500, 9_000), (300, 1_800),
        team="notes", endpoint="/notes/draft", feature="drafts", token="default", key="default",
        customers=30, weekend=0.6,
    ),
    Workload(
        "titles", 30, "mistral", "mistral-small-latest", (300, 1_500), (5, 30),
        team="notes", endpoint="/notes/title", feature="titles", token="default", key="default",
        customers=30, weekend=0.6,
    ),
)  # fmt: skip
