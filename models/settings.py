"""Settings: one typed table, read from the environment (prefix FARTHING_) and `.env` at start.

A bad value stops the start with the variable's name and what it takes. A description says what the variable
means; docs/settings.md is made from it.
"""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from models import rates
from models.errors import SettingError

API_PORT = 8000
APP_PORT = 8501
CONTENT_KEY_CHARACTERS = 32  # as much as a key of AES-256 has bytes


def on_this_disk(url: str) -> str:
    if url and not url.startswith("sqlite:///"):
        raise ValueError("a SQLite address, sqlite:///path/to/file.db")
    return url


def local_folder(url: str) -> str:
    if "://" in url:
        raise ValueError("a folder on this machine")
    return url


def an_address(email: str) -> str:
    if email and (email.count("@") != 1 or email.strip("@") != email or any(c.isspace() for c in email)):
        raise ValueError("an e-mail address")
    return email


def a_header_value(key: str) -> str:
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("printable ASCII characters without spaces")
    return key


def a_rate(rate: str) -> str:
    rates.read(rate)
    return rate


def a_content_key(key: str) -> str:
    if key and len(key) < CONTENT_KEY_CHARACTERS:
        raise ValueError(f"{CONTENT_KEY_CHARACTERS} characters or more, such as those of `openssl rand -base64 32`")
    return key


def a_redis(url: str) -> str:
    if url and not is_redis(url):
        raise ValueError("a Redis address, redis://[:password@]host:port/0 or rediss://…")
    return url


def is_redis(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="FARTHING_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("./data"), description="folder of everything that the embedded default writes")
    database_url: Annotated[str, AfterValidator(on_this_disk)] = Field(
        "", description="the ledger's database; by default `sqlite:///<data dir>/farthing.db`"
    )
    lake_url: Annotated[str, AfterValidator(local_folder)] = Field(
        "", description="folder of the Parquet lake; by default `<data dir>/lake`"
    )
    host: str = Field("127.0.0.1", description="address that API and dashboard listen on")
    public_url: str = Field("", description="address of the dashboard as people reach it; by default from the host")
    public_api_url: str = Field("", description="address of the API as clients reach it; by default from the host")
    admin_email: Annotated[str, AfterValidator(an_address)] = Field(
        "", description="e-mail of the first owner; made up and printed once where it is missing"
    )
    admin_password: str = Field(
        "", repr=False, description="password of the first owner; made up and printed once where it is missing"
    )
    master_key: Annotated[str, AfterValidator(a_header_value)] = Field(
        "", repr=False, description="its bearer may use all management routes, for any workspace; none by default"
    )
    content_key: Annotated[str, AfterValidator(a_content_key)] = Field(
        "", repr=False, description="encrypts captured prompts and responses; without it capture can't be switched on"
    )
    open_signup: bool = Field(False, description="anyone may make an account with a free workspace")
    rate_limit: Annotated[str, AfterValidator(a_rate)] = Field(
        "1000/minute", description="requests of one workspace on the ingest doors that are not LiteLLM's"
    )
    litellm_rate_limit: Annotated[str, AfterValidator(a_rate)] = Field(
        rates.NONE, description="the same on the two LiteLLM doors, which answer 503 beyond it"
    )
    redis_url: Annotated[str, AfterValidator(a_redis)] = Field(
        "", repr=False, description="where several API processes count requests together; by default each for itself"
    )
    rollup_every: float = Field(60, gt=0, le=86_400, description="seconds between two rollups")
    retention_days: int = Field(90, ge=1, le=36_500, description="a new workspace's retention; nothing is deleted yet")
    max_body_bytes: int = Field(
        32 * 1024 * 1024,
        ge=1024,
        le=1024**3,
        description="body limit of the LiteLLM doors and of `/ingest/response`, after decompression too",
    )

    @property
    def database_path(self) -> Path:
        return (
            Path(self.database_url.removeprefix("sqlite:///")) if self.database_url else self.data_dir / "farthing.db"
        )

    @property
    def lake_path(self) -> Path:
        return Path(self.lake_url) if self.lake_url else self.data_dir / "lake"

    def api_address(self, port: int = API_PORT) -> str:
        return (self.public_api_url or f"http://{reachable(self.host)}:{port}").rstrip("/")

    def app_address(self, port: int = APP_PORT) -> str:
        return (self.public_url or f"http://{reachable(self.host)}:{port}").rstrip("/")


def reachable(host: str) -> str:
    """An address to type into a browser: a server that listens everywhere is here, too."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - read, not bound


def load(**overrides: Any) -> Settings:
    """Settings from the environment; SettingError names the variable that is wrong."""
    try:
        return Settings(**overrides)
    except ValidationError as problem:
        first = problem.errors()[0]
        name = f"FARTHING_{str(first['loc'][0]).upper()}"
        own = first["msg"].removeprefix("Value error, ")
        expected = f"it takes {own}" if own != first["msg"] else own[0].lower() + own[1:]
        raise SettingError(f"{name} is not usable: {expected}") from None
