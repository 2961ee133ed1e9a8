"""What follows from an event's term and onset."""

from datetime import date

import pytest

from safety import ctcae, derived


@pytest.mark.parametrize(
    ("term", "soc", "category"),
    [
        ("Sepsis", "Infections and infestations", "Infection"),
        ("Fever", "General disorders and administration site conditions", "Fever"),
        ("Febrile neutropenia", "Blood and lymphatic system disorders", "Febrile neutropenia"),
        (None, None, None),
        ("", None, None),
    ],
)
def test_class_and_category_follow_from_the_term(term: str | None, soc: str | None, category: str | None) -> None:
    assert (derived.soc(term), derived.category(term)) == (soc, category)


def test_a_text_that_is_no_term_has_no_class() -> None:
    with pytest.raises(ctcae.UnknownTerm):
        derived.soc("Hypoproteinemia")


def test_an_event_is_called_by_its_specified_text() -> None:
    assert derived.event_name("Metabolism and nutrition disorders - Other, specify", "Hypoproteinemia") == (
        "Hypoproteinemia"
    )
    assert derived.event_name("Fever", None) == "Fever"


def test_events_are_collected_from_the_infusion_to_before_the_next_course() -> None:
    blocks = [("INDUCTION", date(2024, 1, 1)), ("IB", date(2024, 4, 10)), ("MARMA", None), (None, date(2024, 3, 5))]
    window = derived.collection_window(date(2024, 3, 1), blocks)
    assert window == derived.CollectionWindow(date(2024, 3, 1), date(2024, 4, 10))
    held = [window.holds(date(2024, *day)) for day in ((2, 29), (3, 1), (4, 9), (4, 10))]
    assert held == [False, True, True, False]


def test_there_is_no_window_before_the_infusion() -> None:
    assert derived.collection_window(None, [("IB", date(2024, 4, 10))]) is None
