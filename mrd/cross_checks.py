"""Checks between forms that concern residual disease."""

from trial.checks import CrossCheck

CROSS_CHECKS: tuple[CrossCheck, ...] = ()
