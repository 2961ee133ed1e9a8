"""Registers the CRFs of this app: one import line each, in the order of the casebook."""

from safety.crfs import adverse_event  # isort: skip
from safety.crfs import serious_adverse_event  # isort: skip
from safety.crfs import laboratory  # isort: skip

__all__ = ["adverse_event", "laboratory", "serious_adverse_event"]
