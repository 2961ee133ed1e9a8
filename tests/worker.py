"""A real Celery worker on the real queue, for one test at a time."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from trial.conf.celery import app

START_SECONDS = 60


@contextmanager
def running_worker(queue: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker that sees this test's database (its address stands in the environment) and this queue alone."""
    before, app.conf.task_default_queue = app.conf.task_default_queue, queue
    command = [sys.executable, "-m", "celery", "-A", "trial.conf.celery", "worker", "-P", "solo", "-Q", queue,
               "-n", f"{queue}@test", "--loglevel", "warning"]  # fmt: skip
    worker = subprocess.Popen(command)
    try:
        _wait_until_it_answers(worker, f"{queue}@test")
        yield worker
    finally:
        worker.terminate()
        worker.wait(timeout=30)
        app.conf.task_default_queue = before


def _wait_until_it_answers(worker: subprocess.Popen[bytes], name: str) -> None:
    for _ in range(START_SECONDS * 2):
        if worker.poll() is not None:
            raise RuntimeError(f"The worker ended at once, with {worker.returncode}.")
        if app.control.ping(destination=[name], timeout=0.5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"The worker did not answer within {START_SECONDS} s.")
