"""Signing in and out, and the guard: nothing before sign-in, nobody led elsewhere, no form from elsewhere."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from app import guard
from app.entrance.forms import local
from app.sessions import COOKIE
from models.accounts import passwords, sessions, users, words
from models.periods import now_us
from tests.app.conftest import EMAIL, PASSWORD, Dashboard

BROWSER = {"accept": "text/html,*/*"}


def sign_in(client: TestClient, password: str = PASSWORD, path: str = "/login", **headers: str) -> Any:
    return client.post(path, data={"email": EMAIL, "password": password}, headers=headers)


# -- signing in ---------------------------------------------------------------------------------------------------


def test_the_page_has_its_fields_and_its_button(client: TestClient) -> None:
    page = client.get("/login")
    assert page.status_code == 200
    for said in ("E-mail", "Password", "<button", "Sign in"):
        assert said in page.text
    assert page.headers["cache-control"] == "no-store"


def test_signing_in_leads_to_the_overview(client: TestClient) -> None:
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/", headers=BROWSER).text == "spend: $1,847.20"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    cookie = sign_in(client).headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE)
    for flag in ("httponly", "samesite=lax", "path=/", "max-age=2592000"):
        assert flag in cookie
    assert "secure" not in cookie


def test_the_cookie_is_secure_where_the_browser_speaks_https(client: TestClient) -> None:
    behind_proxy = sign_in(client, Origin="https://testserver")
    assert "secure" in behind_proxy.headers["set-cookie"].lower()
    client.base_url = "https://testserver"  # type: ignore[assignment]
    assert "secure" in sign_in(client).headers["set-cookie"].lower()


@pytest.mark.parametrize("password", ["not that one", "", PASSWORD.upper()])
def test_a_wrong_password_is_told_and_not_repeated(client: TestClient, password: str) -> None:
    answer = sign_in(client, password)
    assert answer.status_code == 401
    assert "E-mail and password do not match" in answer.text
    assert EMAIL in answer.text
    assert not password or password not in answer.text
    assert "set-cookie" not in answer.headers


def test_an_unknown_e_mail_is_told_in_the_same_words(client: TestClient) -> None:
    known = sign_in(client, "wrong")
    unknown = client.post("/login", data={"email": "nobody@example.com", "password": "wrong"})
    assert (unknown.status_code, unknown.text) == (401, known.text.replace(EMAIL, "nobody@example.com"))


def test_what_was_typed_is_shown_as_text(client: TestClient) -> None:
    page = client.post("/login", data={"email": '"><script>alert(1)</script>', "password": "x"})
    assert "<script>" not in page.text


def test_the_cookie_is_stored_as_its_digest_only(client: TestClient, dashboard: Dashboard) -> None:
    sign_in(client)
    stored = dashboard.installation.database.path.read_bytes()
    wal = dashboard.installation.database.path.with_name("farthing.db-wal").read_bytes()
    assert client.cookies[COOKIE].encode() not in stored + wal
    assert words.digest(client.cookies[COOKIE]).encode() in stored + wal


def test_somebody_who_is_signed_in_need_not_again(client: TestClient) -> None:
    sign_in(client)
    answer = client.get("/login?next=/explorer")
    assert (answer.status_code, answer.headers["location"]) == (303, "/explorer")


@pytest.mark.parametrize("body", [b"email=%ff&password=x", b"a=1&" * 40, b"password=" + b"x" * 20_000])
def test_a_form_that_is_none_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/login", content=body)
    assert answer.status_code in (400, 401, 413)


# -- where it leads -----------------------------------------------------------------------------------------------


def test_a_reader_comes_back_to_the_page_they_asked_for(client: TestClient) -> None:
    led = client.get("/explorer?where=team:search&last=7d", headers=BROWSER)
    assert (led.status_code, led.headers["location"]) == (
        303,
        "/login?next=%2Fexplorer%3Fwhere%3Dteam%3Asearch%26last%3D7d",
    )
    assert sign_in(client, path=led.headers["location"]).headers["location"] == "/explorer?where=team:search&last=7d"


@pytest.mark.parametrize("said", ["wrong", PASSWORD])
def test_a_wrong_password_does_not_lose_the_way(client: TestClient, said: str) -> None:
    page = sign_in(client, "wrong", "/login?next=%2Fexplorer")
    assert 'action="/login?next=%2Fexplorer"' in page.text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "evil.example", "/\t/evil.example", "/\r\nSet-Cookie: a=b", "", "/login", "/logout?x=1", "http:evil.example",
        "///evil.example", "/\\/evil.example", "\t//evil.example", " //evil.example", "https:/evil.example", "//[evil",
        "/x\u2028y", "/\x00", "/\x7f", "//evil.example\\@testserver", "/login/", "/LOGOUT", "/./logout", "/x/../logout",
        "/%6cogout", "/logout%2f..%2flogout", "/join?invitation=word", "/reset?token=word", "/join/?invitation=word", "/signup",
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_site(client: TestClient, target: str) -> None:
    assert local(target) == "/"
    client.cookies.clear()
    answer = client.post("/login", params={"next": target}, data={"email": EMAIL, "password": PASSWORD})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "target",
    [
        "/explorer?where=team:a//b&last=30d",
        "/teams#top",
        "/%2f%2fevil.example",
        "/%5cevil.example",
        "/loginx",
        "/x?to=/logout",
    ],
)
def test_a_local_path_is_kept_with_its_query(target: str) -> None:
    assert local(target) == target
    assert urlsplit(urljoin("http://testserver/login", target)).netloc == "testserver"


@pytest.mark.parametrize("path", ["/join/?invitation=the-word", "/reset/?token=the-word", "/JOIN?invitation=the-word"])
def test_the_word_of_a_mistyped_link_goes_into_no_other_address(client: TestClient, path: str) -> None:
    assert client.get(path, headers=BROWSER).headers["location"] == "/login"


# -- forms from other sites ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver:9999"},
    ],
)
def test_forms_of_other_sites_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    assert sign_in(client, **headers).status_code == 403
    sign_in(client)
    assert client.post("/logout", headers=headers).status_code == 403
    assert client.get("/", headers=BROWSER).status_code == 200


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {}])
def test_our_own_forms_are_taken(client: TestClient, headers: dict[str, str]) -> None:
    assert sign_in(client, **headers).status_code == 303


# -- guessing -----------------------------------------------------------------------------------------------------


def test_guessing_is_refused_before_anything_is_hashed(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(10):
        assert sign_in(client, "wrong").status_code == 401
    monkeypatch.setattr(passwords, "HASHER", None)  # whoever hashes now fails
    refused = sign_in(client)
    assert refused.status_code == 429
    assert "Too many attempts: try again in 15 minutes" in refused.text
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert EMAIL in refused.text
    assert "set-cookie" not in refused.headers


def test_an_unknown_e_mail_is_refused_alike(client: TestClient) -> None:
    said = [client.post("/login", data={"email": "nobody@example.com", "password": "x"}) for _ in range(11)]
    assert [each.status_code for each in said] == [401] * 10 + [429]


def test_who_is_signed_in_stays_so_while_others_guess(client: TestClient) -> None:
    sign_in(client)
    cookie = client.cookies[COOKIE]
    client.cookies.clear()
    for _ in range(11):
        sign_in(client, "wrong")
    client.cookies[COOKIE] = cookie
    assert client.get("/", headers=BROWSER).status_code == 200


def test_an_unknown_e_mail_takes_the_same_work(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    verify = passwords.HASHER.verify
    counting = SimpleNamespace(verify=lambda *those: hashed.append(those[1]) or verify(*those))
    monkeypatch.setattr(passwords, "HASHER", counting)
    sign_in(client, "wrong")
    client.post("/login", data={"email": "nobody@example.com", "password": "wrong"})
    assert len(hashed) == 2
    assert len({each.rpartition("$")[0].rpartition("$")[0] for each in hashed}) == 1  # the same cost


# -- sessions -----------------------------------------------------------------------------------------------------


def test_no_cookie_that_a_browser_brings_becomes_a_session(client: TestClient) -> None:
    client.cookies[COOKIE] = "chosen-by-somebody-else"
    given = sign_in(client).cookies[COOKIE]
    assert given != "chosen-by-somebody-else"
    assert client.get("/", headers={"cookie": f"{COOKIE}=chosen-by-somebody-else"}).status_code == 401


def test_signing_in_again_gives_a_fresh_cookie_and_ends_the_one_before(client: TestClient) -> None:
    first = sign_in(client).cookies[COOKIE]
    second = sign_in(client).cookies[COOKIE]
    assert first != second
    assert client.get("/", headers={"cookie": f"{COOKIE}={first}"}).status_code == 401
    assert client.get("/", headers={"cookie": f"{COOKIE}={second}"}).status_code == 200


def test_a_session_knows_its_browser(client: TestClient, dashboard: Dashboard) -> None:
    sign_in(client, **{"User-Agent": "Firefox/140.0 \x00" + "x" * 400})
    with dashboard.installation.database.read() as connection:
        (session,) = sessions.of_user(connection, users.named(connection, EMAIL), now_us())
    assert session.agent is not None
    assert session.agent.startswith("Firefox/140.0")
    assert len(session.agent) <= 200


# -- signing out --------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_and_takes_the_cookie(client: TestClient) -> None:
    sign_in(client)
    stolen = client.cookies[COOKIE]
    answer = client.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    client.cookies[COOKIE] = stolen
    assert client.get("/").status_code == 401


def test_a_link_does_not_sign_out(client: TestClient) -> None:
    assert client.get("/logout").status_code == 401
    sign_in(client)
    client.get("/logout")
    assert client.get("/").status_code == 200


def test_signing_out_without_a_session_is_harmless(client: TestClient) -> None:
    assert client.post("/logout").status_code == 303


# -- the guard ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/", "/explorer", "/media/0123456789abcdef.png", "/static/js/index.js", "/_stcore/health", "/_stcore/host-config",
        "/_stcore/metrics", "/_stcore/upload_file/a/b", "/component/x/y", "/login/", "//login", "/healthz/x", "/LOGIN",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_nothing_is_shown_before_sign_in(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, f"http://testserver{path}")
    assert answer.status_code == 401
    assert answer.json() == {"error": "Not signed in"}


@pytest.mark.parametrize("cookie", ["", "x", "a" * 5_000, '"; DROP TABLE sessions'])
def test_a_made_up_cookie_opens_nothing(client: TestClient, cookie: str) -> None:
    answer = client.get("/", headers={"cookie": f"{COOKIE}={cookie}"})
    assert answer.status_code == 401


def test_health_is_open(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200


def test_every_answer_forbids_other_hosts_and_frames(client: TestClient) -> None:
    sign_in(client)
    for path in ("/login?next=/", "/", "/media/x.png"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy


def test_a_session_that_is_over_opens_nothing(client: TestClient, dashboard: Dashboard) -> None:
    sign_in(client)
    dashboard.cookies[COOKIE] = client.cookies[COOKIE]
    dashboard.sign_out_everywhere()
    assert client.get("/").status_code == 401


# -- the websocket ------------------------------------------------------------------------------------------------


def test_a_stranger_gets_no_websocket(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        raise AssertionError("it was opened")


@pytest.mark.parametrize("origin", ["http://testserver:9999", "https://evil.example", "null", "http://localhost"])
def test_a_page_of_another_site_gets_none_whoever_is_signed_in(client: TestClient, origin: str) -> None:
    """A cookie is sent along by whatever page of this host asks, on whatever port."""
    sign_in(client)
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/_stcore/stream", headers={"origin": origin}),
    ):
        raise AssertionError("it was opened")
    assert closed.value.code == guard.SIGNED_OUT


def test_a_page_of_ours_gets_one(client: TestClient) -> None:
    sign_in(client)
    with client.websocket_connect("/_stcore/stream", headers={"origin": "http://testserver"}) as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"


def test_a_page_that_comes_back_after_its_session_ended_is_led_to_the_door(client: TestClient) -> None:
    client.cookies[COOKIE] = "over"
    assert client.get("/_stcore/health").status_code == 200
    assert client.get("/_stcore/metrics").status_code == 401
    with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit", "x", "y"]) as socket:
        assert socket.accepted_subprotocol == "streamlit"
        assert ForwardMsg.FromString(socket.receive_bytes()).auth_redirect.url == "/login"
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


def test_an_open_websocket_passes_everything_through(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LOOK_EVERY", 0.01)
    sign_in(client)
    with client.websocket_connect("/_stcore/stream") as socket:
        for number in range(200):
            socket.send_text(str(number))
            assert socket.receive_text() == str(number)


def test_a_websocket_whose_session_ends_is_led_away_and_closed(client: TestClient, dashboard: Dashboard) -> None:
    sign_in(client)
    dashboard.cookies[COOKIE] = client.cookies[COOKIE]
    with client.websocket_connect("/_stcore/stream") as socket:
        socket.send_text("still here")
        assert socket.receive_text() == "still here"
        dashboard.sign_out_everywhere()
        assert ForwardMsg.FromString(socket.receive_bytes()).auth_redirect.url == "/login"
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == guard.SIGNED_OUT
