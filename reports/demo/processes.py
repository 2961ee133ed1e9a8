"""The demo's processes: started together, started again when they die, stopped together."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 15.0
STARTS, WITHIN_SECONDS = 3, 60.0
LAST_LINES = 20


class KeepsEnding(Exception):
    """A process that does not stay; the message has its last lines."""


def end_with_parent(parent: int) -> Callable[[], None]:
    """For the child to call before its program starts: the kernel then ends it when `parent` dies, however it dies."""
    set_death_signal = ctypes.CDLL(None, use_errno=True).prctl

    def ask_kernel() -> None:
        set_death_signal(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_kernel


@dataclass
class Process:
    """One program with its log. A group of its own: a Ctrl-C in the terminal reaches only the demo, which stops it."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    popen: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.environment),
                start_new_session=True,
                preexec_fn=end_with_parent(os.getpid()),
            )
        self.starts.append(time.monotonic())

    @property
    def runs(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def revive(self) -> bool:
        """Start it again if it has died, and say whether it had. Raises KeepsEnding if that has been in vain."""
        if self.runs:
            return False
        if len(self.starts) >= STARTS and time.monotonic() - self.starts[-STARTS] < WITHIN_SECONDS:
            raise KeepsEnding(f"The {self.name} keeps ending. Its last lines ({self.log}):\n{self.last_lines()}")
        self.start()
        return True

    def last_lines(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:])

    def ask_to_stop(self) -> None:
        if self.popen is not None and self.runs:
            self.popen.terminate()

    def wait(self, until: float) -> None:
        """Wait for its end; from `until` on, end it and all that it has started."""
        if self.popen is None:
            return
        try:
            self.popen.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait()


def stop(processes: Sequence[Process]) -> None:
    for process in processes:
        process.ask_to_stop()
    until = time.monotonic() + STOP_SECONDS
    for process in processes:
        process.wait(until)
