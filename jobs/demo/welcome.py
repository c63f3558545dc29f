"""What each start of the demo says: where it is, its keys, and one of its stories."""

from jobs.demo.stories import TOLD
from models.installation import Made
from models.settings import Settings
from models.welcome import addresses, keys_of


def welcome(made: list[Made], settings: Settings, api_port: int, app_port: int) -> str:
    """`made` are the demo's workspaces, the one to look at first."""
    keys = "\n".join(keys_of(each) for each in made)
    question = f"{settings.api_address(api_port)}/api/v1/spend?{TOLD.question}"
    return f"""
The demo is ready: ninety days that end today, all made up, in {settings.data_dir}.

{addresses(made[0], settings, api_port, app_port)}
{keys}

{TOLD.says} Day by day:

  curl -sS '{question}' -H 'Authorization: Bearer {made[0].read_key}'

The other stories, each with the question that shows it: docs/demo.md
"""
