"""Joining, signing up, a new password: each in one step, once, and without a word for strangers."""

import re
import threading
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.opened import opened
from app.sessions import COOKIE
from models import audit
from models.accounts import invitations, keys, members, passwords, resets, users
from models.accounts.workspaces import WorkspaceInfo
from models.installation import Installation
from models.periods import now_us
from tests.app.conftest import EMAIL, PASSWORD, Dashboard, a_moment_later
from tests.factories import AUTHOR, make_workspace

BROWSER = {"accept": "text/html,*/*"}
NEW, CHOSEN = "new@example.com", "battery staple horse"
STRANGE = '<b>"x"</b> & co'


@pytest.fixture
def workspace(client: TestClient, dashboard: Dashboard) -> WorkspaceInfo:
    """One that Ada is no member of. Bob owns it."""
    with dashboard.installation.database.write() as connection:
        users.create(connection, "bob@example.com", "x", now_us())
    made = make_workspace(dashboard.installation, STRANGE)
    with dashboard.installation.database.write() as connection:
        members.add(connection, users.named(connection, "bob@example.com"), made.id, "owner")
    return made


def invite(dashboard: Dashboard, workspace: WorkspaceInfo, email: str = NEW, role: str = "viewer") -> str:
    with dashboard.installation.database.write() as connection:
        author = AUTHOR._replace(at_us=now_us())
        return invitations.invite(connection, workspace.id, email, role, author, "bob@example.com")


def join(client: TestClient, word: str, password: str = "", **headers: str) -> Any:
    return client.post("/join", data={"invitation": word, "password": password}, headers=headers)


def role(dashboard: Dashboard, workspace: WorkspaceInfo, email: str) -> str | None:
    with dashboard.installation.database.read() as connection:
        return members.role_of(connection, email, workspace.id)


def actions(dashboard: Dashboard, workspace: WorkspaceInfo) -> list[str]:
    with dashboard.installation.database.read() as connection:
        return [each["action"] for each in audit.listed(connection, workspace.id).records]


def sign_in(client: TestClient, password: str = PASSWORD) -> Any:
    return client.post("/login", data={"email": EMAIL, "password": password})


# -- joining ------------------------------------------------------------------------------------------------------


