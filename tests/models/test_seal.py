"""The seal: what was closed for one event opens for that event, with that key, and else says why not."""

import pytest

from models.errors import Conflict
from models.seal import ANOTHER_KEY, DAMAGED, NO_KEY, Seal, require
from models.settings import Settings
from models.usage.content import Content, content_of

SEAL = Seal.made_from("a key of thirty-two characters or more")
SAID = content_of([{"role": "user", "content": "What does it cost?"}], {"answer": "a farthing"})


def closed(seal: Seal = SEAL) -> bytes:
    assert SAID is not None
    return seal.close("ws_1", "evt_1", SAID)


def test_it_opens_with_its_key() -> None:
    assert SEAL.open("ws_1", "evt_1", closed()) == SAID
    assert Seal.made_from("a key of thirty-two characters or more").open("ws_1", "evt_1", closed()) == SAID


def test_nothing_of_it_can_be_read_and_no_two_are_alike() -> None:
    assert b"cost" not in closed()
    assert b"farthing" not in closed()
    assert closed() != closed()


def test_another_key_is_named_as_the_reason() -> None:
    with pytest.raises(Conflict) as told:
        Seal.made_from("another key of thirty-two characters").open("ws_1", "evt_1", closed())
    assert told.value.message == ANOTHER_KEY


@pytest.mark.parametrize(("workspace", "event"), [("ws_2", "evt_1"), ("ws_1", "evt_2")])
def test_beside_another_event_it_does_not_open(workspace: str, event: str) -> None:
    with pytest.raises(Conflict, match=DAMAGED):
        SEAL.open(workspace, event, closed())


@pytest.mark.parametrize("place", [4, 20, -1])
def test_damage_is_told(place: int) -> None:
    sealed = bytearray(closed())
    sealed[place] ^= 1
    with pytest.raises(Conflict, match=DAMAGED):
        SEAL.open("ws_1", "evt_1", bytes(sealed))


@pytest.mark.parametrize("length", [0, 3, 4, 15, 16, 20])
def test_so_is_what_was_cut_off(length: int) -> None:
    with pytest.raises(Conflict):
        SEAL.open("ws_1", "evt_1", closed()[:length])


def test_without_the_setting_there_is_none_and_it_is_named() -> None:
    assert Seal.of(Settings(_env_file=None)) is None
    assert isinstance(Seal.of(Settings(content_key="k" * 32, _env_file=None)), Seal)
    with pytest.raises(Conflict, match="FARTHING_CONTENT_KEY"):
        require(None)
    assert "FARTHING_CONTENT_KEY" in NO_KEY


def test_it_is_not_shown() -> None:
    assert "AESGCM" not in repr(SEAL)
    assert isinstance(SAID, Content)
