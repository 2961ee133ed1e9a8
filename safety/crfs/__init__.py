"""Registers the CRFs of this app: one import line each, in the order of the casebook."""

from safety.crfs import adverse_event
from safety.crfs import serious_adverse_event
from safety.crfs import laboratory
