"""Starts the local servers for the tests before Django's settings are read (pytest-django does that before conftest.py).

With xdist the controller starts them and its workers inherit the addresses. With DATABASE_URL set, the tests run on
that server instead. The servers' folder is a temporary one unless CRADLE_TEST_HOME names one to keep (a quicker start).
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from trial.conf import local_services

_services: list[local_services.Services] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    if not os.environ.get("DATABASE_URL"):
        services = local_services.ensure(_home(), durable=False)
        local_services.export(services)
        _services.append(services)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    while _services:
        services = _services.pop()
        local_services.leave(services.home)
        if not os.environ.get("CRADLE_TEST_HOME"):
            shutil.rmtree(services.data, ignore_errors=True)
            shutil.rmtree(services.home, ignore_errors=True)


def _home() -> Path:
    return Path(os.environ.get("CRADLE_TEST_HOME") or tempfile.mkdtemp(prefix="cradle-tests-"))
