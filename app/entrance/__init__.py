"""The pages before the dashboard: signing in and out, joining, signing up, a new password. They are routes of our own,
since a cookie that scripts can't read is not Streamlit's to set.

They send nobody to another site, take no form from another site, and repeat no password and no word of a link: not in
an address that they lead to, not in a log, not to anybody else.
"""

from starlette.routing import Route

from app.entrance.join import Join
from app.entrance.login import Login
from app.entrance.reception import Reception
from app.entrance.reset import Reset
from app.entrance.signup import SignUp
from app.entrance.sso import SingleSignOn, require_usable
from app.opened import Opened


def routes(here: Opened) -> list[Route]:
    require_usable()
    reception = Reception(here)
    return [route for page in (Login, SingleSignOn, Join, SignUp, Reset) for route in page(reception).routes()]
