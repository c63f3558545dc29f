"""When each key was last used. Requests note it in memory, with one write into a dictionary: no lock, no database.
Now and then what has moved goes to the database in one small transaction, where the latest of all processes wins."""

from dataclasses import dataclass, field

from sqlalchemy import BigInteger, Connection, String, bindparam, insert, select, update

from models.database import Database
from models.tables import KeyUse, table

USES = table(KeyUse)
KEY, AT = bindparam("id", type_=String), bindparam("at", type_=BigInteger)
LATER = update(USES).where(USES.c.key_id == KEY, USES.c.used_us < AT).values(used_us=AT)
FIRST = insert(USES).from_select(
    ["key_id", "used_us"], select(KEY, AT).where(~select(USES).where(USES.c.key_id == KEY).exists())
)


@dataclass
class Uses:
    """Of one process, by the key's id: as many as there are keys, and never a secret."""

    noted: dict[str, int] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)

    def note(self, key_id: str, now_us: int) -> None:
        self.noted[key_id] = now_us

    def write(self, database: Database) -> None:
        """What has moved since the last time. A store that can't take it raises, and the next time has it all."""
        noted = self.noted.copy()  # at once: requests go on meanwhile
        moved = {key_id: used_us for key_id, used_us in noted.items() if self.written.get(key_id) != used_us}
        if moved:
            with database.write() as connection:
                record(connection, moved)
            self.written |= moved


def record(connection: Connection, used: dict[str, int]) -> None:
    """An earlier use never replaces a later one."""
    rows = [{"id": key_id, "at": used_us} for key_id, used_us in used.items()]
    connection.execute(LATER, rows)
    connection.execute(FIRST, rows)
