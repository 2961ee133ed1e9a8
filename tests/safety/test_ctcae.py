import csv
from pathlib import Path

import pytest

from safety import ctcae

DATA = Path(__file__).parents[2] / "reports" / "demo" / "data"
LACKING = {"Hypogammaglobulinemia", "Hypoproteinemia", "Rhinitis"}


def test_dictionary_is_whole():
    assert len(ctcae.terms()) == 790
    assert len(ctcae.socs()) == 26
    assert sum(5 in term.grades for term in ctcae.terms()) == 491
    assert ctcae.terms() is ctcae.terms()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda lines: lines[:-1], "789 terms"),
        (lambda lines: [*lines, lines[-1]], "791 terms"),
        (lambda lines: [*lines[:-1], lines[-2]], "789 names"),
        (lambda lines: [*lines[:-1], lines[-1].replace(",12345", ",1x5")], "cannot be read"),
        (lambda lines: ["a,b\n", *lines[1:]], "cannot be read"),
    ],
)
def test_damaged_dictionary_is_refused(tmp_path, change, sentence):
    lines = ctcae.FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    damaged = tmp_path / "dictionary.csv"
    damaged.write_text("".join(change(lines)), encoding="utf-8")
    with pytest.raises(ctcae.DictionaryDamaged, match=sentence):
        ctcae._dictionary(damaged)


@pytest.mark.requirement("CT-02")
@pytest.mark.parametrize(
    ("name", "grades"),
    [
        ("Sepsis", (4, 5)),
        ("Febrile neutropenia", (3, 4, 5)),
        ("Neutrophil count decreased", (1, 2, 3, 4)),
        ("Fever", (1, 2, 3, 4, 5)),
        ("Cough", (1, 2, 3)),
    ],
)
def test_grades_that_exist_for_a_term(name, grades):
    assert ctcae.grades_for(name) == ctcae.grades_for(ctcae.term(name)) == grades


@pytest.mark.parametrize("key", ["Anemia", "anemia", "ANAEMIA", " Anaemia ", "10002272"])
def test_term_by_code_name_and_british_spelling(key):
    assert ctcae.term(key).name == "Anemia"


def test_unknown_term_is_refused_with_what_is_near():
    with pytest.raises(ctcae.UnknownTerm, match=r"Near: Neutrophil count decreased"):
        ctcae.term("Neutrophil count decresed")
    with pytest.raises(ctcae.UnknownTerm, match="is no CTCAE"):
        ctcae.grades_for("qqqq")


@pytest.mark.requirement("CT-04")
@pytest.mark.parametrize("soc", ctcae.socs())
def test_each_class_has_its_other_specify(soc):
    other = ctcae.other_specify(soc)
    assert other.other_specify
    assert other.soc == soc
    assert other.name.endswith(" - Other, specify")


@pytest.mark.requirement("CT-04")
@pytest.mark.parametrize(
    ("text", "soc", "name", "specified"),
    [
        ("Anemia", "Blood and lymphatic system disorders", "Anemia", ""),
        ("Anaemia", "Blood and lymphatic system disorders", "Anemia", ""),
        (
            "Hypoproteinemia",
            "Metabolism and nutrition disorders",
            "Metabolism and nutrition disorders - Other, specify",
            "Hypoproteinemia",
        ),
        (
            " Hypogammaglobulinemia ",
            "Immune system disorders",
            "Immune system disorders - Other, specify",
            "Hypogammaglobulinemia",
        ),
        ("Rhinitis", "infections and infestations", "Infections and infestations - Other, specify", "Rhinitis"),
    ],
)
def test_free_text_is_coded(text, soc, name, specified):
    term, text_to_specify = ctcae.code_free_text(text, soc)
    assert (term.name, text_to_specify) == (name, specified)


def test_free_text_that_cannot_be_coded_is_refused():
    with pytest.raises(ctcae.UnknownTerm, match="no system organ class"):
        ctcae.code_free_text("Rhinitis", "Nose")
    with pytest.raises(ctcae.TermOfOtherSoc, match="Anemia belongs to Blood"):
        ctcae.code_free_text("Anemia", "Investigations")
    with pytest.raises(ValueError, match="needs a term"):
        ctcae.code_free_text("  ", "Investigations")


@pytest.mark.parametrize("file", ["ae.csv", "ae_out_of_window.csv"])
def test_every_synthetic_adverse_event_is_coded_with_a_grade_that_exists(file):
    with (DATA / file).open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            term, specified = ctcae.code_free_text(row["term"], row["soc"])
            assert specified == (row["term"] if row["term"] in LACKING else "")
            assert term.other_specify == bool(specified)
            assert term.soc == row["soc"]
            assert int(row["grade"]) in term.grades


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("fever", "Fever"),
        ("neutrophil", "Neutrophil count decreased"),
        ("decreased neutrophil count", "Neutrophil count decreased"),
        ("neutrofil cuont", "Neutrophil count decreased"),
        ("neutropenia", "Neutrophil count decreased"),
        ("febrile neutr", "Febrile neutropenia"),
        ("anaemia", "Anemia"),
        ("diarrhoea", "Diarrhea"),
        ("diarhea", "Diarrhea"),
        ("vomitting", "Vomiting"),
        ("oedema limbs", "Edema limbs"),
        ("ALT", "Alanine aminotransferase increased"),
        ("cytokine", "Cytokine release syndrome"),
        ("SEIZURE", "Seizure"),
        ("other metabolism", "Metabolism and nutrition disorders - Other, specify"),
    ],
)
def test_search_finds_the_term_first(words, first):
    assert ctcae.search(words)[0].name == first


def test_search_needs_every_word_and_keeps_to_its_limit():
    assert [term.name for term in ctcae.search("neutropenia febrile")] == ["Febrile neutropenia"]
    assert len(ctcae.search("infection", limit=5)) == 5
    for nothing in ("", "  ", "%&/", "qqqqqq", "fever qqqqqq"):
        assert ctcae.search(nothing) == []


def test_search_reads_only_the_beginning_of_a_very_long_text():
    filler = " " * ctcae.LONGEST_SEARCH
    assert ctcae.search(f"fever{filler}qqqqqq") == ctcae.search("fever")
    assert ctcae.search("x" * 100_000) == []
