"""Registers the CRFs of this app: one import line each, in the order of the casebook."""

from mrd.crfs import mrd_sample
from mrd.crfs import mrd_result
