"""The benchmarks' own arithmetic and bodies. No time is asserted here, nor anywhere."""

import msgspec
import pytest

from tests.benchmarks import bodies, report
from tests.benchmarks.benchmark import OURS, AtLeast, AtMost, Benchmark, Comparison, Conditions, Contestant, compare
from tests.benchmarks.benchmark import take_turns as turns_of
from tests.benchmarks.generator import Request, complete
from tests.benchmarks.report import Report, cells


def compared(comparison, ours, theirs=()):
    turns = {OURS: [{"events/s": value} for value in ours], "no-op": [{"events/s": value} for value in theirs]}
    return compare(Benchmark("ingest", (), (comparison,)), turns)


def test_a_comparison_is_of_medians_and_its_target_is_for_the_ratio():
    (line,) = compared(Comparison("events/s", "no-op", AtLeast(0.18)), ours=[1, 20, 1000], theirs=[90, 100, 5])
    assert (line.ours, line.theirs, line.ratio, line.met) == (20, 90, 20 / 90, True)


def test_without_a_yardstick_the_target_is_for_the_figure():
    (line,) = compared(Comparison("events/s", target=AtMost(250)), ours=[251, 251, 100])
    assert (line.ours, line.ratio, line.met) == (251, None, False)


def test_what_a_machine_does_not_tell_is_left_out():
    assert compared(Comparison("MB of memory", target=AtMost(250)), ours=[1, 2, 3]) == []


def test_contestants_take_turns_each_on_a_fresh_folder(tmp_path):
    folders = []

    def turn(conditions: Conditions):
        folders.append(conditions.folder)
        (conditions.folder / "left behind").touch()
        return {}

    benchmark = Benchmark("any", (Contestant("no-op", turn), Contestant(OURS, turn)), ())
    assert [name for name, _ in turns_of(benchmark, 2, 1, tmp_path)] == ["no-op", OURS, "no-op", OURS]
    assert len(set(folders)) == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("ours", "verdict"), [(30, "met"), (3, "missed")])
def test_the_table_says_whether_a_target_is_met(ours, verdict):
    (line,) = compared(Comparison("events/s", "no-op", AtLeast(0.18)), ours=[ours], theirs=[100])
    assert [str(cell) for cell in cells(line)][-2:] == ["≥ 0.18 ×", verdict]


def test_the_page_holds_what_was_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    report.PAGE.write_text(
        "Before\n<!-- figures: measured -->\n<!-- end of figures -->\nafter\n<!-- end of figures -->\n"
    )
    Report(quick=False, lines=compared(Comparison("events/s", "no-op", AtLeast(0.18)), [30], [100])).record("measured")
    page = report.PAGE.read_text()
    assert "| ingest | events/s | 30 | no-op | 100 | 0.3 × | ≥ 0.18 × | met |" in page
    assert page.count("| ingest |") == 1
    assert page.endswith("<!-- end of figures -->\nafter\n<!-- end of figures -->\n")


# -- bodies -----------------------------------------------------------------------------------------------------


def test_litellm_batches_are_of_real_size_and_every_request_has_ids_of_its_own():
    body = bodies.litellm()
    assert len(body) > bodies.LITELLM_BATCH * 10_000
    request = Request("http://127.0.0.1:1/", "key", body)
    first, second = (ids(bytes(request.fresh()).partition(b"\r\n\r\n")[2]) for _ in range(2))
    assert len(first | second) == 2 * bodies.LITELLM_BATCH


def ids(body: bytes) -> set[str]:
    return {each["id"] for each in msgspec.json.decode(body)}


def test_an_answer_is_read_to_its_end():
    assert not complete(b"HTTP/1.1 202 Accepted\r\ncontent-length: 3\r\n")
    assert not complete(b"HTTP/1.1 202 Accepted\r\ncontent-length: 3\r\n\r\n{}")
    assert complete(b"HTTP/1.1 202 Accepted\r\ncontent-length: 3\r\n\r\n{ }")
