"""The way in: any command works with nothing set, and leaves nothing running."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trial.conf import local_services


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    where = tmp_path / "home/where"
    if where.exists():
        shutil.rmtree(where.read_text().strip())


def manage(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as in a fresh terminal: no address of a server is set."""
    environment = {"PATH": os.environ["PATH"], "CRADLE_HOME": str(home)} | variables
    command = [sys.executable, str(local_services.CHECKOUT / "manage.py"), *arguments]
    return subprocess.run(command, env=environment, cwd=home.parent, capture_output=True, text=True, timeout=60)


def test_a_command_starts_the_servers_and_leaves_none_running(home: Path) -> None:
    done = manage(home, "migrate")
    assert done.returncode == 0, done.stderr
    assert "for one desk, never for production" in done.stderr
    assert (home / "postgres.log").read_text().rstrip().endswith("database system is shut down")


def test_help_lists_the_commands_without_starting_anything(home: Path) -> None:
    done = manage(home, "help")
    assert "[trial]" in done.stdout
    assert not home.exists()


def test_servers_that_are_set_only_by_half_stop_the_start(home: Path) -> None:
    others = {"SECRET_KEY": "plainly invented", "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}
    done = manage(home, "check", DATABASE_URL="postgresql:///cradle", **others)
    assert done.returncode != 0
    assert "REDIS_URL" in done.stderr
    assert not home.exists()
