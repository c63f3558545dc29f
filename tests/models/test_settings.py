"""Settings: read at start, failing early with the name of the variable and what it takes."""

from pathlib import Path

import pytest

from models import rates, settings
from models.errors import SettingError
from models.rates import Rate


def test_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    found = settings.load()
    assert found.database_path == Path("data/farthing.db")
    assert found.lake_path == Path("data/lake")
    assert (found.api_address(), found.app_address()) == ("http://127.0.0.1:8000", "http://127.0.0.1:8501")


def test_what_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("FARTHING_ROLLUP_EVERY=5\nOTHER=1\n")
    monkeypatch.setenv("FARTHING_DATABASE_URL", f"sqlite:///{tmp_path}/x.db")
    monkeypatch.setenv("FARTHING_LAKE_URL", "/srv/lake")
    monkeypatch.setenv("FARTHING_HOST", "0.0.0.0")
    monkeypatch.setenv("FARTHING_PUBLIC_API_URL", "https://api.example.com/")
    found = settings.load()
    assert (found.rollup_every, found.database_path, found.lake_path) == (5, tmp_path / "x.db", Path("/srv/lake"))
    assert (found.api_address(), found.app_address()) == ("https://api.example.com", "http://127.0.0.1:8501")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FARTHING_DATABASE_URL", "mysql://db"), ("FARTHING_LAKE_URL", "ftp://lake"), ("FARTHING_ROLLUP_EVERY", "often"),
        ("FARTHING_ROLLUP_EVERY", "0"), ("FARTHING_RETENTION_DAYS", "-1"), ("FARTHING_ADMIN_EMAIL", "nobody"),
        ("FARTHING_MAX_BODY_BYTES", "1.5"), ("FARTHING_MASTER_KEY", "with space"), ("FARTHING_CONTENT_KEY", "k" * 31),
        *(("FARTHING_RATE_LIMIT", bad) for bad in ("", "1000", "0/minute", "1000/week", "-1/minute", "1.5/minute",
                                                   "1000001/minute", "1000 / minute", "None")),
        ("FARTHING_LITELLM_RATE_LIMIT", "much"), ("FARTHING_REDIS_URL", "localhost:6379"),
        ("FARTHING_REDIS_URL", "http://localhost:6379"), ("FARTHING_REDIS_URL", "redis://host:port"),
    ],
)  # fmt: skip
def test_a_bad_value_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=f"{name} is not usable: (it takes|input should be) "):
        settings.load()


@pytest.mark.parametrize(
    ("text", "rate"),
    [("1000/minute", Rate(1000, "minute")), ("1/second", Rate(1, "second")), ("1000000/day", Rate(1_000_000, "day")),
     ("none", None)],
)  # fmt: skip
def test_rates(text: str, rate: Rate | None) -> None:
    assert rates.read(settings.Settings(rate_limit=text, _env_file=None).rate_limit) == rate


def test_secrets_are_not_shown() -> None:
    secrets = {"master_key": "master-secret", "admin_password": "word-secret", "redis_url": "redis://:secret@host:1/0"}
    shown = repr(settings.Settings(**secrets, content_key="secret-" * 5, _env_file=None))
    assert "secret" not in shown
