"""Registers the CRFs of this app: one import line each, in the order of the casebook."""

from patients.crfs import consent
from patients.crfs import screening
from patients.crfs import baseline
from patients.crfs import end_of_induction
from patients.crfs import treatment_block
from patients.crfs import infusion
from patients.crfs import dose_change
from patients.crfs import interruption
from patients.crfs import vital_signs
from patients.crfs import neurological
from patients.crfs import transplantation
from patients.crfs import disease_event
from patients.crfs import death
from patients.crfs import follow_up
from patients.crfs import deviation
from patients.crfs import disposition
from patients.crfs import concomitant
