"""Starts the local servers for the tests before Django's settings are read, which is before any conftest.py.

With xdist the controller starts them and its workers inherit the addresses. With DATABASE_URL set the tests run on
that server instead, and DATABASE_OWNER_URL names the role that makes databases there. The servers' folder is a
temporary one unless CRADLE_TEST_HOME names one to keep (a quicker start).
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from trial.conf import local_services


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    if not os.environ.get("DATABASE_URL"):
        services = local_services.ensure(_home(), durable=False)
        local_services.export(services)
        # Not a hook at the end: pytest calls none where the settings cannot be read.
        atexit.register(_stop, services, os.getpid())
    elif not os.environ.get("DATABASE_OWNER_URL"):
        raise pytest.UsageError("With DATABASE_URL the tests need DATABASE_OWNER_URL too, to make their databases.")


def _home() -> Path:
    return Path(os.environ.get("CRADLE_TEST_HOME") or tempfile.mkdtemp(prefix="cradle-tests-"))


def _stop(services: local_services.Services, pid: int) -> None:
    if os.getpid() != pid:  # a forked child
        return
    local_services.leave(services.home)
    if not os.environ.get("CRADLE_TEST_HOME"):
        shutil.rmtree(services.data, ignore_errors=True)
        shutil.rmtree(services.home, ignore_errors=True)
