"""The files of a study's folder: their columns, their keys, and which of them have to be there. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_NUMBER = 20  # characters of a subject number
LONGEST_KEY = 80  # of what names a row


@dataclass(frozen=True, kw_only=True)
class Table:
    """columns: those that the import reads, so that they must be there (others may).

    key: what names a row; no two rows share it, and none leaves it empty.
    needed: without this file there is nothing to import.
    """

    file: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    needed: bool = False


def _table(file: str, columns: str, key: str, *, needed: bool = False) -> Table:
    return Table(file=file, columns=tuple(columns.split()), key=tuple(key.split()), needed=needed)


CRITERIA = (
    "age_lt_1y kmt2a_rearranged cd19_positive b_precursor interfant06_induction eoi_blasts_lt_25 no_cns_condition"
    " no_cns_involvement_eoi"
)
_AE = (
    "ae_id patient_id term soc ctcae_version grade start_date end_date serious relatedness action_taken outcome sae_id"
)
SITES = _table("sites.csv", "site_id name country time_zone activated_on", "site_id", needed=True)
SCREENING = _table(
    "screening.csv",
    f"screening_id site_id consent_date consent_version {CRITERIA} eligible enrolled failure_reason",
    "screening_id",
    needed=True,
)
PATIENTS = _table(
    "patients.csv",
    "patient_id site_id sex birth_date diagnosis_date wbc_10e9_l prednisone_response cns_at_diagnosis kmt2a_partner"
    " risk_group enrolment_date",
    "patient_id",
    needed=True,
)
END_OF_INDUCTION = _table("end_of_induction.csv", "patient_id assessment_date blast_pct cns_involvement", "patient_id")
BLOCKS = _table(
    "treatment_blocks.csv", "block_id patient_id block start_date end_date protocol_deviation note", "block_id"
)
INFUSION = _table(
    "infusion.csv",
    "patient_id weight_kg height_cm bsa_m2 planned_dose_ug_m2_day dexamethasone_datetime dexamethasone_mg"
    " intrathecal_date reason_stopped",
    "patient_id",
)
SEGMENTS = _table(
    "infusion_segments.csv",
    "patient_id segment_no start_datetime end_datetime dose_ug_m2_day stop_reason",
    "patient_id segment_no",
)
INTERRUPTIONS = _table(
    "interruptions.csv",
    "patient_id interruption_no stopped_at restarted_at restart_dose_ug_m2_day full_dose_restored_at reason ae_id",
    "patient_id interruption_no",
)
VITALS = _table(
    "vitals.csv", "patient_id timepoint date temp_c sbp_mmhg dbp_mmhg hr_bpm weight_kg", "patient_id timepoint"
)
EVENTS = _table(
    "events.csv",
    "patient_id event_type date site_of_relapse immunophenotype remission_no cause note",
    "patient_id event_type date",
)
DEVIATIONS = _table(
    "deviations.csv", "patient_id deviation_no deviation_date description category", "patient_id deviation_no"
)
CONMEDS = _table("conmeds.csv", "patient_id drug date", "patient_id drug date")
AE = _table("ae.csv", _AE, "ae_id")
AE_OUT_OF_WINDOW = _table("ae_out_of_window.csv", _AE, "ae_id")
SAE = _table(
    "sae.csv",
    "sae_id patient_id category term grade start_date seriousness relatedness outcome fatal"
    " led_to_permanent_discontinuation linked_ae_id",
    "sae_id",
)
SAE_DETAILS = _table("sae_details.csv", "sae_id awareness_datetime reported_datetime narrative", "sae_id")
LABS = _table(
    "labs.csv",
    "patient_id timepoint sample_date laboratory testcd value unit lln uln",
    "patient_id timepoint sample_date testcd",
)
MRD_SAMPLES = _table("mrd_samples.csv", "sample_id patient_id timepoint sample_date material", "sample_id")
MRD_RESULTS = _table(
    "mrd_results.csv", "sample_id patient_id target result value quantitative_range sensitivity", "sample_id target"
)
CONTROLS = _table(
    "controls.csv",
    "patient_id sex age_days_at_diagnosis wbc_10e9_l prednisone_response risk_group eoi_marrow mrd_eoi"
    " mrd_before_marma mrd_before_octadad dfs_days dfs_event dfs_type os_days os_event hsct_cr1_day"
    " matched_trial_patient",
    "patient_id",
)
INTERFANT06 = _table(
    "interfant06_all484.csv", "patient_id selected_control efs_days efs_event os_days os_event", "patient_id"
)

TABLES = (
    SITES, SCREENING, PATIENTS, END_OF_INDUCTION, BLOCKS, INFUSION, SEGMENTS, INTERRUPTIONS, VITALS, EVENTS,
    DEVIATIONS, CONMEDS, AE, AE_OUT_OF_WINDOW, SAE, SAE_DETAILS, LABS, MRD_SAMPLES, MRD_RESULTS, CONTROLS, INTERFANT06,
)  # fmt: skip


def unknown(names: Iterable[str]) -> list[str]:
    """Of these names in the folder, those that the import does not know."""
    known = {table.file for table in TABLES}
    return sorted(name for name in names if name not in known)
