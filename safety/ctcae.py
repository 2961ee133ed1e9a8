"""The CTCAE v4.03 dictionary: terms, system organ classes and the grades that exist for each term.

Facts only (`data/ctcae_v4_03.csv`): no definition and no grade text. v5.0 has 837 terms and is refused.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

VERSION = "4.03"
FILE = Path(__file__).parent / "data" / "ctcae_v4_03.csv"
TERM_COUNT, SOC_COUNT, GRADE_COUNT = 790, 26, 3049
INFECTIONS = "Infections and infestations"

LONGEST_SEARCH = 100
# Two slips in a long word pass, so do two letters swapped in a word of five. Trigrams in common come first,
# because difflib alone would be slow over all words.
SIMILAR_TRIGRAMS_FROM, SIMILAR_FROM = 0.25, 0.75

# Words of the ward for terms that v4.03 names otherwise.
WARD_WORDS: Mapping[str, tuple[str, ...]] = {
    "neutropenia": ("Neutrophil count decreased",),
    "thrombocytopenia": ("Platelet count decreased",),
    "leukopenia": ("White blood cell decreased",),
    "leucopenia": ("White blood cell decreased",),
    "lymphopenia": ("Lymphocyte count decreased",),
    "wbc": ("White blood cell decreased", "Leukocytosis"),
    "alt": ("Alanine aminotransferase increased",),
    "alat": ("Alanine aminotransferase increased",),
    "gpt": ("Alanine aminotransferase increased",),
    "ast": ("Aspartate aminotransferase increased",),
    "asat": ("Aspartate aminotransferase increased",),
    "got": ("Aspartate aminotransferase increased",),
    "crs": ("Cytokine release syndrome",),
    "seizures": ("Seizure",),
    "pyrexia": ("Fever",),
}


class DictionaryDamaged(RuntimeError):
    """The dictionary file is not CTCAE v4.03 as it should be."""


class UnknownTerm(ValueError):
    """No such term or system organ class in CTCAE v4.03."""


class TermOfOtherSoc(ValueError):
    """The term exists, but in another system organ class."""


@dataclass(frozen=True)
class Term:
    """One term; `code` is its MedDRA v12.0 code, `grades` those that exist for it, in order."""

    code: str
    name: str
    soc_number: int
    soc: str
    soc_code: str
    other_specify: bool
    grades: tuple[int, ...]


def terms() -> tuple[Term, ...]:
    """All 790 terms in the order of the dictionary."""
    return _dictionary(FILE).terms


def socs() -> tuple[str, ...]:
    """The names of the 26 system organ classes in the order of the dictionary."""
    return tuple(dict.fromkeys(term.soc for term in terms()))


def term(code_or_name: str) -> Term:
    """The term with this MedDRA code or name; case and British spelling do not matter. Raises UnknownTerm."""
    found = _dictionary(FILE).find(code_or_name)
    if found is None:
        near = ", ".join(match.name for match in search(code_or_name, limit=3))
        raise UnknownTerm(f"{code_or_name!r} is no CTCAE v{VERSION} term." + (f" Near: {near}." if near else ""))
    return found


def grades_for(term_or_name: Term | str) -> tuple[int, ...]:
    """The grades that exist for the term, such as (3, 4, 5) for febrile neutropenia. Raises UnknownTerm."""
    return (term_or_name if isinstance(term_or_name, Term) else term(term_or_name)).grades


def other_specify(soc: str) -> Term:
    """The "Other, specify" term of a system organ class. Raises UnknownTerm."""
    found = _dictionary(FILE).others.get(_folded(soc))
    if found is None:
        raise UnknownTerm(f"{soc!r} is no system organ class of CTCAE v{VERSION}.")
    return found


def code_free_text(text: str, soc: str) -> tuple[Term, str]:
    """The term for a reported text, and the text to specify ("" where the text is a term itself).

    What v4.03 lacks (Hypoproteinemia, Rhinitis) becomes the "Other, specify" of its system organ class.
    Raises ValueError for an empty text, UnknownTerm for an unknown class, TermOfOtherSoc when the text is a
    term of another class.
    """
    reported = " ".join(text.split())
    if not reported:
        raise ValueError("An adverse event needs a term.")
    other = other_specify(soc)
    found = _dictionary(FILE).find(reported)
    if found is None:
        return other, reported
    if found.soc != other.soc:
        raise TermOfOtherSoc(f"{found.name} belongs to {found.soc} in CTCAE v{VERSION}, not to {other.soc}.")
    return found, ""


def search(words: str, limit: int = 10) -> list[Term]:
    """The terms that fit all the words best, in any order; begun words, typing errors and ward words are understood.

    Returns an empty list for no words, and when nothing is similar.
    """
    wanted = list(dict.fromkeys(_words(words[:LONGEST_SEARCH])))
    if not wanted:
        return []
    dictionary = _dictionary(FILE)
    scores = [dictionary.likeness(word) for word in wanted]
    common = set(scores[0]).intersection(*scores[1:])
    best = {dictionary.terms[index]: sum(score[index] for score in scores) / len(scores) for index in common}
    for name in WARD_WORDS.get(" ".join(wanted), ()):
        best[term(name)] = 2.0
    ranked = sorted(best, key=lambda found: (-best[found], found.other_specify, len(found.name), found.name))
    return ranked[:limit]


class _Dictionary:
    """The loaded file, with the indexes that searching needs."""

    def __init__(self, loaded: tuple[Term, ...]) -> None:
        self.terms = loaded
        self.by_key = {_folded(term.name): term for term in loaded} | {term.code: term for term in loaded}
        self.others = {_folded(term.soc): term for term in loaded if term.other_specify}
        self.word_places: dict[str, set[int]] = {}
        for index, term in enumerate(loaded):
            for word in _words(term.name):
                self.word_places.setdefault(word, set()).add(index)
        self.trigrams = {word: _trigrams(word) for word in self.word_places}

    def find(self, code_or_name: str) -> Term | None:
        return self.by_key.get(_folded(code_or_name))

    def likeness(self, wanted: str) -> dict[int, float]:
        """How well each term that has a word like `wanted` fits it (index -> 0 to 1)."""
        best: dict[int, float] = {}
        wanted_trigrams = _trigrams(wanted)
        for word, places in self.word_places.items():
            score = _score(wanted, word, wanted_trigrams, self.trigrams[word])
            if score > 0:
                best.update({index: max(score, best.get(index, 0.0)) for index in places})
        return best


@lru_cache(maxsize=4)
def _dictionary(file: Path) -> _Dictionary:
    with file.open(encoding="utf-8", newline="") as stream:
        loaded = tuple(_term(row) for row in csv.DictReader(stream))
    _check_complete(loaded)
    return _Dictionary(loaded)


def _term(row: Mapping[str, str]) -> Term:
    try:
        return Term(
            code=row["meddra_v12_code"],
            name=row["term"],
            soc_number=int(row["soc_no"]),
            soc=row["soc"],
            soc_code=row["soc_code"],
            other_specify=row["other_specify"] == "True",
            grades=tuple(int(grade) for grade in row["grades_defined"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise DictionaryDamaged(f"A row of the CTCAE dictionary cannot be read: {problem}.") from problem


def _check_complete(loaded: Iterable[Term]) -> None:
    all_terms = list(loaded)
    distinct = len({_folded(term.name) for term in all_terms}), len({term.code for term in all_terms})
    found = (
        len(all_terms),
        len({term.soc for term in all_terms}),
        sum(len(term.grades) for term in all_terms),
        len({term.soc for term in all_terms if term.other_specify}),
    )
    if found != (TERM_COUNT, SOC_COUNT, GRADE_COUNT, SOC_COUNT) or distinct != (TERM_COUNT, TERM_COUNT):
        raise DictionaryDamaged(
            f"CTCAE v{VERSION} has {TERM_COUNT} terms in {SOC_COUNT} classes with {GRADE_COUNT} grades; "
            f"the file has {found[0]} terms ({distinct[0]} names, {distinct[1]} codes) in {found[1]} classes "
            f"with {found[2]} grades."
        )


def _folded(text: str) -> str:
    """Lower case without accents, British ae and oe as e, single spaces."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(plain.replace("ae", "e").replace("oe", "e").split())


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", _folded(text))


def _trigrams(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))


def _score(wanted: str, word: str, wanted_trigrams: frozenset[str], word_trigrams: frozenset[str]) -> float:
    if wanted == word:
        return 1.0
    if word.startswith(wanted):
        return 0.9
    if len(wanted) >= 3 and wanted in word:
        return 0.7
    dice = 2 * len(wanted_trigrams & word_trigrams) / (len(wanted_trigrams) + len(word_trigrams))
    if dice < SIMILAR_TRIGRAMS_FROM:
        return 0.0
    ratio = SequenceMatcher(None, wanted, word, autojunk=False).ratio()
    return 0.6 * ratio if ratio >= SIMILAR_FROM else 0.0
