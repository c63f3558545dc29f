"""Price data as operators meet it: the commands, the doctor, and processes that run while it changes."""

import json
import time
from pathlib import Path
from typing import Any

from tests.api.dialects.samples import INGEST
from tests.api.test_doors import NOW
from tests.price_data import GPT, NEW, data, provider
from tests.servers import PATIENCE, Farthing


def file(folder: Path, content: bytes) -> str:
    path = folder / "prices.json"
    path.write_bytes(content)
    return str(path)


def test_update_takes_up_a_file_and_the_package_s_again(tmp_path: Path) -> None:
    here = Farthing.prepare(tmp_path)
    assert here.run("prices", "update").stdout == "genai-prices 0.2.3 is in use already: nothing to do\n"
    taken = here.run("prices", "update", "--file", file(tmp_path, data(provider(GPT, NEW)))).stdout.splitlines()
    assert taken[0].startswith("took up prices file ")
    assert taken[0].endswith(", instead of genai-prices 0.2.3")
    assert taken[1:3] == ["added: 1 rows", "  openai/gpt-99  1 / 2.5"]
    assert taken[-2:] == ["changed: 1 rows", "  openai/gpt-4o  2.5 / 10 -> 5 / 20"]
    name = taken[0].removeprefix("took up ").removesuffix(", instead of genai-prices 0.2.3")
    assert f"ok     prices: {name} (taken up " in here.run("doctor").stdout
    assert "card       " + name + " openai/gpt-99" in here.run("prices", "show", "gpt-99").stdout
    assert here.run("prices", "update").stdout.startswith(f"took up genai-prices 0.2.3, instead of {name}\n")
    assert "prices: genai-prices 0.2.3 (the installed package), newest price 20" in here.run("doctor").stdout


def test_what_is_no_price_data_is_one_line_and_changes_nothing(tmp_path: Path) -> None:
    here = Farthing.prepare(tmp_path)
    wrong = file(tmp_path, data(provider(GPT, NEW | {"prices": {"input_mtok": -1}})))
    refused = here.run("prices", "update", "--file", wrong, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("farthing: This is no price data of genai-prices: openai/gpt-99: input_mtok: -1 ")
    assert refused.stderr.count("\n") == 1
    missing = here.run("prices", "update", "--file", str(tmp_path / "gone.json"), check=False)
    assert missing.stderr == f"farthing: No such file or directory: {tmp_path / 'gone.json'}\n"
    assert here.run("prices", "update").stdout == "genai-prices 0.2.3 is in use already: nothing to do\n"


def test_show_as_text_and_as_json(tmp_path: Path) -> None:
    here = Farthing.prepare(tmp_path)
    text = here.run("prices", "show", "deepseek-v4-flash", "--at", "2026-08-20").stdout
    assert text.startswith("deepseek-v4-flash of deepseek on 2026-08-20\nrow        deepseek/deepseek-v4-flash of ")
    said = json.loads(here.run("prices", "show", "gpt-4o", "--provider", "azure", "--json").stdout)
    assert (said["provider"], said["row"]) == ("azure", "openai/gpt-4o")
    assert said["lines"][0]["dollars"]["input"] == "2.5"


def test_show_of_a_name_that_is_not_found_is_exit_1_and_names_what_is_near(tmp_path: Path) -> None:
    here = Farthing.prepare(tmp_path)
    unknown = here.run("prices", "show", "gpt-5x", check=False)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr.startswith(
        "farthing: There is no price for 'gpt-5x' of openai (unknown_model): did you mean gpt-5"
    )
    said = here.run("prices", "show", "gpt-5x", "--json", check=False)
    assert (said.returncode, said.stderr) == (1, "")
    assert json.loads(said.stdout)["near"][0] == "gpt-5"


def test_show_has_the_workspace_s_own_price(tmp_path: Path) -> None:
    here = Farthing.prepare(tmp_path)
    override = here.run("prices", "add", "gpt-4o", "input_per_million_usd=2").stdout.strip()
    text = here.run("prices", "show", "gpt-4o").stdout
    assert f"override   {override}\n" in text
    here.run("init", "--workspace", "other")
    assert override not in here.run("prices", "show", "gpt-4o", "--workspace", "other").stdout


def test_a_running_process_prices_by_the_new_edition_without_a_restart(server: Farthing, tmp_path: Path) -> None:
    event = {"model": "gpt-99", "provider": "openai", "startTime": NOW.isoformat(), "prompt_tokens": 1_000_000}
    with server.client(server.ingest_key) as ingest, server.client(server.read_key) as read:

        def cost_of_one_more() -> Any:
            event_id = ingest.post(INGEST, json=event | {"completion_tokens": 0}).raise_for_status().json()["id"]
            return read.get(f"/api/v1/events/{event_id}").raise_for_status().json()["cost_nano_usd"]

        first = ingest.post(INGEST, json=event | {"completion_tokens": 0}).json()["id"]
        assert cost_of_one_more() is None
        server.run("prices", "update", "--file", file(tmp_path, data(provider(GPT, NEW))))
        until = time.monotonic() + PATIENCE
        while cost_of_one_more() is None and time.monotonic() < until:
            time.sleep(0.1)
        assert cost_of_one_more() == 1_000_000_000
        assert read.get(f"/api/v1/events/{first}").json()["cost_nano_usd"] is None, "what is past stays as it was"
