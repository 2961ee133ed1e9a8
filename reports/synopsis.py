"""One page of each part in words: the main figures as printed in results.json, and how they are defined."""

from collections.abc import Mapping

from reports.parts import Part, Result
from reports.snapshot import Snapshot
from reports.tables.wording import without_form

# label -> keys of results.json, joined as a sentence would say them; WITHOUT_FORM is a note of the tables
LINES: dict[Part, tuple[tuple[str, str], ...]] = {
    Part.OPEN: (
        ("Subjects", "{N} enrolled at {N_SITES} sites in {N_COUNTRIES} countries, {ENROL_FIRST} to {ENROL_LAST}"),
        ("Risk group", "high {N_HR}, medium {N_MR}"),
        ("Exposure", "full course {FULL_COURSE}; infusion interrupted in {INTERRUPTED}"),
        ("Primary end point", "{PERM_DISC} (attributable toxicity with permanent discontinuation or death)"),
        (
            "Adverse events",
            "{AE_ALL} episodes on forms, {AE_DEDUP} by subject and term, {AE_GE3} of these of grade 3 or more",
        ),
        ("Serious adverse events", "{SAE_EVENTS} events; subjects (%): {SAE_PTS}. {WITHOUT_FORM}"),
        ("Neurologic events", "{NEURO}; cytokine release syndrome in {CRS_PTS}"),
        ("Protocol deviations", "{DEVIATIONS} subjects with a deviating treatment schedule"),
    ),
    Part.CLOSED: (
        ("Subjects", "{N}; historical controls {CTRL_N}"),
        ("Median follow-up, months", "{FU_MEDIAN}; reverse Kaplan-Meier {FU_REVKM}"),
        ("MRD negative or low at day 29", "{MRD_D29_NL}; negative {MRD_D29_NEG}"),
        ("MRD negative or low before MARMA", "{MRD_MARMA_NL}; controls {CTRL_MARMA}; Fisher P = {FISHER}"),
        ("Disease-free survival at 2 years, %", "{DFS24}; controls {CTRL_DFS24}"),
        ("Overall survival at 2 years, %", "{OS24}; controls {CTRL_OS24}"),
        ("Deviating subjects censored, %", "at 2 years: disease-free {DFS24_SENS}; overall {OS24_SENS}"),
        ("Relapse at 2 years, %", "{CIR24} (cumulative incidence); {RELAPSES} relapses, {DEATHS} deaths"),
        ("Adjusted hazard ratio", "disease-free survival {HR_DFS_breslow}; overall survival {HR_OS_breslow}"),
        ("Matched controls, 2 years, %", "{WKM} ({WKM_N})"),
    ),
}

SAFETY: tuple[tuple[str, str], ...] = (
    ("Data cut", "What starts after the cut is left out; what ends after it is shown as ongoing."),
    ("Study entry", "Date of enrolment, at the end of induction."),
    ("Adverse events counted", "Onset from the day of the first infusion start to before the day of the next course."),
    ("Highest grade", "A subject counts once per CTCAE term (with its specified text), at the highest grade."),
    ("Full course", "27 days or more of infusion, interruptions left out."),
    ("High risk", "Younger than 6 months (182.625 days) and white cells 300 x 10^9/L or more, or poor response."),
)
EFFICACY: tuple[tuple[str, str], ...] = (
    ("Data cut", "What starts after the cut is left out; survival is censored at the cut at the latest."),
    ("Study entry", "Date of enrolment, at the end of induction: time 0 of disease-free and overall survival."),
    ("Month", "30.4375 days."),
    ("Disease-free survival", "From study entry to relapse, death or second cancer, whichever is first."),
    ("Last known alive", "The latest dated evidence of life on any form; survival is censored there or at the cut."),
    (
        "MRD class",
        "The worst PCR target of a sample: negative; low, below 5e-4 or not quantifiable; high, 5e-4 or more.",
    ),
    ("High risk", SAFETY[-1][1]),
)
DEFINITIONS = {Part.OPEN: SAFETY, Part.CLOSED: EFFICACY}


def synopsis(snapshot: Snapshot, figures: Mapping[str, Result], part: Part) -> tuple[tuple[str, str], ...]:
    """The lines of a part, filled with what results.json prints of the snapshot."""
    texts = {key: result.text for key, result in figures.items()}
    texts["WITHOUT_FORM"] = without_form(snapshot, ": not counted among the adverse events")
    return tuple((label, line.format_map(texts)) for label, line in LINES[part])
