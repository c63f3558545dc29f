"""What this process holds open, once: the installation, and what its guard and its pages ask of it."""

from dataclasses import dataclass, field

import streamlit as st

from app.sessions import Sessions
from models import settings
from models.accounts.attempts import Attempts
from models.accounts.directory import Directory
from models.accounts.workspaces import WorkspaceInfo
from models.installation import Installation, open_installation
from models.seal import Seal
from models.settings import Settings
from models.spend.answer import Store, WorkspaceSpend
from models.spend.pulse import Pulse


@dataclass
class Opened:
    """What this process holds open, once."""

    installation: Installation
    sessions: Sessions
    directory: Directory
    store: Store
    pulse: Pulse
    seal: Seal | None  # on prompts and responses; without it none can be read
    attempts: Attempts = field(default_factory=Attempts)

    @classmethod
    def of(cls, settings: Settings) -> "Opened":
        installation = open_installation(settings)
        database = installation.database
        return cls(
            installation, Sessions(database), Directory(database), Store.open(database, installation.lake), Pulse(),
            Seal.of(settings),
        )  # fmt: skip

    def spend(self, workspace: WorkspaceInfo) -> WorkspaceSpend:
        view = self.directory.view
        return self.store.of(workspace, view.sources.get(workspace.id, {}), view.names_of(workspace.id))


@st.cache_resource(show_spinner=False)
def opened() -> Opened:
    return Opened.of(settings.load())
