"""`make bench`: statements per page, time of the full report, statistics against R. Fails over a budget."""

import tempfile
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from reports.bench import against_r, statements
from reports.demo.load import ensure

REPORT_SECONDS = 8
LARGEST = max(against_r.SIZES)


class Command(BaseCommand):
    help = "Measure what the design promises, on the demo trial in a folder of its own."

    def handle(self, *args: Any, **options: Any) -> None:
        ensure()
        missed = [*self._pages(), *self._report(), *self._statistics()]
        if missed:
            raise CommandError("Over budget: " + "; ".join(missed))
        self.stdout.write("Everything measured is within its budget.")

    def _pages(self) -> list[str]:
        self.stdout.write(f"{'page':40} {'statements':>10} {'budget':>7} {'ms':>8}")
        missed = []
        for page in statements.measure():
            self.stdout.write(f"{page.name:40} {page.statements:>10} {page.budget:>7} {page.milliseconds:>8.1f}")
            if page.statements > page.budget:
                missed.append(f"{page.name}: {page.statements} statements, budget {page.budget}")
        return missed

    def _report(self) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            call_command("interim_report", cut="2022-08-31", out=str(Path(folder) / "report"))
            seconds = time.perf_counter() - start
        self.stdout.write(f"Full interim report: {seconds:.1f} s (budget {REPORT_SECONDS} s)")
        return [f"full report: {seconds:.1f} s"] if seconds > REPORT_SECONDS else []

    def _statistics(self) -> list[str]:
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
