"""Registers the CRFs of this app: one import line each, in the order of the casebook."""

from mrd.crfs import mrd_sample  # isort: skip
from mrd.crfs import mrd_result  # isort: skip

__all__ = ["mrd_result", "mrd_sample"]
