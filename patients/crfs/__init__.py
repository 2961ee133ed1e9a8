"""Registers the CRFs of this app: one import line each, in the order of the casebook."""

from patients.crfs import consent  # isort: skip
from patients.crfs import screening  # isort: skip
from patients.crfs import baseline  # isort: skip
from patients.crfs import end_of_induction  # isort: skip
from patients.crfs import treatment_block  # isort: skip
from patients.crfs import infusion  # isort: skip
from patients.crfs import dose_change  # isort: skip
from patients.crfs import interruption  # isort: skip
from patients.crfs import vital_signs  # isort: skip
from patients.crfs import neurological  # isort: skip
from patients.crfs import transplantation  # isort: skip
from patients.crfs import disease_event  # isort: skip
from patients.crfs import death  # isort: skip
from patients.crfs import follow_up  # isort: skip
from patients.crfs import deviation  # isort: skip
from patients.crfs import disposition  # isort: skip
from patients.crfs import concomitant  # isort: skip

__all__ = [
    "baseline",
    "concomitant",
    "consent",
    "death",
    "deviation",
    "disease_event",
    "disposition",
    "dose_change",
    "end_of_induction",
    "follow_up",
    "infusion",
    "interruption",
    "neurological",
    "screening",
    "transplantation",
    "treatment_block",
    "vital_signs",
]
