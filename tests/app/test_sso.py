"""Single sign-on with a real provider: who it vouches for gets in, where Farthing knows them, and nobody else."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.oidc import Provider, provider
from tests.servers import Farthing, free_port

EMAIL = "ada@example.com"
BROWSER = {"accept": "text/html,*/*"}


@pytest.fixture(scope="module")
def oidc() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture(scope="module")
def farthing(tmp_path_factory: pytest.TempPathFactory, oidc: Provider) -> Iterator[Farthing]:
    home = tmp_path_factory.mktemp("home")
    port = free_port()
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "secrets.toml").write_text(oidc.secrets(f"http://127.0.0.1:{port}"))
    started = Farthing.prepare(home, FARTHING_ADMIN_EMAIL=EMAIL, HOME=str(home))
    started.app_port = port
    try:
        started.start_app()
        yield started
    finally:
        started.stop()


@pytest.fixture
def browser(farthing: Farthing) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=farthing.app_url, headers=BROWSER, follow_redirects=True, timeout=30) as client:
        yield client


def sign_in(browser: httpx2.Client, oidc: Provider, target: str = "/", **claims: Any) -> httpx2.Response:
    """As somebody does it: the page that they want, the button on the sign-in page, the provider, and back."""
    oidc.claims = claims
    page = browser.get(target)
    assert "single sign-on" in page.text
    return browser.get("/login/sso", params=dict(page.url.params) | {"provider": "default"})


def cookies(browser: httpx2.Client) -> set[str]:
    return {cookie.name for cookie in browser.cookies.jar}


def test_whom_the_provider_vouches_for_gets_in(browser: httpx2.Client, oidc: Provider) -> None:
    page = sign_in(browser, oidc, "/settings?last=7d", email=" Ada@Example.com", email_verified=True)
    assert (page.status_code, page.url.path, page.url.params["last"]) == (200, "/settings", "7d")
    assert "farthing_session" in cookies(browser)


def test_the_identity_is_used_once(browser: httpx2.Client, oidc: Provider) -> None:
    sign_in(browser, oidc, email=EMAIL)
    assert not [name for name in cookies(browser) if name.startswith("_streamlit_user")]
    browser.post("/logout")
    assert browser.get("/").url.path == "/login"


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"email": "stranger@example.com"}, "stranger@example.com has no account here"),
        ({"email": EMAIL, "email_verified": False}, "not verified"),
        ({}, "has not told your e-mail"),
    ],
)
def test_nobody_else_gets_in(browser: httpx2.Client, oidc: Provider, claims: dict[str, Any], says: str) -> None:
    page = sign_in(browser, oidc, **claims)
    assert page.status_code == 403
    assert says in page.text
    assert "farthing_session" not in cookies(browser)
    assert browser.get("/").url.path == "/login"


def test_who_is_invited_joins_by_it(browser: httpx2.Client, oidc: Provider, farthing: Farthing) -> None:
    farthing.run("users", "invite", "new@example.com", "--role", "viewer")
    page = sign_in(browser, oidc, email="new@example.com", email_verified=True)
    assert (page.status_code, page.url.path) == (200, "/")
    assert "new@example.com" in farthing.run("users", "list").stdout


def test_an_account_in_anothers_name_is_theirs_no_more(
    browser: httpx2.Client, oidc: Provider, farthing: Farthing
) -> None:
    """Somebody opens an invitation that is not theirs, and waits for its owner to come by the provider."""
    victim, chosen = "victim@example.com", "chosen by somebody else"
    link = farthing.run("users", "invite", victim, "--role", "viewer").stdout.split()[-1]
    word = link.rpartition("=")[2]
    with httpx2.Client(base_url=farthing.app_url, headers=BROWSER, timeout=30) as stranger:
        assert stranger.post("/join", data={"invitation": word, "password": chosen}).status_code == 303
        assert stranger.get("/", follow_redirects=True).url.path == "/"
        assert sign_in(browser, oidc, email=victim, email_verified=True).url.path == "/"
        time.sleep(1)  # for so long an answer about a session may be remembered
        assert stranger.get("/", follow_redirects=True).url.path == "/login"
        assert stranger.post("/login", data={"email": victim, "password": chosen}).status_code == 401


def test_an_account_of_the_operators_keeps_its_password(
    browser: httpx2.Client, oidc: Provider, farthing: Farthing
) -> None:
    sign_in(browser, oidc, email=EMAIL)
    with httpx2.Client(base_url=farthing.app_url, headers=BROWSER, timeout=30) as elsewhere:
        known = {"email": EMAIL, "password": farthing.made["admin_password"]}
        assert elsewhere.post("/login", data=known).status_code == 303


def test_a_forged_identity_is_none(browser: httpx2.Client) -> None:
    browser.cookies.set("_streamlit_user", '"forged"')
    page = browser.get("/login")
    assert page.status_code == 200
    assert "farthing_session" not in cookies(browser)


def test_an_unknown_provider_leads_nowhere_else(browser: httpx2.Client, farthing: Farthing) -> None:
    page = browser.get("/login/sso", params={"provider": "https://evil.example"})
    assert page.url.host == "127.0.0.1"
    assert str(page.url).startswith(farthing.app_url)


@pytest.mark.parametrize(
    ("secrets", "says"),
    [
        ('[auth]\nclient_id = "a"\ncookie_secret = "short"\nredirect_uri = "http://x/oauth2callback"\n', "at least 32"),
        (f'[auth]\nclient_id = "a"\ncookie_secret = "{"x" * 40}"\n', "redirect_uri"),
    ],
)
def test_settings_that_can_not_work_stop_the_start(tmp_path: Path, secrets: str, says: str) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(secrets)
    farthing = Farthing.prepare(tmp_path, HOME=str(tmp_path))
    refused = farthing.run("app", "--port", str(free_port()), check=False)
    assert refused.returncode == 1
    assert says in refused.stderr
    assert "Traceback" not in refused.stderr
