"""What the adverse event and the serious adverse event have in common: code lists, the coded term, checks.

The items of both forms differ by their prefix only (`aetoxgr`, `saetoxgr`); each check is written once, in the words
without it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from safety import ctcae
from trial.checks import Check, Finding, Severity, check
from trial.crf.spec import Item, LeadsTo

OTHER_SPECIFY = tuple(term.name for term in ctcae.terms() if term.other_specify)
FATAL_GRADE = 5


class Relatedness(models.TextChoices):
    UNRELATED = "UNRELATED", "Unrelated"
    UNLIKELY = "UNLIKELY", "Unlikely"
    POSSIBLE = "POSSIBLE", "Possible"
    PROBABLE = "PROBABLE", "Probable"
    DEFINITE = "DEFINITE", "Definite"


class Action(models.TextChoices):
    """Action taken with blinatumomab."""

    NONE = "NONE", "None"
    REDUCED = "REDUCED", "Dose reduced"
    INTERRUPTED = "INTERRUPTED", "Infusion interrupted"
    WITHDRAWN = "WITHDRAWN", "Stopped for good"
    NOT_APPLICABLE = "NOT_APPLICABLE", "Not applicable"


class Outcome(models.TextChoices):
    RECOVERED = "RECOVERED", "Recovered"
    RECOVERING = "RECOVERING", "Recovering"
    NOT_RECOVERED = "NOT_RECOVERED", "Not recovered"
    SEQUELAE = "SEQUELAE", "Recovered with sequelae"
    FATAL = "FATAL", "Fatal"
    UNKNOWN = "UNKNOWN", "Unknown"


OVER = frozenset({Outcome.RECOVERED, Outcome.SEQUELAE, Outcome.FATAL})
NOT_OVER = frozenset({Outcome.RECOVERING, Outcome.NOT_RECOVERED})


def is_ctcae_term(value: str) -> None:
    """Raise ValidationError unless the text is a term of the dictionary, in its own spelling."""
    try:
        term = ctcae.term(value)
    except ctcae.UnknownTerm as unknown:
        raise ValidationError(
            f"{unknown} Choose a term of the dictionary; what it lacks is “Other, specify” of its class."
        ) from unknown
    if term.name != value:
        raise ValidationError(f"The dictionary writes this term “{term.name}”.")


def ctcae_term() -> models.CharField:
    return models.CharField(max_length=200, null=True, blank=True, validators=[is_ctcae_term])


def term_names() -> list[str]:
    return [term.name for term in ctcae.terms()]


def term_in_words(name: str | None) -> str:
    """Class of a term and the grades that exist for it; nothing for no term."""
    if not name:
        return ""
    term = ctcae.term(name)
    return f"{term.soc}; grades {', '.join(map(str, ctcae.grades_for(term)))}"


def event_items(prefix: str) -> dict[str, Item]:
    """The questions that both forms ask, by their name without the prefix."""
    cdash = prefix.upper()
    items = (
        Item(
            f"{prefix}term",
            "CTCAE v4.03 term",
            cdash=f"{cdash}TERM",
            help="Type a part of it and choose; what CTCAE lacks is “Other, specify” of its class.",
            required=True,
            suggestions=term_names,
        ),
        Item(
            f"{prefix}spec",
            "Specify",
            help="What happened, in the reporter's words, where CTCAE has no term for it.",
            required=True,
            only_if=(f"{prefix}term", OTHER_SPECIFY),
        ),
        Item(f"{prefix}toxgr", "Grade", cdash=f"{cdash}TOXGR", help="The worst of the episode.", required=True),
        Item(f"{prefix}stdat", "Onset", cdash=f"{cdash}STDAT", required=True),
        Item(f"{prefix}ongo", "Ongoing", cdash=f"{cdash}ONGO", required=True),
        Item(f"{prefix}endat", "End", cdash=f"{cdash}ENDAT", required=True, only_if=(f"{prefix}ongo", ("N",))),
        Item(f"{prefix}rel", "Relation to blinatumomab", cdash=f"{cdash}REL", required=True),
        Item(f"{prefix}acn", "Action taken with blinatumomab", cdash=f"{cdash}ACN", required=True),
        Item(f"{prefix}out", "Outcome", cdash=f"{cdash}OUT", required=True),
    )
    return {item.name.removeprefix(prefix): item for item in items}


def death_after(prefix: str) -> LeadsTo:
    """The death form, which a fatal outcome calls for; the event ended with it."""
    return LeadsTo(
        crf="death",
        item=f"{prefix}out",
        answers=(Outcome.FATAL,),
        because="the outcome is fatal",
        prefill={"dthdat": f"{prefix}endat"},
    )


# --- checks ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GradeOfTerm(Check):
    """A check whose sentence also names the grades that exist for the term (second item)."""

    def run(self, values: Mapping[str, Any]) -> Finding | None:
        finding = super().run(values)
        if finding is None:
            return None
        exist = ", ".join(str(grade) for grade in ctcae.grades_for(values[self.items[1]]))
        return replace(finding, message=f"{finding.message} Its grades: {exist}.")


def grade_does_not_exist(toxgr: int, term: str) -> bool:
    return toxgr not in ctcae.grades_for(term)


def fatal_without_fatal_grade(out: str, term: str) -> bool:
    return out == Outcome.FATAL and FATAL_GRADE not in ctcae.grades_for(term)


def grade_5_without_death(toxgr: int, out: str) -> bool:
    return toxgr == FATAL_GRADE and out != Outcome.FATAL


def death_without_grade_5(toxgr: int, out: str) -> bool:
    return out == Outcome.FATAL and toxgr != FATAL_GRADE


def end_before_start(endat: date, stdat: date) -> bool:
    return endat < stdat


def over_but_ongoing(out: str, ongo: str) -> bool:
    return ongo == "Y" and out in OVER


def ended_but_not_over(out: str, ongo: str) -> bool:
    return ongo == "N" and out in NOT_OVER


def event_checks(prefix: str, code: str) -> list[Check]:
    """The checks of both forms, numbered `code`-01 and so on."""
    term, grade, out = f"{prefix}term", f"{prefix}toxgr", f"{prefix}out"
    ongoing, end, start = f"{prefix}ongo", f"{prefix}endat", f"{prefix}stdat"
    return [
        GradeOfTerm(
            code=f"{code}-01",
            items=(grade, term),
            message=f"“{{{term}}}” has no grade {{{grade}}} in CTCAE v{ctcae.VERSION}.",
            severity=Severity.HARD,
            find=_without_prefix(prefix, grade_does_not_exist),
        ),
        check(
            f"{code}-02", out, term,
            message=f"CTCAE v{ctcae.VERSION} has no grade 5 for “{{{term}}}”. Enter the term that caused the death,"
            " or Death NOS.",
            severity=Severity.HARD,
        )(_without_prefix(prefix, fatal_without_fatal_grade)),
        check(f"{code}-03", grade, out,
              message="Grade 5 is a death, but the outcome is not fatal. Correct the one or the other.",
              )(_without_prefix(prefix, grade_5_without_death)),
        check(f"{code}-04", grade, out,
              message=f"The outcome is fatal, but the grade is {{{grade}}}. A fatal event has grade 5.",
              )(_without_prefix(prefix, death_without_grade_5)),
        check(f"{code}-05", end, start, severity=Severity.HARD,
              message=f"The event ends on {{{end}}}, before its onset on {{{start}}}.",
              )(_without_prefix(prefix, end_before_start)),
        check(f"{code}-06", out, ongoing,
              message="The event is ongoing, but its outcome says that it is over. Correct the one or the other.",
              )(_without_prefix(prefix, over_but_ongoing)),
        check(f"{code}-07", out, ongoing,
              message="The event has ended, but its outcome says that it has not. Correct the one or the other.",
              )(_without_prefix(prefix, ended_but_not_over)),
    ]  # fmt: skip


def _without_prefix(prefix: str, find: Callable[..., bool]) -> Callable[..., bool]:
    """`find` asked with the items of one form: `aetoxgr` is its argument `toxgr`."""

    def found(**values: Any) -> bool:
        return find(**{name.removeprefix(prefix): value for name, value in values.items()})

    return found
