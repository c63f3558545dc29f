"""At any moment: a question asked again and again while events arrive and rollups run never drops, never overshoots,
and ends right. Writer and rollup are processes of their own, readers are threads of one process. The writer commits while
a job runs, and stops for none; readers wait for nobody."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from random import Random

from jobs import rebuild, rollup
from models.accounts.sources import Source
from models.usage.event import Event
from tests.properties.agreement import added, answered, assert_agrees, assert_files_hold_what_they_say, rows_of
from tests.properties.books import SUMS, Amounts
from tests.properties.life import Life
from tests.properties.streams import DAY, MINUTE, MINUTES_AWAY, ODD_INSTANTS, Place, Question

SEED = 1_795_262_400
ROUNDS = 2  # of the jobs below
OF_JOB = 12  # commits while it runs
OF_COMMIT = 8  # events, some of which were sent before
STEPS = 150  # that a run takes, more or less
NAMES = tuple(SUMS)
GROWING = [NAMES.index(name) for name in ("requests", "cost", "total_tokens")]
PLACE = Place("Australia/Lord_Howe", ODD_INSTANTS["Australia/Lord_Howe"][0])
START, END = PLACE.odd - 3 * DAY * MINUTE + 1, PLACE.odd + DAY * MINUTE + 1  # all events lie between

REBUILD = partial(rebuild.run, wanted=rebuild.Wanted())

# One for each way to an answer: whole days, whole hours and what is left, a day that is cut, the ledger alone.
QUESTIONS = (
    Question(("model",), "day"),
    Question(("team",), "hour", (), START, END),
    Question(("prompt",), "total", (), START, END),
    Question(("end_user", "token")),
)


def write(folder: Path, workspaces: list[str], asked: "Queue[int]") -> None:
    """As many commits as are asked for, with events that are new, late or sent again; none asked for is the end."""
    life, chance, numbers = Life(folder), Random(SEED), 0
    while commits := asked.get():
        for _ in range(commits):
            numbers += OF_COMMIT
            life.commit(*(event(chance, numbers, workspaces) for _ in range(OF_COMMIT)))
    life.end()


def event(chance: Random, numbers: int, workspaces: list[str]) -> tuple[str, Event]:
    number, minutes, look = chance.randrange(numbers), chance.choice(MINUTES_AWAY), chance.randrange(2**31)
    return chance.choice(workspaces), PLACE.event(number, minutes, look)


def count(folder: Path, asked: "Queue[int]") -> None:
    """Roll up, die of it, roll up again, rebuild; ask for commits before each."""
    life, chance = Life(folder), Random(SEED)
    try:
        for _ in range(ROUNDS):
            for survived, job in (
                (None, rollup.run),
                (chance.randrange(STEPS), rollup.run),
                (None, rollup.run),
                (None, REBUILD),
            ):
                asked.put(OF_JOB)
                life.do(job) if survived is None else life.dies_doing(job, survived)
    finally:
        asked.put(0)
        life.end()


def ask_until(life: Life, workspace_id: str, counting: BaseProcess) -> int:
    """Ask as long as somebody counts, and once more; how often it asked."""
    times, highest = 0, {question: (0,) * len(GROWING) for question in QUESTIONS}
    ended = False
    while not ended:
        ended = not counting.is_alive()
        for question in QUESTIONS:
            before = committed(life, workspace_id)
            answer = answered(life.spend(workspace_id), question)
            after = committed(life, workspace_id)
            told = growing(added(rows_of(answer, question)))
            assert all(least <= each <= most for least, each, most in zip(before, told, after, strict=True)), question
            assert all(last <= each for last, each in zip(highest[question], told, strict=True)), question
            highest[question] = told
            times += 1
    return times


def committed(life: Life, workspace_id: str) -> Amounts:
    with life.books(workspace_id) as books:
        return growing(books.totals(Question(start=START, end=END)))


def growing(amounts: Amounts) -> Amounts:
    return tuple(amounts[index] for index in GROWING)


def test_answers_never_drop_never_overshoot_and_end_right(tmp_path: Path) -> None:
    life = Life(tmp_path)
    workspaces = [life.make_workspace(plan, PLACE.zone, plan).id for plan in ("paid", "free")]
    for workspace in life.workspaces():
        life.define(workspace, "default", (Source("openai", None, None),))
    context = get_context("spawn")
    asked: Queue[int] = context.Queue()
    writing = context.Process(target=write, args=(tmp_path, workspaces, asked))
    counting = context.Process(target=count, args=(tmp_path, asked))
    writing.start()
    counting.start()
    try:
        with ThreadPoolExecutor() as threads:
            asking = [threads.submit(ask_until, life, workspace, counting) for workspace in workspaces]
            assert all(each.result() for each in asking)
    finally:
        asked.put(0)
        writing.join()
        counting.join()
    assert (writing.exitcode, counting.exitcode) == (0, 0)
    ends_right(life, workspaces)
    life.end()


def ends_right(life: Life, workspaces: list[str]) -> None:
    life.do(rollup.run)
    assert_files_hold_what_they_say(life)
    for workspace in workspaces:
        for question in QUESTIONS:
            with life.books(workspace) as books:
                assert_agrees(life.spend(workspace), books, question)
