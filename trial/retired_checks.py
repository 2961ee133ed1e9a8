"""Edit checks that a data manager has retired: they ask nothing, on no page, at no save and in no run of checks."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from trial.checks import Finding, Severity
from trial.models import CheckRetirement


@dataclass(frozen=True)
class Sifted:
    """findings: those to go on with. retired: codes of the checks whose findings were left out."""

    findings: list[Finding]
    retired: frozenset[str] = field(default=frozenset())


def sift(findings: Iterable[Finding]) -> Sifted:
    """Leave out what retired checks find. One statement, by the index, and only where a soft finding is among them."""
    found = list(findings)
    asked = {finding.code for finding in found if finding.severity is Severity.SOFT}
    retired = among(asked)
    return Sifted([finding for finding in found if finding.code not in retired], retired)


def among(codes: Iterable[str]) -> frozenset[str]:
    """Those of these checks that are retired now. One statement; none where no code is given."""
    asked = sorted(set(codes))
    if not asked:
        return frozenset()
    newest = CheckRetirement.objects.filter(check_code__in=asked).order_by("check_code", "-id").distinct("check_code")
    return frozenset(code for code, retired in newest.values_list("check_code", "retired") if retired)


def all_retired() -> dict[str, CheckRetirement]:
    """Code -> who retired it, when and why, of every check that is retired now. One statement."""
    newest = CheckRetirement.objects.order_by("check_code", "-id").distinct("check_code").select_related("by")
    return {row.check_code: row for row in newest if row.retired}


def steps_of(code: str) -> list[CheckRetirement]:
    """Each time that a check was retired or brought back, newest first."""
    return list(CheckRetirement.objects.filter(check_code=code).order_by("-id").select_related("by"))
