"""What the explorer shows, for those who go on elsewhere: the same question as a call of the API, and as Python with
Polars for a notebook. Text only; tests/app/test_copied.py runs both."""

import shlex
from urllib.parse import urlencode

from app.questions import Asked

KEY = "READ_KEY"  # the environment variable that holds a key with scope read

PYTHON = """import io
import os
from urllib.request import Request, urlopen

import polars as pl

url = {url!r}
request = Request(url, headers={{"Authorization": f"Bearer {{os.environ['{key}']}}"}})
with urlopen(request) as answer:
    spend = pl.read_parquet(io.BytesIO(answer.read()))
print(spend)
"""


def url(api: str, asked: Asked, form: str = "") -> str:
    return f"{api}/api/v1/spend?{urlencode([*asked, *([('format', form)] if form else [])])}"


def curl(api: str, asked: Asked) -> str:
    return f'curl -sS {shlex.quote(url(api, asked))} -H "Authorization: Bearer ${KEY}"'


def python(api: str, asked: Asked) -> str:
    return PYTHON.format(url=url(api, asked, "parquet"), key=KEY)
