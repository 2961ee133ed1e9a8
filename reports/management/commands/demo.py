"""Run the demo trial: web, worker and beat on local servers, with invented data and one sign-in for each role."""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reports.demo import load, people
from reports.demo.processes import KeepsEnding, Process, stop

HOST = "127.0.0.1"
LOOK_SECONDS = 0.3
READY_SECONDS = 120


class Command(BaseCommand):
    help = "Run the demo trial on 127.0.0.1:$PORT (8000). Ctrl-C stops everything."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop_on_signals()
        if not (settings.LOCAL and settings.DEMO):
            raise CommandError(
                "The demo makes accounts with a printed password, so it runs on its own local servers only."
                " Unset DATABASE_URL and REDIS_URL."
            )
        port = chosen_port()
        self._prepare()
        processes = children(port)
        try:
            for process in processes:
                process.start()
            self._say_where(port)
            self._wait_until_ready(processes, port)
            self._say(f"Ready: http://{HOST}:{port}/ (Ctrl-C stops everything)")
            while True:
                self._revive(processes)
                time.sleep(LOOK_SECONDS)
        except KeepsEnding as problem:
            raise CommandError(str(problem)) from problem
        finally:
            ignore_signals()
            stop(processes)

    def _prepare(self) -> None:
        self._say("Preparing the database...")
        try:
            if load.ensure():
                self._say("Loaded the synthetic trial: every row of it is invented.")
        except load.NotADemo as problem:
            raise CommandError(str(problem)) from problem

    def _say_where(self, port: int) -> None:
        self._say(f"\nCradle with SYNTHETIC data: http://{HOST}:{port}/\n\n{people.table()}\n\n")
        self._say(f"Password of all of them: {people.COMMON}\n\n")

    def _wait_until_ready(self, processes: list[Process], port: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_healthy(port):
            self._revive(processes)
            if time.monotonic() > deadline:
                lines = "\n".join(f"{process.name}:\n{process.last_lines()}" for process in processes)
                raise CommandError(f"Not ready after {READY_SECONDS} seconds. Last lines:\n{lines}")
            time.sleep(LOOK_SECONDS)

    def _revive(self, processes: list[Process]) -> None:
        for process in processes:
            if process.revive():
                self._say(f"The {process.name} had ended; it was started again. See {process.log}.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def chosen_port() -> int:
    """$PORT, 8000 if it is not set. Raises CommandError for a port that is no number or taken."""
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise CommandError(f"PORT is “{text}”, which is no port. Use a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            raise CommandError(
                f"Port {text} cannot be used: {error.strerror}. Choose another one: PORT=8001 make demo"
            ) from error
    return int(text)


def children(port: int) -> list[Process]:
    """Web, worker and beat, none of them with the owner's way into the database."""
    home = Path(os.environ["CRADLE_HOME"])
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    web = ["gunicorn", "trial.conf.wsgi", f"--bind={HOST}:{port}", "--worker-class=gthread", "--workers=2"]
    celery = ["celery", "-A", "trial.conf.celery"]
    programs = {
        "web server": [*web, "--threads=8", "--no-control-socket", "--timeout=60"],
        "worker": [*celery, "worker", "--concurrency=1", "--loglevel=WARNING", "--without-gossip", "--without-mingle"],
        "beat": [*celery, "beat", "--loglevel=WARNING", f"--schedule={home / 'beat'}", "--pidfile="],
    }
    return [
        Process(name, [sys.executable, "-m", *command], home / f"demo-{name.split()[0]}.log", environment)
        for name, command in programs.items()
    ]


def is_healthy(port: int) -> bool:
    try:
        with urlopen(f"http://{HOST}:{port}/healthz", timeout=5) as answer:
            return answer.status == 200 and bool(json.load(answer))
    except (HTTPError, URLError, OSError, ValueError):
        return False


def stop_on_signals() -> None:
    """End in order on the first Ctrl-C or SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)


def _leave(number: int, frame: object) -> None:
    ignore_signals()
    raise SystemExit(0)


def ignore_signals() -> None:
    """No second signal cuts the stopping short."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
