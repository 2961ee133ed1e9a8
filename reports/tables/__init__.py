"""The tables of a report, one file each, in the order in which they are printed. Pure: a snapshot in, a `Table` out."""

from reports.tables import (
    adverse_events,
    adverse_events_by_class,
    baseline,
    deviations,
    exposure,
    flow,
    hazard_ratios,
    matched_controls,
    mrd,
    relapse,
    sensitivity,
    survival,
)

TABLES = (
    flow,
    baseline,
    deviations,
    exposure,
    adverse_events,
    adverse_events_by_class,
    mrd,
    survival,
    sensitivity,
    relapse,
    hazard_ratios,
    matched_controls,
)
