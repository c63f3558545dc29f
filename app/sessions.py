"""Who is behind a cookie, asked often: by every request, and at least once a second by every open page.

An answer is remembered for less than a second, in bounded memory, so that a session that was ended anywhere ends
here, too. It knows no HTTP and no Streamlit.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from models import periods
from models.accounts import members, roles, sessions, users, words
from models.accounts.members import Membership
from models.accounts.sessions import UNKNOWN, Browser
from models.accounts.workspaces import WorkspaceInfo
from models.database import Database

COOKIE = "farthing_session"
REMEMBERED = 4 * periods.SECOND // 10
MAX_REMEMBERED = 10_000


@dataclass(frozen=True)
class Viewer:
    """Somebody who is signed in, and where they may look: the oldest workspace first."""

    email: str
    memberships: tuple[Membership, ...]

    @property
    def workspaces(self) -> tuple[WorkspaceInfo, ...]:
        return tuple(each.workspace for each in self.memberships)

    def visit(self, workspace: WorkspaceInfo) -> "Visit":
        return Visit(self, next(each for each in self.memberships if each.workspace.id == workspace.id))


@dataclass(frozen=True)
class Visit:
    """Somebody who looks at one of their workspaces: what every page is given."""

    viewer: Viewer
    membership: Membership

    @property
    def workspace(self) -> WorkspaceInfo:
        return self.membership.workspace

    @property
    def role(self) -> str:
        return self.membership.role

    def may(self, least: str) -> bool:
        return roles.may(self.role, least)


@dataclass
class Sessions:
    database: Database
    answers: OrderedDict[str, tuple[int, Viewer | None]] = field(default_factory=OrderedDict)

    def viewer(self, cookie: str | None, now_us: int) -> Viewer | None:
        """None where nobody is signed in with that cookie (any more)."""
        if not cookie:
            return None
        asked = words.digest(cookie)
        at_us, viewer = self.answers.get(asked, (0, None))
        if not 0 <= now_us - at_us <= REMEMBERED:
            viewer = self.look_up(cookie, now_us)
            self.remember(asked, now_us, viewer)
        return viewer

    def look_up(self, cookie: str, now_us: int) -> Viewer | None:
        with self.database.read() as connection:
            email = sessions.holder(connection, cookie, now_us)
            return Viewer(email, tuple(members.memberships(connection, email))) if email else None

    def remember(self, asked: str, now_us: int, viewer: Viewer | None) -> None:
        self.answers[asked] = (now_us, viewer)
        while len(self.answers) > MAX_REMEMBERED:
            self.answers.popitem(last=False)

    def begin(self, email: str, password: str, now_us: int, browser: Browser = UNKNOWN) -> str | None:
        """A new session's cookie, None where e-mail and password do not belong together."""
        user_id = self.known(email, password)
        return self.begin_for(user_id, now_us, browser) if user_id else None

    def known(self, email: str, password: str) -> str | None:
        """The user whom they belong to. Nothing is locked meanwhile: hashing takes long, and ingest must not wait."""
        with self.database.read() as connection:
            return users.known(connection, email, password)

    def begin_for(self, user_id: str, now_us: int, browser: Browser = UNKNOWN, replaces: str | None = None) -> str:
        """A new session of that user, however they proved who they are: its cookie, always a fresh one. The session
        that the browser had is over, whosever it was."""
        with self.database.write() as connection:
            if replaces:
                sessions.end(connection, replaces)
            cookie = sessions.begin(connection, user_id, now_us, browser)
        self.forget(replaces)
        return cookie

    def end(self, cookie: str) -> None:
        with self.database.write() as connection:
            sessions.end(connection, cookie)
        self.forget(cookie)

    def forget(self, cookie: str | None) -> None:
        if cookie:
            self.answers.pop(words.digest(cookie), None)
