"""An exact Pocock-type boundary for toxicity in one arm (Ivanova, Qaqish and Schell, Biometrics 2005;61:540).

After each subject (or at chosen looks) the trial stops when the events among the n subjects so far are so many that the
binomial chance of as many or more under p0 is at most (<=) one constant for all looks; the constant is the largest for
which the chance of ever stopping under p0 is at most alpha. All of it is computed in fractions, so no tie is lost to
rounding. The boundary only signals; stopping is the board's decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from reports.stats.observations import UnusableData


@dataclass(frozen=True)
class Boundary:
    """Stop at a look after n subjects if `stop_at[n]` or more have had the event; None where no number would stop.

    size: number of subjects at the end. looks: the n at which the rule is applied. constant: the point-wise limit,
    None where no rule keeps alpha. p0, alpha: as asked for, exact.
    """

    size: int
    looks: tuple[int, ...]
    p0: Fraction
    alpha: Fraction
    constant: Fraction | None
    stop_at: dict[int, int | None]

    def signals(self, events: int, *, subjects: int) -> bool:
        """Whether `events` among the first `subjects` reach the boundary. UnusableData where that is no look."""
        if subjects not in self.stop_at:
            raise UnusableData(f"The boundary has no look after {subjects} subjects.")
        if not 0 <= events <= subjects:
            raise UnusableData(f"Among {subjects} subjects there cannot be {events} with an event.")
        limit = self.stop_at[subjects]
        return limit is not None and events >= limit

    def stopping_probability(self, p: float | Fraction | str) -> Fraction:
        """The chance that the rule ever stops when the true probability of the event is `p`, exact."""
        return _stopping_probability(self.size, self.stop_at, _probability(p, name="p"))


def pocock_boundary(
    size: int, *, p0: float | Fraction | str, alpha: float | Fraction | str, looks: Iterable[int] | None = None
) -> Boundary:
    """The boundary for `size` subjects, tolerable event probability `p0` and overall chance `alpha` of a false stop.

    p0, alpha: strictly between 0 and 1; a float is read as it prints, 0.1 as 1/10.
    looks: numbers of evaluable subjects after which the rule is applied; by default after each.
    Raises UnusableData for impossible input.
    """
    if size < 1:
        raise UnusableData(f"A boundary needs at least one subject, not {size}.")
    chosen = tuple(range(1, size + 1)) if looks is None else tuple(sorted(set(looks)))
    if not chosen or chosen[0] < 1 or chosen[-1] > size:
        raise UnusableData(f"The looks lie between 1 and {size} subjects, and there is at least one.")
    tolerable, limit = _open_interval(p0, name="p0"), _open_interval(alpha, name="alpha")
    tails = {n: _upper_tails(n, tolerable) for n in chosen}
    constant = _largest_constant(size, tails, tolerable, limit)
    return Boundary(size, chosen, tolerable, limit, constant, _stop_at(tails, constant))


def _largest_constant(size: int, tails: dict[int, list[Fraction]], p0: Fraction, alpha: Fraction) -> Fraction | None:
    """The largest point-wise constant that keeps alpha; the rule changes at attained tails only, so these suffice.

    A larger constant stops wherever a smaller one does, so bisection finds it.
    """
    candidates = sorted({tail for of_look in tails.values() for tail in of_look if tail <= alpha})
    kept, refused = 0, len(candidates) + 1  # numbers of candidates allowed: none is always kept
    while refused - kept > 1:
        middle = (kept + refused) // 2
        false_stop = _stopping_probability(size, _stop_at(tails, candidates[middle - 1]), p0)
        kept, refused = (middle, refused) if false_stop <= alpha else (kept, middle)
    return candidates[kept - 1] if kept else None


def _upper_tails(n: int, p: Fraction) -> list[Fraction]:
    """P(X >= r) for r = 0 to n, X binomial."""
    tails, tail = [], Fraction(0)
    for r in range(n, -1, -1):
        tail += comb(n, r) * p**r * (1 - p) ** (n - r)
        tails.append(tail)
    return tails[::-1]


def _stop_at(tails: dict[int, list[Fraction]], constant: Fraction | None) -> dict[int, int | None]:
    if constant is None:
        return dict.fromkeys(tails)
    return {n: next((r for r, tail in enumerate(of_look) if tail <= constant), None) for n, of_look in tails.items()}


def _stopping_probability(size: int, stop_at: dict[int, int | None], p: Fraction) -> Fraction:
    """Follows the chances of each number of events among those who have not stopped, subject by subject."""
    going = [Fraction(1)]
    stopped = Fraction(0)
    for n in range(1, size + 1):
        going = [a * (1 - p) + b * p for a, b in zip([*going, Fraction(0)], [Fraction(0), *going], strict=True)]
        limit = stop_at.get(n)
        if limit is not None:
            stopped += sum(going[limit:], Fraction(0))
            going[limit:] = [Fraction(0)] * (len(going) - limit)
    return stopped


def _open_interval(value: float | Fraction | str, *, name: str) -> Fraction:
    exact = _probability(value, name=name)
    if exact in (0, 1):
        raise UnusableData(f"{name} lies strictly between 0 and 1, not at {value}.")
    return exact


def _probability(value: float | Fraction | str, *, name: str) -> Fraction:
    try:
        exact = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise UnusableData(f"{name} is a number, not {value}.") from None
    if not 0 <= exact <= 1:
        raise UnusableData(f"{name} lies between 0 and 1, not at {value}.")
    return exact
