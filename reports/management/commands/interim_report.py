"""Write an interim report to a folder, without registering it: `open/` and `closed/`."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from reports.cuts import WrongCut, check_cut, parse_cut, parse_freeze
from reports.package import NotBuilt
from trial import access, access_log, database
from trial.models import User
from trial.permissions import Permission


class Command(BaseCommand):
    help = "Write the interim report as of a data cut to a folder: open/ and closed/, each with its manifest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cut", required=True, metavar="YYYY-MM-DD", help="the last day that counts")
        parser.add_argument("--freeze", metavar="MOMENT", help="only what was entered by then counts (default: now)")
        parser.add_argument("--by", metavar="USER", default="system", help="who builds it; needs the right to")
        parser.add_argument("--out", required=True, metavar="DIR", help="a folder that is new or empty")

    def handle(self, *args: Any, **options: Any) -> None:
        if not database.is_migrated():
            raise CommandError("The database is empty: run migrate first.")
        cut, freeze = _moments(options["cut"], options["freeze"])
        out = Path(options["out"]).absolute()
        _check_empty(out)
        by = _builder(options["by"])
        started = time.monotonic()
        sha256 = _build(cut, freeze, out, by)
        access_log.record(user=by, event="report written", target=f"Report as of {cut}", role=_role(by), sha256=sha256)
        self.stdout.write(f"Report as of {cut} in {out} after {time.monotonic() - started:.1f} s.")


def _moments(cut: str, freeze: str | None) -> tuple[date, datetime | None]:
    now = timezone.now()
    try:
        day = parse_cut(cut)
        check_cut(day, now=now)
        return day, parse_freeze(freeze, now=now) if freeze else None
    except WrongCut as refusal:
        raise CommandError(str(refusal)) from refusal


def _check_empty(out: Path) -> None:
    with _folder_problems(out):
        if out.exists() and not out.is_dir():
            raise CommandError(f"{out} is a file; name a folder for the report.")
        if out.exists() and any(out.iterdir()):
            raise CommandError(
                f"The folder {out} is not empty. A report is never written over anything: name a new one."
            )


def _builder(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username!r}.")
    try:
        _role(user)
    except PermissionDenied as refusal:
        raise CommandError(f"{username} may not build reports. {refusal}") from refusal
    return user


def _role(user: User) -> str:
    return access.role_anywhere(user, Permission.BUILD_REPORT).code


def _build(cut: date, freeze: datetime | None, out: Path, by: User) -> str:
    """Build to `out`, which appears as a whole or not at all. Returns the hash of the snapshot."""
    from reports.report import Meta, build

    meta = Meta(number=None, version=1, built_by=by.full_name, built_at=timezone.now())
    with _folder_problems(out), _workshop(out) as workshop, _progress_bar() as show:
        try:
            built = build(cut=cut, freeze=freeze, out=Path(workshop) / "report", meta=meta, progress=show)
        except NotBuilt as refusal:
            raise CommandError(str(refusal)) from refusal
        (Path(workshop) / "report").rename(out)
    return built.snapshot_sha256


@contextmanager
def _folder_problems(out: Path) -> Iterator[None]:
    """A folder that cannot be read, made or filled is a sentence."""
    try:
        yield
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise CommandError(f"The report cannot be written to {out}: {reason}. Name another folder.") from problem


@contextmanager
def _workshop(out: Path) -> Iterator[str]:
    """A folder beside `out` to build in, gone afterwards."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        yield folder


@contextmanager
def _progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    with tqdm(desc="Interim report", unit="step", bar_format="{desc:<34} {bar} {n_fmt}/{total_fmt}") as bar:

        def show(step: str, done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.set_description(step)

        yield show
