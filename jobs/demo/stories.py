"""Stories: what happens to the companies of the demo, and which question shows it. One is told in one place, here.

Days are counted from the end: day 0 is today. While a story runs, `tell` makes of a day's workloads what they are then;
docs/demo.md lists the stories from here, and the tests ask each question of a demo that was seeded.
"""
# ruff: noqa: S106 - a token is a name here

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from jobs.demo.workloads import ACME, AFTERNOON, ALWAYS, LABS, Workload

DAYS = 90
OLDEST = DAYS - 1
ALL_DAYS = range(OLDEST, -1, -1)

Workloads = tuple[Workload, ...]


def as_ever(workloads: Workloads) -> Workloads:
    """Nothing changes: the story is in how every day is drawn."""
    return workloads


@dataclass(frozen=True)
class Story:
    """`since` and `until` are its first and its last day; `question` is a query string of `/api/v1/spend`."""

    name: str
    says: str
    question: str
    since: int = OLDEST
    until: int = 0
    company: str = "acme"
    tell: Callable[[Workloads], Workloads] = as_ever

    def runs(self, day: int) -> bool:
        return self.until <= day <= self.since


@dataclass(frozen=True)
class Company:
    """A workspace of the demo."""

    name: str
    plan: str
    workloads: Workloads

    def on(self, day: int) -> Workloads:
        """Who calls what, so many days before the end."""
        workloads = self.workloads
        for story in STORIES:
            if story.company == self.name and story.runs(day):
                workloads = story.tell(workloads)
        return workloads


def with_more(*workloads: Workload) -> Callable[[Workloads], Workloads]:
    return lambda others: (*others, *workloads)


def changing(name: str, **values: Any) -> Callable[[Workloads], Workloads]:
    """That workload with other values, all others as they are."""
    return lambda workloads: tuple(replace(each, **values) if each.name == name else each for each in workloads)


STORIES = (
    Story(
        "the week",
        "Saturdays and Sundays are quiet.",
        "last=90d&granularity=day&measures=requests,cost",
    ),
    Story(
        "growth",
        "Every month has more requests than the one before.",
        "last=30d&compare=previous&measures=requests,cost",
    ),
    Story(
        "a cheaper model",
        "The support team moves its replies to a smaller model: spend falls, requests stay.",
        "last=60d&granularity=week&group_by=model&where=endpoint:/support/reply&measures=cost,requests,cost_per_request",
        since=35,
        tell=changing("support reply", model="claude-haiku-4-5", ms_per_token=6),
    ),
    Story(
        "a response cache",
        "The help centre stops asking what it was asked before: a third of its calls cost nothing.",
        "last=60d&granularity=week&where=endpoint:/help/answers&measures=cost,saved,cache_hit_rate",
        since=40,
        tell=changing("help answers", cache_hits=0.34),
    ),
    Story(
        "a longer prompt",
        "A new version of the assistant's prompt makes each of its calls dearer.",
        "last=60d&group_by=prompt&where=endpoint:/assistant/chat&measures=cost,requests,cost_per_request",
        since=20,
        tell=changing("assistant", prompt="assistant-v12", input=(5_000, 30_000)),
    ),
    Story(
        "a retry storm",
        "A client of the document service gives up too early and asks again, a whole afternoon long.",
        "last=30d&granularity=day&where=endpoint:/documents/extract&measures=requests,errors,error_rate",
        since=17,
        until=17,
        tell=with_more(
            Workload(
                "retries", 2_200, "google", "gemini-3.5-flash", (8_000, 70_000), (300, 3_200),
                team="documents", department="Product", project="atlas", endpoint="/documents/extract",
                feature="extraction", user="svc-documents", token="documents-api", prompt="extract-v3", customers=120,
                hours=AFTERNOON, weekend=1, failures=0.94, error=("Timeout", "408"),
            )
        ),
    ),
    Story(
        "a noisy customer",
        "A script of customer-0042 calls the assistant in a tight loop for three days.",
        "last=14d&group_by=end_user&where=end_user!:(none)&measures=requests,cost&order=-requests&limit=5",
        since=12,
        until=10,
        tell=with_more(
            Workload(
                "loop", 800, "openai", "gpt-5.6-sol", (5_000, 30_000), (150, 600),
                team="assistant", department="Product", project="atlas", endpoint="/assistant/chat", feature="chat",
                user="svc-assistant", token="assistant-web", key="gateway", source="litellm", model_group="smart",
                prompt="assistant-v12", tags=(("plan:starter",),), customer="customer-0042", hours=ALWAYS, weekend=1,
                prompt_cache=0.35,
            )
        ),
    ),
    Story(
        "a model without a price",
        "Research tries a preview that no price list has yet; like the model in the house, it is counted as unpriced.",
        "last=30d&group_by=provider,model&where=cost_source:unpriced&measures=requests,unpriced_requests,total_tokens",
        since=8,
        tell=with_more(
            Workload(
                "preview", 60, "mistral", "mistral-next-preview", (1_000, 12_000), (200, 2_500),
                team="research", department="Engineering", project="insight", endpoint="/lab/chat",
                feature="experiments", env="staging", user="svc-research", token="lab", key="nightly", weekend=0.3,
            )
        ),
    ),
    Story(
        "a leaked token",
        "The token of the nightly checks gets out and burns for two days, from nobody's endpoint.",
        "last=14d&granularity=day&where=token:ci-evals&measures=cost,requests",
        since=5,
        until=4,
        tell=with_more(
            Workload(
                "leak", 900, "openai", "gpt-5.6-sol", (1_000, 6_000), (3_000, 16_000), env=None, user="svc-ci",
                token="ci-evals", key="nightly", hours=ALWAYS, weekend=1, failures=0.03,
            )
        ),
    ),
    Story(
        "a reseller's surcharge",
        "Translations are bought from a reseller, which says what it took: five per cent above its price list.",
        "last=30d&group_by=provider&measures=cost,drift&order=-drift&limit=1",
    ),
    Story(
        "the free plan",
        "The key of acme-labs defines OpenAI's calls as its sources: those of other providers are stored, not shown.",
        "last=90d&group_by=provider&measures=requests,cost",
        company="acme-labs",
    ),
)  # fmt: skip

COMPANIES = (Company("acme", "paid", ACME), Company("acme-labs", "free", LABS))
TOLD = next(story for story in STORIES if story.name == "a leaked token")  # by every start of the demo
