"""Who sends: each secret of a body is looked up once, and what is wrong with it is told for each of its events.

It is told and not raised: one error that is raised for each of a million events gathers a traceback as long as they.
"""

from models.accounts.directory import Directory, View
from models.accounts.keys import Key
from models.errors import FarthingError, Forbidden, Unauthorized


class Sender:
    """Who sends: the request's key, or an event's own where the dialect lets events carry one."""

    def __init__(self, directory: Directory, secret: str | None, received_us: int) -> None:
        self.directory, self.secret, self.received_us = directory, secret, received_us
        self.known: dict[str | None, Key | FarthingError] = {}

    @property
    def view(self) -> View:
        return self.directory.view

    def required(self) -> Key:
        key = self.of(None)
        if isinstance(key, FarthingError):
            raise key
        return key

    def of(self, own: str | None) -> Key | FarthingError:
        """An event's own credential decides; without one, the request's key."""
        secret = self.secret if own is None else own
        if secret not in self.known:
            self.known[secret] = self.look_up(secret)
        return self.known[secret]

    def look_up(self, secret: str | None) -> Key | FarthingError:
        try:
            key = self.directory.authenticate(secret, self.received_us)
        except Unauthorized as problem:
            return problem
        if key.scope != "ingest":
            return Forbidden(f"This key's scope is {key.scope}: events are sent with an ingest key")
        return key
