"""What is sent to us and to peers, and what is made of it. No time is asserted here, nor anywhere."""

import os
import re

import pytest

from tests.benchmarks.peers.ingest import STORED, Amount, Door, Sent, figures_of, our_door, priced
from tests.benchmarks.peers.sender import FRESH, SHARED, fresh
from tests.servers import Farthing


def test_every_event_gets_an_id_of_its_own_and_a_request_one_for_all():
    body = b"%b %b|%b %b" % (SHARED, FRESH, SHARED, FRESH)
    first, second = (re.split(rb"[ |]", fresh(body)) for _ in range(2))
    assert [len(each) for each in first] == [16, 8, 16, 8]
    assert len({*first, *second}) == 2 * 3
    assert first[0] == first[2]


def test_what_was_accepted_is_measured_until_the_answers_and_what_was_stored_until_it_is():
    sent = Sent(accepted=2, failed=0, started=1_000, seconds=0.5, p99_ms=7)
    found = figures_of(Amount(2, events=100), sent, stored=1_004, pid=os.getpid(), cpu_before=0)
    assert (found["accepted/s"], found[STORED], found["ms, p99"]) == (400, 50, 7)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Farthing.start(tmp_path_factory.mktemp("peers")) as started:
        yield started


@pytest.mark.parametrize("events", [1, 100])
def test_farthing_has_stored_and_priced_what_was_sent(server, tmp_path, events):
    before = priced(server)
    sent = our_door(server, Amount(10, events), tmp_path).send(10)
    assert (sent.accepted, priced(server) - before) == (10, 10 * events)


def test_whoever_refuses_a_request_is_not_measured(server, tmp_path):
    door = Door(server.url + "/api/v1/ingest", FRESH, {}, "no key", tmp_path)
    with pytest.raises(AssertionError, match="2 of 2 requests were refused"):
        door.send(2)
