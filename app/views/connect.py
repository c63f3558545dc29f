"""Connect: how events get here, ready to paste, and whether they do."""

from app import data
from app.components import connecting, live, markup
from app.sessions import Visit
from app.views import View

SAYS = "Send an event for each call of a model. Make a key, paste a snippet, run it."


def page(visit: Visit) -> None:
    live.attend(visit, data.control())
    markup.draw("title", title="Connect", says=SAYS)
    connecting.draw(visit)


VIEW = View("connect", "Connect", page, order=60)
