from tests.clients.conftest import litellm_python  # noqa: F401 - a fixture
