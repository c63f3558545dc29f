"""The command line, as people and scripts use it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from farthing import reached_at
from models import migrations
from models.settings import Settings
from tests.servers import NURSERY, Farthing, free_port, wait_until_up


def farthing(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FARTHING_")}
    environment = clean | {"FARTHING_DATA_DIR": str(folder / "data")} | settings
    return NURSERY.run(["-m", "farthing", *arguments], environment, timeout=60)


def test_init_prints_one_object_and_nothing_else(tmp_path: Path) -> None:
    done = farthing(tmp_path, "init", "--json", FARTHING_ADMIN_EMAIL="Ops@example.com", FARTHING_ADMIN_PASSWORD="pw")
    made = json.loads(done.stdout)
    assert list(made) == [
        "workspace_id",
        "workspace",
        "plan",
        "admin_email",
        "admin_password",
        "ingest_key",
        "read_key",
    ]
    assert (made["workspace"], made["plan"]) == ("default", "paid")
    assert (made["admin_email"], made["admin_password"]) == ("ops@example.com", "pw")


def test_another_name_adds_a_workspace_and_the_same_is_refused(tmp_path: Path) -> None:
    first = json.loads(farthing(tmp_path, "init", "--json").stdout)
    second = json.loads(farthing(tmp_path, "init", "--workspace", "two", "--plan", "free", "--json").stdout)
    assert (second["workspace"], second["plan"]) == ("two", "free")
    assert second["admin_email"] != first["admin_email"], "each made-up owner is an account of its own"
    again = farthing(tmp_path, "init", "--workspace", "two")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == "farthing: A workspace named 'two' exists already\n"


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["init", "--what"], ["rebuild", "--from", "soon"], ["api", "--port", "x"]]
)
def test_wrong_usage_is_exit_2(tmp_path: Path, arguments: list[str]) -> None:
    assert farthing(tmp_path, *arguments).returncode == 2


def test_errors_are_one_line(tmp_path: Path) -> None:
    done = farthing(tmp_path, "init", FARTHING_ROLLUP_EVERY="often")
    assert done.returncode == 1
    assert done.stderr.startswith("farthing: FARTHING_ROLLUP_EVERY is not usable: input should be a valid number")
    assert done.stderr.count("\n") == 1
    nobody = farthing(tmp_path, "rebuild", "--workspace", "nobody")
    assert (nobody.returncode, nobody.stderr) == (1, "farthing: No workspace is named 'nobody'\n")
    assert farthing(tmp_path, "init", "--plan", "golden").returncode == 1


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with Farthing.start(tmp_path) as server:
        done = server.run("api", "--port", str(server.port), check=False)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr


def test_doctor(tmp_path: Path) -> None:
    missing = farthing(tmp_path, "doctor")
    assert missing.returncode == 1
    assert "There is no database" in missing.stdout
    farthing(tmp_path, "init")
    good = farthing(tmp_path, "doctor")
    assert good.returncode == 0
    assert all(line.startswith("ok ") for line in good.stdout.splitlines())


def test_migrate_says_what_it_did(tmp_path: Path) -> None:
    assert farthing(tmp_path, "migrate").stdout == f"migrated to {migrations.newest()}\n"
    assert farthing(tmp_path, "migrate").stdout.startswith("nothing to do")


def test_rollup_and_rebuild_say_what_they_did(server: Farthing) -> None:
    server.post("/api/v1/ingest", {"model": "gpt-4o", "startTime": "2026-11-01T00:00:00Z", "response_cost": 1})
    done = server.run("rollup")
    assert done.stdout.startswith("rolled up 1 events into")
    assert done.stderr.endswith("rolling up: 1 of 1\n")
    assert server.run("rebuild", "--from", "2026-11-01", "--to", "2026-11-02").stdout.startswith("rebuilt 1 days")


def test_up_starts_everything_and_its_curl_line_works(tmp_path: Path) -> None:
    api, app = free_port(), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FARTHING_")}
    environment |= {"FARTHING_DATA_DIR": str(tmp_path / "data"), "FARTHING_ROLLUP_EVERY": "1"}
    command = [sys.executable, "-m", "farthing", "up", "--api-port", str(api), "--app-port", str(app)]
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        said = read_welcome(process)
        wait_until_up(f"http://127.0.0.1:{api}/readyz", process)
        wait_until_up(f"http://127.0.0.1:{app}/healthz", process)
        curl = next(line.strip() for line in said if line.strip().startswith("curl "))
        done = subprocess.run(curl, shell=True, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)["status"] == "accepted"
        read_key = next(line.split()[-1] for line in said if "Read key" in line)
        body = httpx2.get(f"http://127.0.0.1:{api}/api/v1/spend?last=1d", headers={"x-api-key": read_key}).json()
        assert body["totals"]["cost_nano_usd"] == 4_500_000
    finally:
        process.terminate()
        process.wait(30)
        log.close()


@pytest.mark.long
@pytest.mark.xdist_group("demo")
def test_demo_makes_its_data_starts_everything_and_its_curl_line_works(tmp_path: Path) -> None:
    api, app = free_port(), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FARTHING_")}
    environment |= {"FARTHING_DATA_DIR": str(tmp_path / "data"), "FARTHING_LAKE_URL": str(tmp_path / "not-here")}
    ports = ["--api-port", str(api), "--app-port", str(app)]
    command = [sys.executable, "-m", "farthing", "demo", "--scale", "0.01", *ports]
    log = tmp_path / "log"
    with log.open("wb") as lines:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=lines, text=True)
    try:
        said = read_welcome(process)
        wait_until_up(f"http://127.0.0.1:{api}/readyz", process)
        wait_until_up(f"http://127.0.0.1:{app}/healthz", process)
        curl = next(line.strip() for line in said if line.strip().startswith("curl "))
        answer = json.loads(subprocess.run(curl, shell=True, capture_output=True, text=True, check=True).stdout)
        assert len(answer["rows"]) >= 2
        assert answer["totals"]["cost_nano_usd"] > 0
        again = farthing(tmp_path, "demo", *ports)
        assert (again.returncode, again.stderr.count("\n")) == (1, 1)
        assert again.stderr.startswith(f"farthing: Port {api} can't be listened on")
    finally:
        process.terminate()
        process.wait(30)
    assert "making the demo, days: 90 of 90\n" in log.read_text()
    assert not (tmp_path / "not-here").exists()


def test_demo_leaves_other_data_alone(tmp_path: Path) -> None:
    farthing(tmp_path, "init")
    done = farthing(tmp_path, "demo", "--api-port", str(free_port()), "--app-port", str(free_port()))
    assert done.returncode == 1
    assert "holds data that is not the demo's" in done.stderr
    assert (tmp_path / "data" / "farthing.db").exists()


def read_welcome(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.strip().startswith("curl "):
            return said
    raise AssertionError("no curl line was printed")


@pytest.mark.parametrize("command", ["doctor", "rollup", "init"])
def test_a_file_that_is_no_database_is_one_line(tmp_path: Path, command: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "farthing.db").write_bytes(b"nonsense" * 1000)
    done = farthing(tmp_path, command)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert (done.stderr + done.stdout).count("\n") == 1


def test_wrong_usage_is_one_line(tmp_path: Path) -> None:
    assert farthing(tmp_path, "init", "--what").stderr == "farthing: No such option: --what\n"


def test_the_dashboard_is_told_where_the_api_listens() -> None:
    """So that the snippets it shows are right on another port, too; an address of the operator's own goes first."""
    assert reached_at(Settings(_env_file=None), 8010) == {"FARTHING_PUBLIC_API_URL": "http://127.0.0.1:8010"}
    own = Settings(_env_file=None, public_api_url="https://cost.example.com/")
    assert reached_at(own, 8010) == {"FARTHING_PUBLIC_API_URL": "https://cost.example.com"}
