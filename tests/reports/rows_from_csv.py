"""The raw rows of the demo study, made straight from its CSV files: the form that `extract` gives, without a database.

Written apart from the import on purpose, so that the one can be held against the other.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reports.derivations.historical import Historical
from safety import ctcae

FOLDER = Path(__file__).resolve().parents[2] / "reports/demo/data"
Tables = dict[str, list[dict[str, str]]]
PARTNERS = {"AFF1 t(4;11)": "AFF1", "MLLT1 t(11;19)": "MLLT1", "MLLT3 t(9;11)": "MLLT3"}
VISITS = {"EOI": "screening", "D1": "day_1", "D8": "day_8", "D15": "day_15", "D22": "day_22", "D29": "day_29"}
TIME_POINTS = ("EOI", "D15", "D29", "MARMA", "OCTADAD", "MAINT")


def tables(folder: Path = FOLDER) -> Tables:
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


def historical(source: Tables) -> Historical:
    return Historical(controls=tuple(source["controls"]), everyone=tuple(source["interfant06_all484"]))


class Rows:
    """Collects rows by CRF, numbering records and sequences."""

    def __init__(self, source: Tables) -> None:
        self.zone = {site["site_id"]: site["time_zone"] for site in source["sites"]}
        self.site = {row["screening_id"]: row["site_id"] for row in source["screening"]}
        self.found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.records = 0

    def add(self, crf: str, subject: str, visit: str | None = None, **values: Any) -> int:
        self.records += 1
        number = sum(row["subject"] == subject for row in self.found[crf]) + 1
        spine = {"subject": subject, "record": self.records, "sequence": number, "visit": visit}
        self.found[crf].append({**spine, "zone": self.zone[self.site[subject]], **values})
        return self.records

    def moment(self, subject: str, text: str) -> datetime | None:
        if not text:
            return None
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.zone[self.site[subject]])).astimezone(UTC)


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def yes(text: str) -> str | None:
    return {"1": "Y", "0": "N", "Y": "Y", "N": "N"}.get(text)


def ongoing(end: str) -> str:
    return "N" if end else "Y"


def raw(source: Tables) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    rows = Rows(source)
    sites = [{"number": s["site_id"], "country": s["country"], "activated_on": day(s["activated_on"])}
             for s in source["sites"]]  # fmt: skip
    rows.found["site"] = sites
    rows.found["subject"] = [{"number": s["screening_id"], "site": s["site_id"]} for s in source["screening"]]
    for add in (_screening, _baseline, _blocks, _infusion, _events, _adverse_events, _mrd, _visits, _logs):
        add(rows, source)
    return rows.found


def _screening(rows: Rows, source: Tables) -> None:
    enrolled = {p["patient_id"]: p["enrolment_date"] for p in source["patients"]}
    criteria = [name for name in source["screening"][0] if name.startswith(("age_", "kmt", "cd19", "b_pre", "interf",
                                                                            "eoi_", "no_cns"))]  # fmt: skip
    for row in source["screening"]:
        who = row["screening_id"]
        if row["consent_date"]:
            rows.add("consent", who, icdat=day(row["consent_date"]), icver=row["consent_version"], ickind="FIRST")
        rows.add(
            "screening", who, "screening",
            **{name: yes(row[name]) for name in criteria},
            eligible=yes(row["eligible"]),
            enrolled=yes(row["enrolled"]),
            failure_reason=row["failure_reason"] or None,
            enroldat=day(enrolled.get(who, "")),
        )  # fmt: skip


def _baseline(rows: Rows, source: Tables) -> None:
    for p in source["patients"]:
        rows.add(
            "baseline", p["patient_id"], "screening",
            brthdat=day(p["birth_date"]), sex=p["sex"], diagdat=day(p["diagnosis_date"]), wbc=number(p["wbc_10e9_l"]),
            cns=p["cns_at_diagnosis"], kmt2a_partner=PARTNERS.get(p["kmt2a_partner"], "OTHER"),
            predresp=p["prednisone_response"], riskgrp=p["risk_group"],
        )  # fmt: skip
    for row in source["end_of_induction"]:
        rows.add("end_of_induction", row["patient_id"], "screening", eoidat=day(row["assessment_date"]),
                 blast_pct=number(row["blast_pct"]), eoi_cns=yes(row["cns_involvement"]))  # fmt: skip


def _blocks(rows: Rows, source: Tables) -> None:
    for b in source["treatment_blocks"]:
        rows.add("treatment_block", b["patient_id"], block=b["block"], ecstdat=day(b["start_date"]),
                 ecendat=day(b["end_date"]), econgo=ongoing(b["end_date"]), ecnote=b["note"] or None,
                 as_protocol="N" if b["protocol_deviation"] == "1" else "Y")  # fmt: skip


def _infusion(rows: Rows, source: Tables) -> None:
    segments = defaultdict(list)
    for segment in source["infusion_segments"]:
        segments[segment["patient_id"]].append(segment)
    for i in source["infusion"]:
        who = i["patient_id"]
        own = sorted(segments[who], key=lambda segment: int(segment["segment_no"]))
        if not own:
            continue
        end = own[-1]["end_datetime"]
        rows.add(
            "infusion", who, "day_1",
            exstdtc=rows.moment(who, own[0]["start_datetime"]), exendtc=rows.moment(who, end), exongo=ongoing(end),
            weight=number(i["weight_kg"]), height=number(i["height_cm"]), bsa=number(i["bsa_m2"]),
            planned_dose=number(i["planned_dose_ug_m2_day"]), dexdtc=rows.moment(who, i["dexamethasone_datetime"]),
            dex_mg=number(i["dexamethasone_mg"]), itdat=day(i["intrathecal_date"]),
            stop_reason=i["reason_stopped"] or None,
        )  # fmt: skip
    for i in source["interruptions"]:
        who = i["patient_id"]
        rows.add(
            "interruption", who,
            intstdtc=rows.moment(who, i["stopped_at"]), intendtc=rows.moment(who, i["restarted_at"]),
            intongo=ongoing(i["restarted_at"]), intreason="TOXICITY",
            restart_dose=number(i["restart_dose_ug_m2_day"]), full_dtc=rows.moment(who, i["full_dose_restored_at"]),
        )  # fmt: skip


def _events(rows: Rows, source: Tables) -> None:
    for e in source["events"]:
        who, kind, on = e["patient_id"], e["event_type"], day(e["date"])
        if kind in ("HSCT", "CAR_T"):
            rows.add("transplantation", who, trkind=kind.replace("_", "-"), trdat=on,
                     remission=e["remission_no"] or None)  # fmt: skip
        elif kind == "DEATH":
            rows.add("death", who, dthdat=on, dthcause="RELAPSE" if "leukaemia" in e["cause"] else "OTHER",
                     in_remission="Y" if "CR1" in e["cause"] else None)  # fmt: skip
        elif kind == "LAST_CONTACT_ALIVE":
            rows.add("follow_up", who, fudat=on, alive="Y")
        else:
            places = e["site_of_relapse"].split("+")
            rows.add(
                "disease_event", who,
                deevent=kind, dedat=on, denote=e["note"] or None,
                site_bm=yes("Y" if "BM" in places else "N"), site_cns=yes("Y" if "CNS" in places else "N"),
                cd19="POS" if e["immunophenotype"].startswith("CD19+") else None,
                cd19_neg_clone="Y" if "CD19- clone" in e["immunophenotype"] else None,
            )  # fmt: skip


def _adverse_events(rows: Rows, source: Tables) -> None:
    records = {}
    for a in source["ae"] + source["ae_out_of_window"]:
        term, specified = ctcae.code_free_text(a["term"], a["soc"])
        records[a["ae_id"]] = rows.add(
            "adverse_event", a["patient_id"],
            aeterm=term.name, aespec=specified or None, aetoxgr=int(a["grade"]), aestdat=day(a["start_date"]),
            aeendat=day(a["end_date"]), aeongo=ongoing(a["end_date"]), aerel=a["relatedness"],
            aeacn=a["action_taken"], aeout=a["outcome"], aeser=yes(a["serious"]),
        )  # fmt: skip
    for s in source["sae"]:
        soc = "Infections and infestations" if s["category"] == "Infection" else None
        term, specified = ctcae.code_free_text(s["term"], soc or ctcae.term(s["term"]).soc)
        rows.add(
            "serious_adverse_event", s["patient_id"],
            ae=records.get(s["linked_ae_id"]), saeterm=term.name, saespec=specified or None,
            saetoxgr=int(s["grade"]), saestdat=day(s["start_date"]), saerel=s["relatedness"], saeout=s["outcome"],
            shosp="Y", sdth=yes(s["fatal"]),
        )  # fmt: skip


def _mrd(rows: Rows, source: Tables) -> None:
    records = {}
    for s in source["mrd_samples"]:
        point = s["timepoint"] if s["timepoint"] in TIME_POINTS else "UNSCHEDULED"
        records[s["sample_id"]] = rows.add("mrd_sample", s["patient_id"], timepoint=point,
                                           msdat=day(s["sample_date"]), material=s["material"])  # fmt: skip
    for r in source["mrd_results"]:
        rows.add(
            "mrd_result", r["patient_id"],
            sample=records[r["sample_id"]], target=r["target"], result=r["result"], value=number(r["value"]),
            quant_range=number(r["quantitative_range"]), sensitivity=number(r["sensitivity"]),
        )  # fmt: skip


def _visits(rows: Rows, source: Tables) -> None:
    for v in source["vitals"]:
        rows.add("vital_signs", v["patient_id"], VISITS[v["timepoint"]], vsdat=day(v["date"]), temp=number(v["temp_c"]))
    panels: dict[tuple[str, str, str], dict[str, Any]] = defaultdict(dict)
    for lab in source["labs"]:
        test = lab["testcd"].lower()
        panels[lab["patient_id"], lab["timepoint"], lab["sample_date"]] |= {
            test: number(lab["value"]), f"{test}_unit": lab["unit"] or None,
            f"{test}_lln": number(lab["lln"]), f"{test}_uln": number(lab["uln"]),
        }  # fmt: skip
    for (who, point, on), values in panels.items():
        rows.add("laboratory", who, VISITS.get(point), lbdat=day(on), **values)


def _logs(rows: Rows, source: Tables) -> None:
    for c in source["conmeds"]:
        rows.add("concomitant", c["patient_id"], cmtrt=c["drug"].replace("-", ""), cmstdat=c["date"])
    for d in source["deviations"]:
        rows.add("deviation", d["patient_id"], dvcat=d["category"], dvstdat=day(d["deviation_date"]),
                 dvterm=d["description"], dvconf="Y")  # fmt: skip
