"""Checks between forms that concern safety."""

from trial.checks import CrossCheck

CROSS_CHECKS: tuple[CrossCheck, ...] = ()
