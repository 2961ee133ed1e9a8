"""Registers the CRFs of this app: one import line each, in the order of the casebook."""

from patients.crfs import consent  # isort: skip
from patients.crfs import screening  # isort: skip
from patients.crfs import treatment_block  # isort: skip
from patients.crfs import vital_signs  # isort: skip

__all__ = ["consent", "screening", "treatment_block", "vital_signs"]
