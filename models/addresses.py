"""Where the dashboard was reached last: links that the command line prints lead there, whichever port it listens on. A
file in the data folder, written by each dashboard as it starts."""

from models.settings import Settings

FILE = "dashboard.address"


def tell(settings: Settings, port: int) -> None:
    (settings.data_dir / FILE).write_text(settings.app_address(port), encoding="utf-8")


def dashboard(settings: Settings) -> str:
    """As it is configured, else as a dashboard has told, else where it would be."""
    told = settings.data_dir / FILE
    return told.read_text(encoding="utf-8") if not settings.public_url and told.exists() else settings.app_address()
