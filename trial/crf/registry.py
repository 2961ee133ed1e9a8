"""The CRFs and cross-form checks that the apps above have registered, in order of registration."""

from collections.abc import Iterable

from trial.checks import CrossCheck
from trial.crf.spec import CrfSpec

_specs: dict[str, CrfSpec] = {}
_cross_checks: dict[str, CrossCheck] = {}


def register(spec: CrfSpec) -> CrfSpec:
    """Add a CRF. Raises ValueError if its code is taken."""
    if spec.code in _specs:
        raise ValueError(f"A CRF with the code {spec.code!r} exists already.")
    _specs[spec.code] = spec
    register_cross_checks(*spec.cross_checks)
    return spec


def register_cross_checks(*checks: CrossCheck) -> None:
    """Add checks between forms. Raises ValueError if a code is taken."""
    for check in checks:
        if check.code in _cross_checks:
            raise ValueError(f"A check with the code {check.code!r} exists already.")
        _cross_checks[check.code] = check


def get(code: str) -> CrfSpec:
    """The CRF of that code. Raises KeyError."""
    return _specs[code]


def find(code: str) -> CrfSpec | None:
    return _specs.get(code)


def all_specs() -> Iterable[CrfSpec]:
    return _specs.values()


def all_cross_checks() -> Iterable[CrossCheck]:
    return _cross_checks.values()


def cross_checks_reading(crf_codes: Iterable[str]) -> list[CrossCheck]:
    """The checks that have to run when forms of these CRFs were saved."""
    saved = frozenset(crf_codes)
    return [check for check in _cross_checks.values() if check.reads & saved]
