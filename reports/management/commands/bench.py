"""`make bench`: statements and times of pages in a large trial, time of the full report, statistics against R.

Everything runs in scratch databases, dropped afterwards. Fails over a budget.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports.bench import against_r, generate, pages, scratch
from reports.demo.load import ensure

REPORT_SECONDS = 8
LARGEST = max(against_r.SIZES)
SEED = 2016
SIZE = generate.Size()
PARTS = ("pages", "report", "statistics")


class Command(BaseCommand):
    help = "Measure what the design promises, in databases of its own that are dropped afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", choices=PARTS, action="append", help="Measure this part alone (may be repeated).")
        parser.add_argument("--subjects", type=int, default=SIZE.subjects, help="Subjects of the large trial.")
        parser.add_argument("--requests", type=int, default=pages.REQUESTS, help="Requests of each page.")

    def handle(self, *args: Any, **options: Any) -> None:
        parts = {"pages": self._pages, "report": self._report, "statistics": self._statistics}
        try:
            missed = [line for name in options["only"] or PARTS for line in parts[name](options)]
        except (scratch.NoScratchDatabase, pages.NotThePage) as error:
            raise CommandError(str(error)) from error
        if missed:
            raise CommandError("Over budget: " + "; ".join(missed))
        self.stdout.write("Everything measured is within its budget.")

    def _pages(self, options: dict[str, Any]) -> list[str]:
        missed = []
        with scratch.scratch_database():
            self._fill(_size(options["subjects"]))
            self.stdout.write(
                f"{'page':22} {'as':14} {'statements':>10} {'median ms':>10} {'p95 ms':>8} {'p95 busy':>8}"
                f" {'budget':>12}"
            )
            for line in pages.measure(options["requests"]):
                self.stdout.write(
                    f"{line.page:22} {line.role:14} {line.statements:>10} {line.median:>10.1f} {line.p95:>8.1f}"
                    f" {'' if line.busy_p95 is None else f'{line.busy_p95:.1f}':>8} {_shown(line.budget):>12}"
                )
                missed += line.over
        return missed

    def _fill(self, size: generate.Size) -> None:
        start = time.perf_counter()
        made = list(generate.fill(size, seed=SEED, until=timezone.now().date()))[-1]
        scratch.settle()
        self.stdout.write(
            f"A made-up trial: {made.subjects:,} subjects, {made.forms:,} forms, {made.items:,} items,"
            f" {made.queries:,} queries ({made.live_queries:,} live), in {time.perf_counter() - start:.0f} s"
        )

    def _report(self, options: dict[str, Any]) -> list[str]:
        with scratch.scratch_database(), tempfile.TemporaryDirectory() as folder:
            ensure()
            start = time.perf_counter()
            call_command("interim_report", cut="2022-08-31", out=str(Path(folder) / "report"))
            seconds = time.perf_counter() - start
        self.stdout.write(f"Full interim report: {seconds:.1f} s (budget {REPORT_SECONDS} s)")
        return [f"full report: {seconds:.1f} s"] if seconds > REPORT_SECONDS else []

    def _statistics(self, options: dict[str, Any]) -> list[str]:
        missed = []
        self.stdout.write(f"{'analysis':24} {'subjects':>8} {'ours ms':>9} {'R ms':>9} {'ratio':>6}")
        try:
            for line in against_r.compare():
                ours, theirs = line.ours * 1000, line.r * 1000
                self.stdout.write(
                    f"{line.analysis:24} {line.subjects:>8} {ours:>9.3f} {theirs:>9.3f} {line.ratio:>6.2f}"
                )
                if not line.agrees:
                    missed.append(f"{line.analysis} at {line.subjects} subjects differs from R")
                if line.subjects == LARGEST and line.ratio > 1:
                    missed.append(f"{line.analysis} at {line.subjects} subjects takes {line.ratio:.2f} times R's time")
        except against_r.NoR as error:
            raise CommandError(str(error)) from error
        return missed


def _size(subjects: int) -> generate.Size:
    """As many items and queries as go with so many subjects."""
    return generate.Size(
        subjects=subjects,
        items=SIZE.items * subjects // SIZE.subjects,
        queries=SIZE.queries * subjects // SIZE.subjects,
    )


def _shown(budget: pages.Budget) -> str:
    parts = (
        "" if budget.statements is None else str(budget.statements),
        "" if budget.milliseconds is None else f"{budget.milliseconds:.0f} ms",
    )
    return " / ".join(filter(None, parts))
