"""Free texts of the source and what they are in our code lists. The one place where the import translates. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

Answers = Mapping[str, str]


def _table(**entries: str) -> Mapping[str, str]:
    return MappingProxyType(entries)


YES_NO = MappingProxyType({"1": "Y", "0": "N", "Y": "Y", "N": "N"})
AS_PROTOCOL = MappingProxyType({"0": "Y", "1": "N"})  # the source counts deviations

# A text that is not here becomes OTHER, with the text beside it.
KMT2A_PARTNER = MappingProxyType({"AFF1 t(4;11)": "AFF1", "MLLT1 t(11;19)": "MLLT1", "MLLT3 t(9;11)": "MLLT3"})
DRUG = MappingProxyType({"IVIG": "IVIG", "G-CSF": "GCSF"})
INTERRUPTION_REASON = MappingProxyType({"hypertensive crisis": "TOXICITY"})

# Cause of death as told -> answers of the death form. The text itself is kept in words.
DEATH: Mapping[str, Answers] = {
    "leukaemia (inferred: not stated in paper)": {"dthcause": "RELAPSE"},
    "tracheal bleeding due to tracheal cannula (CR1, unrelated)": {
        "dthcause": "OTHER",
        "in_remission": "Y",
        "dthrel": "UNRELATED",
    },
}

# What the blasts of a relapse carried -> answers of the disease event form.
IMMUNOPHENOTYPE: Mapping[str, Answers] = {
    "CD19+": {"cd19": "POS"},
    "CD19-": {"cd19": "NEG"},
    "CD19+ (plus CD19- clone in CNS)": {"cd19": "POS", "cd19_neg_clone": "Y"},
}
RELAPSE_SITES = MappingProxyType({"BM": "site_bm", "CNS": "site_cns", "TESTIS": "site_testis"})

DISEASE_EVENTS = frozenset({"RELAPSE", "MOLECULAR_REAPPEARANCE", "SECOND_REMISSION", "SECOND_CANCER"})
# Event -> kind of cell therapy, which is also the name of its treatment block.
CELL_THERAPIES = _table(HSCT="HSCT", CAR_T="CAR-T")

# Criterion of seriousness -> item of the SAE form.
SERIOUSNESS = _table(
    DEATH="sdth",
    LIFE_THREATENING="slife",
    HOSPITALISATION="shosp",
    DISABILITY="sdisab",
    CONGENITAL_ANOMALY="scong",
    MEDICALLY_IMPORTANT="smie",
)
# Category of an SAE -> system organ class, for a term that CTCAE lacks.
SAE_CATEGORY_SOC = MappingProxyType({"Infection": "Infections and infestations"})

VISITS = _table(EOI="screening", D1="day_1", D8="day_8", D15="day_15", D22="day_22", D29="day_29")
UNSCHEDULED = "UNS"
# Time point of an MRD sample -> the visit at which it stands. A time point that is not here is unscheduled.
MRD_VISITS = _table(
    EOI="screening",
    D15="day_15",
    D29="day_29",
    MARMA="before_marma",
    OCTADAD="before_octadad",
    MAINT="before_maintenance",
)
MRD_UNSCHEDULED = frozenset({"DURING_MAINT", "POST_HSCT_1", "POST_CART", "UNSCHEDULED"})
LAB_TESTS = _table(
    HGB="hgb",
    WBC="wbc",
    NEUT="neut",
    PLAT="plat",
    ALT="alt",
    AST="ast",
    GGT="ggt",
    BILI="bili",
    CREAT="creat",
    ALB="alb",
)
