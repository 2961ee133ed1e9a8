"""`manage.py demo` as its user sees it: sign-ins, a taken port, an end without leftovers."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

from reports.demo import people
from reports.demo.processes import STARTS, KeepsEnding, Process, stop
from trial import roles

MANAGE = Path(__file__).parents[2] / "manage.py"
FIRST_START_SECONDS = 300


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(home: Path, port: int | str) -> "subprocess.Popen[str]":
    """The demo on servers of its own, not those of the tests."""
    ours = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CRADLE_LOCAL", "DJANGO_SETTINGS_MODULE", "REPORTS_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.Popen(
        [sys.executable, str(MANAGE), "demo"],
        env=environment | {"CRADLE_HOME": str(home), "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def read_until(demo: "subprocess.Popen[str]", begin: str, seconds: float) -> str:
    said, deadline = "", time.monotonic() + seconds
    for line in demo.stdout or ():
        said += line
        if line.startswith(begin):
            return said
        assert time.monotonic() < deadline, said
    raise AssertionError(f"The demo ended:\n{said}")


def processes_of(home: Path) -> list[int]:
    """Processes that know this home: all that the demo has started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                known = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                if str(home).encode() in known and (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-home")


@pytest.fixture(scope="module")
def demo(home: Path) -> Iterator[tuple["subprocess.Popen[str]", str, str]]:
    """A running demo, its address and what it said."""
    port = free_port()
    process = start(home, port)
    try:
        said = read_until(process, "Ready:", FIRST_START_SECONDS)
        yield process, f"http://127.0.0.1:{port}", said
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)


def sign_in(address: str, username: str) -> OpenerDirector:
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{address}/sign-in/").read().decode()
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', page)
    assert token
    form = {"csrfmiddlewaretoken": token.group(1), "username": username, "password": people.COMMON}
    headers = {"Referer": f"{address}/sign-in/"}
    browser.open(Request(f"{address}/sign-in/", urlencode(form).encode(), headers))
    return browser


def status(browser: OpenerDirector, address: str) -> int:
    try:
        return browser.open(address).status
    except HTTPError as error:
        return error.code


def test_it_says_where_and_who_before_it_is_ready(demo: tuple[object, str, str]) -> None:
    _, address, said = demo
    assert address in said
    assert people.COMMON in said
    assert all(login.username in said for login in people.LOGINS)
    assert said.splitlines()[-1].startswith("Ready:")


def test_every_login_sees_its_home(demo: tuple[object, str, str]) -> None:
    _, address, _ = demo
    for login in people.LOGINS:
        home_page = sign_in(address, login.username).open(f"{address}/")
        assert home_page.status == 200
        assert home_page.url == f"{address}/", login.username


def test_a_coordinator_sees_nothing_of_another_site(demo: tuple[object, str, str]) -> None:
    _, address, _ = demo
    here = sign_in(address, "site-coordinator")
    assert (status(here, f"{address}/subjects/S001/"), status(here, f"{address}/subjects/S002/")) == (200, 404)
    there = sign_in(address, "site-coordinator-2")
    assert (status(there, f"{address}/subjects/S001/"), status(there, f"{address}/subjects/S002/")) == (404, 200)


def test_a_taken_port_is_a_sentence(demo: tuple[object, str, str], tmp_path: Path) -> None:
    _, address, _ = demo
    second = start(tmp_path, address.rsplit(":", 1)[1])
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "cannot be used: Address already in use. Choose another one: PORT=8001 make demo" in said
    assert "Traceback" not in said


# The last test on the running demo: it ends it.
def test_a_ctrl_c_and_a_second_one_stop_everything(demo: tuple["subprocess.Popen[str]", str, str], home: Path) -> None:
    process, _, _ = demo
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.2)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) == 0
    deadline = time.monotonic() + 20
    while processes_of(home) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert processes_of(home) == []


def test_a_second_start_does_nothing_twice(demo: tuple["subprocess.Popen[str]", str, str], home: Path) -> None:
    assert demo[0].poll() is not None
    second = start(home, free_port())
    try:
        said = read_until(second, "Ready:", 120)
        assert "Loaded the synthetic trial" not in said
        os.kill(second.pid, signal.SIGTERM)
        assert second.wait(60) == 0
    finally:
        if second.poll() is None:
            second.kill()
            second.wait()


def test_there_is_a_login_for_every_role_of_people() -> None:
    assert {login.role_code for login in people.LOGINS} == {role.code for role in roles.all_roles()} - {"system"}


def test_a_process_that_keeps_ending_is_given_up_with_its_last_lines(tmp_path: Path) -> None:
    process = Process("worker", [sys.executable, "-c", "print('no queue')"], tmp_path / "log", dict(os.environ))
    for _ in range(STARTS):
        process.revive()
        assert process.popen
        process.popen.wait()
    with pytest.raises(KeepsEnding, match="The worker keeps ending") as ended:
        process.revive()
    assert "no queue" in str(ended.value)


def test_a_process_that_does_not_listen_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.demo.processes.STOP_SECONDS", 0.5)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    process = Process("web server", [sys.executable, "-c", deaf], tmp_path / "log", dict(os.environ))
    process.start()
    while "up" not in process.last_lines():
        time.sleep(0.05)
    stop([process])
    assert not process.runs
