"""The real process: started from any folder, guarded as a whole, silent about secrets."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app.sessions import COOKIE
from tests.servers import Farthing

pytestmark = pytest.mark.xdist_group("dashboard")  # one process for all of them

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
CHOSEN = "battery staple horse"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farthing]:
    folder = tmp_path_factory.mktemp("dashboard")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        started = Farthing.prepare(folder, FARTHING_ADMIN_EMAIL=EMAIL, FARTHING_ADMIN_PASSWORD=PASSWORD)
        started.start_app()
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def cookie(process: Farthing) -> str:
    answer = httpx2.post(f"{process.app_url}/login", data={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 303
    return str(answer.cookies[COOKIE])


def stream(process: Farthing, cookie: str | None = None) -> ClientConnection:
    headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
    address = f"ws://127.0.0.1:{process.app_port}/_stcore/stream"
    return connect(address, additional_headers=headers, subprotocols=["streamlit"])  # type: ignore[list-item]


def a_script(process: Farthing, cookie: str) -> str:
    """The path of one of Streamlit's own files, as the page asks for it."""
    page = httpx2.get(process.app_url, cookies={COOKIE: cookie}, headers={"accept": "text/html"})
    return page.text.split('src="./')[1].split('"')[0]


def test_it_starts_from_any_folder_and_is_healthy(process: Farthing) -> None:
    assert httpx2.get(f"{process.app_url}/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    "path", ["media/0123456789abcdef.png", "_stcore/health", "_stcore/metrics", "favicon.png", "x"]
)
def test_its_paths_are_guarded(process: Farthing, path: str) -> None:
    assert httpx2.get(f"{process.app_url}/{path}").status_code == 401


def test_its_static_files_are_for_those_who_are_signed_in(process: Farthing, cookie: str) -> None:
    script = f"{process.app_url}/{a_script(process, cookie)}"
    assert httpx2.get(script).status_code == 401
    assert httpx2.get(script, cookies={COOKIE: cookie}).status_code == 200


def test_its_websocket_is_guarded(process: Farthing, cookie: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        stream(process)
    assert refused.value.response.status_code == 403
    with stream(process, cookie) as opened:
        assert opened.subprotocol == "streamlit"


def test_the_streamlit_agent_interface_is_off(process: Farthing, cookie: str) -> None:
    answer = httpx2.post(f"{process.app_url}/_stcore/agent/interact", json={}, cookies={COOKIE: cookie})
    assert answer.status_code in (403, 404)


def test_no_secret_reaches_a_log(process: Farthing, cookie: str) -> None:
    httpx2.post(f"{process.app_url}/login", data={"email": EMAIL, "password": "a wrong secret"})
    httpx2.get(f"{process.app_url}/login", params={"password": PASSWORD})
    words = used_links(process)
    logged = process.log_path.read_text()
    for secret in (PASSWORD, CHOSEN, "a wrong secret", "a+wrong+secret", cookie, EMAIL, *words):
        assert secret not in logged
    assert "Traceback" not in logged
    kept = b"".join(path.read_bytes() for path in process.data_dir.iterdir() if path.is_file())
    assert all(word.encode() not in kept for word in (CHOSEN, cookie, *words))


def used_links(process: Farthing) -> list[str]:
    """The words of a link to join and of one for a new password, looked at, mistyped, and used."""
    words = []
    for command, path, field in (("invite", "/join", "invitation"), ("reset-password", "/reset", "token")):
        link = process.run("users", command, "links@example.com").stdout.strip()
        words.append(link.partition(f"{field}=")[2])
        for address in (f"{path}?{field}={words[-1]}", f"{path}/?{field}={words[-1]}"):
            httpx2.get(process.app_url + address, headers={"accept": "text/html"}, follow_redirects=True)
        form = {field: words[-1], "password": CHOSEN}
        assert httpx2.post(process.app_url + path, data=form).status_code == 303
    return words


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    broken = Farthing(tmp_path, {"FARTHING_DATA_DIR": "/proc/nothing", "PATH": ""})
    done = broken.run("app", "--port", "1", check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("farthing: ")
    assert "Traceback" not in done.stderr
