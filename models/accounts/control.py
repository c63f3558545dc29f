"""Control data (keys, workspaces, sources) has one version row, so that every process can tell whether its view
is the newest with one small read."""

from sqlalchemy import Connection, select, update

from models.tables import Control, table

CONTROL = table(Control)


def changed(connection: Connection) -> None:
    """To be said in the transaction that changes control data."""
    connection.execute(update(CONTROL).values(version=CONTROL.c.version + 1))


def version(connection: Connection) -> int:
    return int(connection.execute(select(CONTROL.c.version)).scalar_one())