def test_somebody_new_chooses_a_password_and_is_in(
    client: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo
) -> None:
    word = invite(dashboard, workspace, role="admin")
    page = client.get(f"/join?invitation={word}")
    assert page.status_code == 200
    for said in ("Create account and join", NEW, "readonly", "as admin", "bob@example.com"):
        assert said in page.text
    assert "<b>" not in page.text
    answer = join(client, word, CHOSEN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?workspace=%3Cb%3E%22x%22%3C%2Fb%3E%20%26%20co")
    assert client.get("/", headers=BROWSER).status_code == 200
    assert role(dashboard, workspace, NEW) == "admin"
    assert actions(dashboard, workspace)[:2] == ["user.join", "user.invite"]


def test_somebody_with_an_account_signs_in_and_is_in(
    client: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo
) -> None:
    word = invite(dashboard, workspace, EMAIL)
    assert "Sign in and join" in client.get(f"/join?invitation={word}").text
    wrong = join(client, word, "not that one")
    assert wrong.status_code == 401
    assert "E-mail and password do not match" in wrong.text
    assert role(dashboard, workspace, EMAIL) is None
    assert join(client, word, PASSWORD).status_code == 303
    assert client.get("/", headers=BROWSER).status_code == 200
    assert role(dashboard, workspace, EMAIL) == "viewer"


def test_somebody_who_is_signed_in_needs_one_button(
    client: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo
) -> None:
    sign_in(client)
    word = invite(dashboard, workspace, EMAIL)
    page = client.get(f"/join?invitation={word}").text
    assert ">Join</button>" in page
    assert 'type="password"' not in page
    answer = join(client, word)
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    assert role(dashboard, workspace, EMAIL) == "viewer"


def test_somebody_else_who_is_signed_in_does_not_use_it_up(
    client: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo
) -> None:
    sign_in(client)
    word = invite(dashboard, workspace)
    assert "Create account and join" in client.get(f"/join?invitation={word}").text
    assert join(client, word).status_code == 400
    before = client.cookies[COOKIE]
    assert join(client, word, CHOSEN).status_code == 303
    assert client.cookies[COOKIE] != before
    assert role(dashboard, workspace, EMAIL) is None
    assert role(dashboard, workspace, NEW) == "viewer"


def test_the_form_says_nothing_of_who_it_is_for(
    client: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo
) -> None:
    """The e-mail is the invitation's, whatever a form says."""
    word = invite(dashboard, workspace)
    client.post("/join", data={"invitation": word, "password": CHOSEN, "email": "evil@example.com", "role": "owner"})
    assert role(dashboard, workspace, NEW) == "viewer"
    assert role(dashboard, workspace, "evil@example.com") is None


@pytest.mark.parametrize("password", ["", "too short", "x" * 257, "with\x00 a nul character"])
def test_a_password_that_may_not_be_chosen_uses_nothing_up(
    client: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo, password: str
) -> None:
    word = invite(dashboard, workspace)
    refused = join(client, word, password)
    assert refused.status_code == 400
    assert "Choose a password of 10 to 256 printable characters" in refused.text
    assert not password or password not in refused.text
    assert join(client, word, CHOSEN).status_code == 303


def test_links_that_can_not_be_used_are_told_alike(
    client: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo
) -> None:
    used, withdrawn = invite(dashboard, workspace), invite(dashboard, workspace, "other@example.com")
    join(client, used, CHOSEN)
    client.cookies.clear()
    with dashboard.installation.database.write() as connection:
        (waiting,) = invitations.pending(connection, workspace.id, now_us())
        invitations.withdraw(connection, workspace.id, waiting.id, AUTHOR)
    said = [client.get("/join", params={"invitation": word}) for word in (used, withdrawn, "wrong", "", "x" * 5_000)]
    said += [join(client, word, CHOSEN) for word in (used, withdrawn, "wrong", "", "x" * 5_000)]
    assert {(each.status_code, each.text) for each in said} == {(404, said[0].text)}
    assert "This invitation can&#39;t be used" in said[0].text


def test_of_two_who_use_a_link_at_once_one_is_in(
    client: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo
) -> None:
    word, said, together = invite(dashboard, workspace), [], threading.Barrier(2)

    def use(password: str) -> None:
        together.wait()
        said.append((join(client, word, password).status_code, password))

    threads = [threading.Thread(target=use, args=[password]) for password in (CHOSEN, CHOSEN + "!")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(status for status, _ in said) in ([303, 401], [303, 404], [303, 409])
    (winner,) = [password for status, password in said if status == 303]
    with dashboard.installation.database.read() as connection:
        assert users.known(connection, NEW, winner)
    assert actions(dashboard, workspace).count("user.join") == 1


def test_guessing_at_an_invited_account_is_throttled_like_signing_in(
    client: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo
) -> None:
    word = invite(dashboard, workspace, EMAIL)
    assert [join(client, word, "wrong").status_code for _ in range(11)] == [401] * 10 + [429]
    assert sign_in(client).status_code == 429


# -- signing up ---------------------------------------------------------------------------------------------------


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> TestClient:
    """Where the operator lets anybody in."""
    monkeypatch.setenv("FARTHING_OPEN_SIGNUP", "true")
    made: TestClient = request.getfixturevalue("client")
    return made


def sign_up(client: TestClient, email: str = NEW, password: str = CHOSEN, workspace: str = "", **headers: str) -> Any:
    return client.post("/signup", data={"email": email, "password": password, "workspace": workspace}, headers=headers)


def test_without_the_operator_s_leave_nobody_signs_up(client: TestClient, dashboard: Dashboard) -> None:
    for answer in (client.get("/signup"), sign_up(client)):
        assert answer.status_code == 404
        assert "by invitation" in answer.text
    assert "/signup" not in client.get("/login").text
    with dashboard.installation.database.read() as connection:
        assert not users.exists(connection, NEW)


def test_signing_up_is_a_workspace_a_session_and_a_key_at_once(opening: TestClient, dashboard: Dashboard) -> None:
    assert 'href="/signup"' in opening.get("/login").text
    assert "Create account" in opening.get("/signup").text
    page = sign_up(opening, workspace=STRANGE)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert STRANGE not in page.text
    (secret,) = set(re.findall(r"fth_live_\w+", page.text))
    assert 'action="/connect"' in page.text
    assert opening.get("/", headers=BROWSER).status_code == 200
    opened().directory.look(now_us())
    key = opened().directory.authenticate(secret, now_us())
    with dashboard.installation.database.read() as connection:
        (membership,) = members.memberships(connection, NEW)
        assert (membership.workspace.name, membership.workspace.plan, membership.role) == (STRANGE, "free", "owner")
        assert key.workspace_id == membership.workspace.id
        assert keys.shown_all(connection, key.workspace_id, now_us())[0]["sources"] == [
            {"provider": None, "model": None, "feature": None}
        ]


def test_an_e_mail_that_has_an_account_is_told_after_the_same_work(
    opening: TestClient, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[int] = []
    make = passwords.hashed
    monkeypatch.setattr(passwords, "hashed", lambda password: hashed.append(1) or make(password))
    answer = sign_up(opening, EMAIL.upper())
    assert (answer.status_code, len(hashed)) == (409, 1)
    assert "An account with this e-mail exists already: sign in" in answer.text
    assert "set-cookie" not in answer.headers
    with dashboard.installation.database.read() as connection:
        assert users.known(connection, EMAIL, PASSWORD)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"email": "nobody"}, "no e-mail address"),
        ({"email": ""}, "no e-mail address"),
        ({"password": "short"}, "10 to 256"),
        ({"workspace": "x" * 257}, "workspace name"),
        ({"workspace": "team"}, "exists already"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_is_kept(opening: TestClient, form: dict[str, str], says: str) -> None:
    answer = sign_up(opening, **form)
    assert answer.status_code in (400, 409)
    assert says in answer.text
    assert form.get("email", NEW) in answer.text
    assert CHOSEN not in answer.text


def test_a_few_accounts_an_hour_and_no_more(opening: TestClient) -> None:
    said = [sign_up(opening, f"{number}@example.com").status_code for number in range(11)]
    assert said == [200] * 10 + [429]


# -- a new password -----------------------------------------------------------------------------------------------


def reset_word(installation: Installation) -> str:
    with installation.database.write() as connection:
        return resets.make(connection, EMAIL, AUTHOR._replace(at_us=now_us()))


def test_a_new_password_ends_the_old_one_and_every_session(client: TestClient, dashboard: Dashboard) -> None:
    old = sign_in(client).cookies[COOKIE]
    client.cookies.clear()
    word = reset_word(dashboard.installation)
    page = client.get(f"/reset?token={word}")
    assert EMAIL in page.text
    answer = client.post("/reset", data={"token": word, "password": CHOSEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/", headers=BROWSER).status_code == 200
    a_moment_later()
    assert client.get("/", headers={"cookie": f"{COOKIE}={old}"}).status_code == 401
    assert sign_in(client, PASSWORD).status_code == 401
    assert sign_in(client, CHOSEN).status_code == 303


def test_it_helps_who_was_shut_out_by_others_guesses(client: TestClient, dashboard: Dashboard) -> None:
    for _ in range(11):
        sign_in(client, "wrong")
    client.post("/reset", data={"token": reset_word(dashboard.installation), "password": CHOSEN})
    assert sign_in(client, CHOSEN).status_code == 303


def test_a_link_for_it_works_once_and_others_are_told_alike(client: TestClient, dashboard: Dashboard) -> None:
    used = reset_word(dashboard.installation)
    assert client.post("/reset", data={"token": used, "password": "short"}).status_code == 400
    assert client.post("/reset", data={"token": used, "password": CHOSEN}).status_code == 303
    client.cookies.clear()
    said = [client.get("/reset", params={"token": word}) for word in (used, "wrong", "")]
    said += [client.post("/reset", data={"token": word, "password": CHOSEN}) for word in (used, "wrong", "")]
    assert {(each.status_code, each.text) for each in said} == {(404, said[0].text)}


# -- all of them --------------------------------------------------------------------------------------------------

ELSEWHERE: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
    {"Origin": "null"}, {"Origin": "http://testserver:9999"}, {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
]  # fmt: skip


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_forms_of_other_sites_change_nothing(
    opening: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo, headers: dict[str, str]
) -> None:
    sign_in(opening)
    before = opening.cookies[COOKIE]
    invitation, token = invite(dashboard, workspace, EMAIL), reset_word(dashboard.installation)
    said = [
        opening.post("/login", data={"email": EMAIL, "password": PASSWORD}, headers=headers),
        opening.post("/logout", headers=headers),
        join(opening, invitation, PASSWORD, **headers),
        sign_up(opening, **headers),
        opening.post("/reset", data={"token": token, "password": CHOSEN}, headers=headers),
    ]
    assert [each.status_code for each in said] == [403] * 5
    assert opening.cookies[COOKIE] == before
    assert opening.get("/", headers=BROWSER).status_code == 200
    assert role(dashboard, workspace, EMAIL) is None
    with dashboard.installation.database.read() as connection:
        assert users.known(connection, EMAIL, PASSWORD)
        assert not users.exists(connection, NEW)


@pytest.mark.parametrize("body", [b"invitation=%ff", b"a=1&" * 40, b"token=" + b"x" * 20_000, b"", b"\x00"])
@pytest.mark.parametrize("path", ["/join", "/signup", "/reset"])
def test_a_form_that_is_none_is_refused(opening: TestClient, path: str, body: bytes) -> None:
    assert opening.post(path, content=body).status_code in (400, 404, 413)


def test_pages_with_words_in_their_address_tell_nobody(
    client: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo
) -> None:
    for path in (
        f"/join?invitation={invite(dashboard, workspace)}",
        f"/reset?token={reset_word(dashboard.installation)}",
    ):
        for answer in (client.get(path), client.get(path + "x")):
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] == "no-store"
            assert "http" not in answer.headers["content-security-policy"]


def test_every_way_in_sets_the_same_cookie(opening: TestClient, dashboard: Dashboard, workspace: WorkspaceInfo) -> None:
    said = [
        sign_in(opening),
        sign_up(opening),
        join(opening, invite(dashboard, workspace, "third@example.com"), CHOSEN),
        opening.post("/reset", data={"token": reset_word(dashboard.installation), "password": CHOSEN}),
    ]
    cookies = [each.headers["set-cookie"].lower() for each in said]
    assert len({each.partition(";")[0] for each in cookies}) == 4
    assert {each.partition(";")[2] for each in cookies} == {" httponly; max-age=2592000; path=/; samesite=lax"}
