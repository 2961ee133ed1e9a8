"""What a folder says, as drafts of forms, subject by subject. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from reports.importing import layout, mrd_forms, patient_forms, safety_forms
from reports.importing.drafts import Draft
from reports.importing.layout import Table
from reports.importing.reading import Problem, Row, RowRefused
from reports.importing.study import Study

Maker = Callable[[Row, Study], Iterable[Draft]]

# In the order in which forms are saved: what is linked to comes before what links to it.
BY_ROW: tuple[tuple[Table, Maker], ...] = (
    (layout.SCREENING, patient_forms.consent),
    (layout.SCREENING, patient_forms.screening),
    (layout.PATIENTS, patient_forms.baseline),
    (layout.END_OF_INDUCTION, patient_forms.end_of_induction),
    (layout.BLOCKS, patient_forms.treatment_block),
    (layout.INFUSION, patient_forms.infusion),
    (layout.SEGMENTS, patient_forms.segment),
    (layout.SEGMENTS, patient_forms.dose_change),
    (layout.AE, safety_forms.adverse_event),
    (layout.AE_OUT_OF_WINDOW, safety_forms.adverse_event),
    (layout.INTERRUPTIONS, patient_forms.interruption),
    (layout.SAE, safety_forms.serious_adverse_event),
    (layout.SAE_DETAILS, safety_forms.sae_details),
    (layout.VITALS, patient_forms.vital_signs),
    (layout.MRD_SAMPLES, mrd_forms.mrd_sample),
    (layout.MRD_RESULTS, mrd_forms.mrd_result),
    (layout.EVENTS, patient_forms.event),
    (layout.DEVIATIONS, patient_forms.deviation),
    (layout.CONMEDS, patient_forms.concomitant),
)


@dataclass
class Plan:
    """sites and subjects: the rows that name them. drafts: subject -> its forms, in the order of saving."""

    sites: list[Row] = field(default_factory=list)
    subjects: list[Row] = field(default_factory=list)
    drafts: dict[str, list[Draft]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def form_count(self) -> int:
        return sum(len(drafts) for drafts in self.drafts.values())


def plan(study: Study) -> Plan:
    """The forms that the folder's rows make, and the rows that make none."""
    made = Plan(sites=list(study.rows(layout.SITES)))
    sites = {row["site_id"] for row in made.sites}
    for row in study.rows(layout.SCREENING):
        try:
            made.subjects.append(_subject(row, sites))
        except RowRefused as refused:
            made.problems.append(refused.problem)
    made.drafts = _drafts_by_subject(study, made)
    return made


def _subject(row: Row, sites: set[str]) -> Row:
    if len(row["screening_id"]) > layout.LONGEST_NUMBER:
        raise row.refused("screening_id", f"The number is longer than {layout.LONGEST_NUMBER} characters.")
    if row["site_id"] not in sites:
        raise row.refused("site_id", f"There is no site “{row['site_id']}” in sites.csv.")
    return row


def _drafts_by_subject(study: Study, made: Plan) -> dict[str, list[Draft]]:
    site_of = {row["screening_id"]: row["site_id"] for row in made.subjects}
    drafts: dict[str, list[Draft]] = {subject: [] for subject in site_of}
    refused_already = set(made.problems)
    for rows, make in _makers(study, made.problems):
        try:
            for row in rows:
                _check_subject(row, site_of)
            for draft in make():
                _check_key(draft)
                drafts[draft.subject].append(draft)
        except RowRefused as refused:
            if refused.problem not in refused_already:
                made.problems.append(refused.problem)
                refused_already.add(refused.problem)
    return drafts


def _check_subject(row: Row, site_of: dict[str, str]) -> None:
    """Every row belongs to a subject of screening.csv, at the site that both files name."""
    if row.file == layout.SAE_DETAILS.file:
        return
    column = "screening_id" if row.file == layout.SCREENING.file else "patient_id"
    subject = row[column]
    if subject not in site_of:
        raise row.refused(column, f"There is no subject “{subject}” that could be loaded from screening.csv.")
    if row["site_id"] and row["site_id"] != site_of[subject]:
        raise row.refused("site_id", f"{subject} is a subject of {site_of[subject]} in screening.csv.")


def _check_key(draft: Draft) -> None:
    if len(draft.source_id) > layout.LONGEST_KEY:
        key = next(table.key for table in layout.TABLES if table.file == draft.row.file)
        raise draft.row.refused(", ".join(key), f"The key is longer than {layout.LONGEST_KEY} characters.")


def _makers(study: Study, problems: list[Problem]) -> Iterator[tuple[list[Row], Callable[[], Iterable[Draft]]]]:
    """Rows that belong together, and what makes drafts of them."""
    for table, maker in BY_ROW:
        for row in study.rows(table):
            yield [row], partial(maker, row, study)
    for rows in _samples(study, problems):
        yield rows, partial(safety_forms.laboratory, rows, study)


def _samples(study: Study, problems: list[Problem]) -> Iterator[list[Row]]:
    """The rows of labs.csv, sample by sample."""
    samples: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in study.rows(layout.LABS):
        try:
            samples[safety_forms.laboratory_key(row)].append(row)
        except RowRefused as refused:
            problems.append(refused.problem)
    yield from samples.values()
