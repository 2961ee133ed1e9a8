"""Figures of a report as SVG: pure drawing functions of curves and counts, one file for each kind of figure."""
