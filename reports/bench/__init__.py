"""Measurements behind `make bench`: ratios within one run, on one machine."""
