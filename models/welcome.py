"""What a first start says, and nothing says again: where things are, how to get in, and what to try."""

import json

from models import periods
from models.installation import Made
from models.settings import Settings


def welcome(made: Made, settings: Settings, api_port: int, app_port: int) -> str:
    """Its curl line is dated now, so that the dashboard shows what it sends."""
    event = {
        "model": "gpt-4o", "startTime": periods.iso(periods.now_us()), "prompt_tokens": 1000, "completion_tokens": 200,
        "metadata": {"team": "search", "feature": "summariser"},
    }  # fmt: skip
    door = f"{settings.api_address(api_port)}/api/v1/ingest"
    curl = f"curl -sS {door} -H 'Authorization: Bearer {made.ingest_key}' -d '{json.dumps(event)}'"
    return f"""
Farthing is ready. These lines are shown once: keep them.

{addresses(made, settings, api_port, app_port)}
{keys_of(made)}

Send a first event, and watch it appear on the dashboard:

  {curl}
"""


def addresses(made: Made, settings: Settings, api_port: int, app_port: int) -> str:
    return f"""\
  Dashboard   {settings.app_address(app_port)}
  Login       {made.admin_email}  {made.admin_password or "(unchanged)"}
  API         {settings.api_address(api_port)}"""


def keys_of(made: Made) -> str:
    return f"""\
  Workspace   {made.workspace} ({made.plan})
  Ingest key  {made.ingest_key}
  Read key    {made.read_key}"""
