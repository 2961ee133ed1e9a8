from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrd.assay import UnreadableMrdValue, echo, parse_fraction


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.8e-4", "0.00028"),
        ("2.8E-04", "0.00028"),
        ("0.00028", "0.00028"),
        (".00028", "0.00028"),
        ("0.028 %", "0.00028"),
        ("0,028%", "0.00028"),
        ("2,8x10^-4", "0.00028"),
        ("2.8 x 10^-4", "0.00028"),
        ("2.8*10^-4", "0.00028"),
        ("2.8 × 10⁻⁴", "0.00028"),
        ("2.8·10−4", "0.00028"),
        ("2.8x10-4", "0.00028"),
        (" 10^-4 ", "0.0001"),
        ("10⁻⁴", "0.0001"),
        ("5x10^-4", "0.0005"),
        ("1", "1"),
        ("100 %", "1"),
        ("12.6 %", "0.126"),
        ("2.8x10^-2 %", "0.00028"),
    ],
)
def test_values_are_read_as_laboratories_write_them(text, expected):
    assert parse_fraction(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["0", "0 %", "0.000", "0e-4"])
def test_0_is_not_a_positive_value(text):
    with pytest.raises(UnreadableMrdValue, match="0 is not a positive value"):
        parse_fraction(text)


@pytest.mark.parametrize("text", ["1.01", "2.8", "100.1 %", "10^2", "5e4"])
def test_more_than_all_cells_is_refused(text):
    with pytest.raises(UnreadableMrdValue, match="more than all cells"):
        parse_fraction(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "neg",
        "NaN",
        "Infinity",
        "-1e-4",
        "1.000,5",
        "2.8e-4.5",
        "<5e-5",
        "2.8 10-4",
        "1e-999999",
        "%",
        "1 %%",
        "x10^-4",
    ],
)
def test_what_is_no_number_is_refused_with_an_example(text):
    with pytest.raises(UnreadableMrdValue, match="write it like"):
        parse_fraction(text)


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [
        ("2.8e-4", "2.8 x 10^-4 = 0.028 %"),
        ("0.000280", "2.8 x 10^-4 = 0.028 %"),
        ("0.0005", "5 x 10^-4 = 0.05 %"),
        ("0.126", "1.26 x 10^-1 = 12.6 %"),
        ("1", "1 x 10^0 = 100 %"),
        ("1e-5", "1 x 10^-5 = 0.001 %"),
    ],
)
def test_echo_shows_fraction_and_percent(fraction, expected):
    assert echo(Decimal(fraction)) == expected


@pytest.mark.parametrize("fraction", ["0", "1.1", "-0.1"])
def test_echo_refuses_what_is_no_positive_fraction(fraction):
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        echo(Decimal(fraction))


@given(st.decimals(min_value="1e-9", max_value=1, places=9))
def test_both_halves_of_the_echo_read_back_to_the_value(fraction):
    scientific, percent = echo(fraction).split(" = ")
    assert parse_fraction(scientific) == parse_fraction(percent) == fraction
