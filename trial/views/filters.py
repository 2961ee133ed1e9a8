"""What was typed into the filters of a list and cannot be read."""

from django import forms


class WrongFilter(ValueError):
    """A filter, or a moment to look back to, that cannot be read; the message is a sentence."""


def insist(asked: forms.Form) -> None:
    """A file is made of readable filters alone: it would else hold more than was asked for, and say so nowhere.

    A page passes an unreadable filter over and says so beside the field. Raises WrongFilter.
    """
    if not asked.is_valid():
        raise WrongFilter(f"No file was made, since it would hold more than you asked for. {said(asked)}")


def said(asked: forms.Form) -> str:
    """What is wrong, field by field: `From: “32 jan” is not a date.`"""
    said_of = {asked.fields[name].label: " ".join(map(str, errors)) for name, errors in asked.errors.items()}
    return " ".join(f"{label}: {words}" for label, words in said_of.items())
