"""The rooms and who may enter: broken imports fail here as they do in `make check`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_imports_keep_to_their_rooms() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_locks_name_no_registry() -> None:
    for lock in [*ROOT.glob("requirements*.lock"), *ROOT.glob("tests/**/requirements.lock")]:
        assert "://" not in lock.read_text(), lock.name
        assert "--hash=sha256:" in lock.read_text(), lock.name
