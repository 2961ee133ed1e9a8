"""Who gets what: every URL, every method that it answers, every role, the expected status (AC-02, AC-03, DE-03).

Columns: SC site coordinator, INV investigator, MON monitor, DM data manager, SO safety officer, MRD MRD laboratory,
STA statistician, BM and BC member and chair of the board, TM trial manager, INS inspector (reads all, writes nothing),
OTH a coordinator of another site, NO somebody without any role, -- nobody signed in.

Everything asked about stands at the site of SC, INV and MON, and each request is complete (world.py), so that a
refusal is one of access. 200, 201, 204: done. 302: done, or nobody is sent to the sign-in page. 403: seen, but not to
be done by this role. 404: not theirs to know of. 409: theirs, not complete. 422: not one of their sites. The API says
401 to nobody, and 400 to a wrong password. A word after the URL's name is a case of its own.

`{clinical}` and `{mrd}` stand for each CRF of that kind: all of them are asked.
"""

from trial.crf import registry

COLUMNS = {
    "SC": "site-coordinator", "INV": "investigator", "MON": "monitor", "DM": "data-manager", "SO": "safety-officer",
    "MRD": "mrd-laboratory", "STA": "statistician", "BM": "dsmb-member", "BC": "dsmb-chair", "TM": "trial-manager",
    "INS": "inspector", "OTH": "other-site", "NO": "no-role", "--": "nobody",
}  # fmt: skip
MRD = frozenset({"mrd_sample", "mrd_result"})

MATRIX = """
       TRIAL                     SC  INV MON DM  SO  MRD STA BM  BC  TM  INS OTH NO  --
GET    home                      200 200 200 200 200 200 200 200 200 200 200 200 200 302
GET    search                    302 302 302 302 302 302 302 403 403 302 302 302 403 302
GET    search-suggestions        200 200 200 200 200 200 200 403 403 200 200 200 403 302
GET    work-next                 302 302 302 302 302 302 302 302 302 302 302 302 302 302
GET    work-list                 200 200 404 404 404 200 404 404 404 404 404 200 404 302
GET    healthz                   200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    outbox                    404 404 404 404 404 404 404 404 404 404 404 404 404 302
GET    design                    200 200 200 200 200 200 200 200 200 200 200 200 200 302
GET    people                    403 403 403 403 403 403 403 403 403 200 403 403 403 302
GET    people-invite             403 403 403 403 403 403 403 403 403 200 403 403 403 302
POST   people-invite             403 403 403 403 403 403 403 403 403 302 403 403 403 302
GET    person                    403 403 403 403 403 403 403 403 403 200 403 403 403 302
POST   person-grant              403 403 403 403 403 403 403 403 403 302 403 403 403 302
POST   person-end-role           403 403 403 403 403 403 403 403 403 302 403 403 403 302
POST   person-train              403 403 403 403 403 403 403 403 403 302 403 403 403 302
POST   person-send-invitation    403 403 403 403 403 403 403 403 403 302 403 403 403 302
POST   person-withdraw           403 403 403 403 403 403 403 403 403 302 403 403 403 302
POST   person-deactivate         403 403 403 403 403 403 403 403 403 302 403 403 403 302
POST   person-reactivate         403 403 403 403 403 403 403 403 403 409 403 403 403 302
GET    site-new                  403 403 403 403 403 403 403 403 403 200 403 403 403 302
POST   site-new                  403 403 403 403 403 403 403 403 403 302 403 403 403 302
GET    site                      403 403 403 403 403 403 403 403 403 200 403 403 403 302
POST   site                      403 403 403 403 403 403 403 403 403 302 403 403 403 302
POST   access-sign-off           403 403 403 403 403 403 403 403 403 302 403 403 403 302
GET    access-on                 403 403 403 200 403 403 403 403 403 200 200 403 403 302
GET    invitation                410 410 410 410 410 410 410 410 410 410 410 410 410 410
POST   invitation                410 410 410 410 410 410 410 410 410 410 410 410 410 410

       SIGN-IN                   SC  INV MON DM  SO  MRD STA BM  BC  TM  INS OTH NO  --
GET    sign-in                   302 302 302 302 302 302 302 302 302 302 302 302 302 200
POST   sign-in                   302 302 302 302 302 302 302 302 302 302 302 302 302 200
PUT    sign-in                   302 302 302 302 302 302 302 302 302 302 302 302 302 200
POST   sign-out                  302 302 302 302 302 302 302 302 302 302 302 302 302 302
GET    password-change           200 200 200 200 200 200 200 200 200 200 200 200 200 302
POST   password-change           302 302 302 302 302 302 302 302 302 302 302 302 302 302
PUT    password-change           200 200 200 200 200 200 200 200 200 200 200 200 200 302

       SUBJECTS                  SC  INV MON DM  SO  MRD STA BM  BC  TM  INS OTH NO  --
GET    subjects                  200 200 200 200 200 200 200 403 403 200 200 200 403 302
GET    matrix                    200 200 200 200 200 200 200 403 403 200 200 200 403 302
GET    matrix-csv                200 200 200 200 200 200 200 403 403 200 200 200 403 302
GET    screen                    200 200 403 403 403 403 403 403 403 403 403 200 403 302
POST   screen                    302 302 403 403 403 403 403 403 403 403 403 422 403 302
GET    screening-log             200 200 200 200 200 403 200 403 403 200 200 200 403 302
GET    casebook                  200 200 200 200 200 200 200 404 404 200 200 404 404 302
GET    visit                     200 200 200 200 200 404 200 404 404 200 200 404 404 302
GET    visit mrd                 200 200 200 200 200 200 200 404 404 200 200 404 404 302
GET    subject-history           200 200 200 200 200 200 200 404 404 200 200 404 404 302
GET    subject-archive           200 200 200 200 200 403 200 404 404 200 200 404 404 302
GET    as-of                     302 302 302 302 302 302 302 404 404 302 302 404 404 302
GET    study-history             200 200 200 200 200 200 200 403 403 200 200 200 403 302
GET    audit-review              403 403 403 200 403 403 403 403 403 403 200 403 403 302
POST   audit-mark-reviewed       403 403 403 302 403 403 403 403 403 403 403 403 403 302
POST   lock-subject              403 403 403 302 403 403 403 404 404 403 403 404 404 302

       FORMS                     SC  INV MON DM  SO  MRD STA BM  BC  TM  INS OTH NO  --
GET    blank-forms               200 200 200 200 200 200 200 200 200 200 200 200 200 302
GET    blank-form                200 200 200 200 200 200 200 200 200 200 200 200 200 302
GET    form-new                  200 200 403 403 403 403 403 404 404 403 403 404 404 302
POST   form-new                  302 302 403 403 403 403 403 404 404 403 403 404 404 302
GET    form-new mrd              200 200 403 403 403 200 403 404 404 403 403 404 404 302
POST   form-new mrd              302 302 403 403 403 302 403 404 404 403 403 404 404 302
GET    form                      200 200 200 200 200 404 200 404 404 200 200 404 404 302
POST   form                      302 302 403 403 403 404 403 404 404 403 403 404 404 302
GET    form mrd                  200 200 200 200 200 200 200 404 404 200 200 404 404 302
POST   form mrd                  302 302 403 403 403 302 403 404 404 403 403 404 404 302
GET    form-history              200 200 200 200 200 404 200 404 404 200 200 404 404 302
GET    form-history mrd          200 200 200 200 200 200 200 404 404 200 200 404 404 302
GET    item-history              200 200 200 200 200 404 200 404 404 200 200 404 404 302
GET    item-history mrd          200 200 200 200 200 200 200 404 404 200 200 404 404 302
POST   form-live                 200 200 403 403 403 404 403 404 404 403 403 404 404 302
POST   form-live new             200 200 403 403 403 403 403 404 404 403 403 404 404 302
POST   form-live mrd             200 200 403 403 403 200 403 404 404 403 403 404 404 302
GET    form-next                 302 302 403 403 403 302 403 404 404 403 403 404 404 302
POST   drafts                    200 200 403 403 403 404 403 404 404 403 403 404 404 302
POST   drafts new                200 200 403 403 403 403 403 404 404 403 403 404 404 302
POST   drafts mrd                200 200 403 403 403 200 403 404 404 403 403 404 404 302
POST   draft-throw-away          302 404 404 404 404 404 404 404 404 404 404 404 404 302
GET    form-delete               200 200 403 403 403 404 403 404 404 403 403 404 404 302
POST   form-delete               302 302 403 403 403 404 403 404 404 403 403 404 404 302
POST   form-ask                  403 403 302 302 302 404 403 404 404 403 403 404 404 302
POST   form-lock                 403 403 403 302 403 404 403 404 404 403 403 404 404 302
POST   form-verify               403 403 302 403 403 404 403 404 404 403 403 404 404 302
POST   form-verify data          403 403 403 302 403 404 403 404 404 403 403 404 404 302
POST   form-verify medical       403 403 403 403 302 404 403 404 404 403 403 404 404 302
GET    subject-verification      200 200 200 200 200 200 200 404 404 200 200 404 404 302

       VERIFICATION AND LOCKS    SC  INV MON DM  SO  MRD STA BM  BC  TM  INS OTH NO  --
GET    verification              403 403 200 200 200 403 403 403 403 200 200 403 403 302
POST   verification              403 403 403 302 403 403 403 403 403 302 403 403 403 302
GET    locks                     403 403 403 200 403 403 403 403 403 403 200 403 403 302
POST   locks                     403 403 403 302 403 403 403 403 403 403 403 403 403 302

       QUERIES                   SC  INV MON DM  SO  MRD STA BM  BC  TM  INS OTH NO  --
GET    queries                   200 200 200 200 200 200 200 403 403 200 200 200 403 302
GET    query                     200 200 200 200 200 404 200 404 404 200 200 404 404 302
POST   query-answer              302 302 403 403 403 404 403 404 404 403 403 404 404 302
POST   query-close               403 403 403 302 403 404 403 404 404 403 403 404 404 302
POST   query-reopen              403 403 403 302 403 404 403 404 404 403 403 404 404 302
POST   query-cancel              403 403 403 302 403 404 403 404 404 403 403 404 404 302
GET    queries-csv               200 200 200 200 200 200 200 403 403 200 200 200 403 302
POST   query-bulk                403 403 200 200 200 403 403 403 403 403 403 403 403 302
GET    query-value               403 403 403 200 403 403 403 403 403 403 200 403 403 302
GET    query-value-csv           403 403 403 200 403 403 403 403 403 403 200 403 403 302
GET    check-runs                403 403 403 200 403 403 403 403 403 403 200 403 403 302
GET    check-run                 403 403 403 200 403 403 403 403 403 403 200 403 403 302
POST   check-run-now             403 403 403 302 403 403 403 403 403 403 403 403 403 302
POST   filter-save               302 302 302 302 302 302 302 403 403 302 302 302 403 302
POST   filter-remove             302 404 404 404 404 404 404 404 404 404 404 404 404 302
GET    check                     403 403 403 200 403 403 403 403 403 403 200 403 403 302
POST   check-retire              403 403 403 302 403 403 403 403 403 403 403 403 403 302
POST   check-bring-back          403 403 403 302 403 403 403 403 403 403 403 403 403 302
GET    visit-ask                 403 403 200 200 200 403 403 404 404 403 403 404 404 302
GET    visit-ask missing         403 403 200 200 200 404 403 404 404 403 403 404 404 302
POST   visit-ask                 403 403 302 302 302 403 403 404 404 403 403 404 404 302
POST   visit-ask missing         403 403 302 302 302 404 403 404 404 403 403 404 404 302

       SIGNATURES                SC  INV MON DM  SO  MRD STA BM  BC  TM  INS OTH NO  --
GET    form-sign                 403 200 403 403 403 404 403 404 404 403 403 404 404 302
POST   form-sign                 403 302 403 403 403 404 403 404 404 403 403 404 404 302
GET    visit-sign                403 200 403 403 403 403 403 404 404 403 403 404 404 302
POST   visit-sign                403 302 403 403 403 403 403 404 404 403 403 404 404 302
GET    casebook-sign             403 200 403 403 403 403 403 404 404 403 403 404 404 302
POST   casebook-sign             403 409 403 403 403 403 403 404 404 403 403 404 404 302
GET    signature                 200 200 200 200 200 404 200 404 404 200 200 404 404 302
GET    own-delegations           403 302 403 403 403 403 403 403 403 403 403 403 403 302
GET    delegations               200 200 200 200 200 200 200 404 404 200 200 404 404 302
POST   delegations               403 302 403 403 403 403 403 404 404 403 403 404 404 302
POST   delegation-end            403 302 403 403 403 403 403 404 404 403 403 404 404 302

       REPORTS                   SC  INV MON DM  SO  MRD STA BM  BC  TM  INS OTH NO  --
GET    reports                   404 404 404 404 404 404 200 200 200 404 404 404 404 302
GET    report-changes            403 403 403 200 403 403 200 403 403 403 403 403 403 302
POST   report-build              404 404 404 404 404 404 422 404 404 404 404 404 404 302
GET    report-job                404 404 404 404 404 404 200 404 404 404 404 404 404 302
GET    report-file draft         404 404 404 404 404 404 200 404 404 404 404 404 404 302
GET    report-file released      404 404 404 404 404 404 200 200 200 404 404 404 404 302
GET    report draft              404 404 404 404 404 404 200 404 404 404 404 404 404 302
GET    report released           404 404 404 404 404 404 200 200 200 404 404 404 404 302
GET    report-part draft         404 404 404 404 404 404 200 404 404 404 404 404 404 302
GET    report-part released      404 404 404 404 404 404 200 200 200 404 404 404 404 302
GET    report-preview draft      404 404 404 404 404 404 200 404 404 404 404 404 404 302
GET    report-preview released   404 404 404 404 404 404 200 404 404 404 404 404 404 302
POST   report-build-again        404 404 404 404 404 404 302 404 404 404 404 404 404 302
POST   report-check              404 404 404 404 404 404 302 404 404 404 404 404 404 302
POST   report-release            404 404 404 404 404 404 302 404 404 404 404 404 404 302

       API                       SC  INV MON DM  SO  MRD STA BM  BC  TM  INS OTH NO  --
POST   api-token                 400 400 400 400 400 400 400 400 400 400 400 400 400 400
GET    api-schema                200 200 200 200 200 200 200 200 200 200 200 200 200 401
GET    api-docs                  200 200 200 200 200 200 200 200 200 200 200 200 200 401
GET    api-subject-list          200 200 200 200 200 200 200 200 200 200 200 200 200 401
POST   api-subject-list          201 201 403 403 403 403 403 403 403 403 403 404 403 401
GET    api-subject-detail        200 200 200 200 200 200 200 404 404 200 200 404 404 401
GET    api-query-list            200 200 200 200 200 200 200 200 200 200 200 200 200 401
POST   api-query-list            403 403 201 201 201 404 403 404 404 403 403 404 404 401
GET    api-query-detail          200 200 200 200 200 404 200 404 404 200 200 404 404 401
POST   api-query-answer          200 200 403 403 403 404 403 404 404 403 403 404 404 401
POST   api-query-close           403 403 403 200 403 404 403 404 404 403 403 404 404 401
POST   api-query-reopen          403 403 403 200 403 404 403 404 404 403 403 404 404 401
POST   api-query-cancel          403 403 403 200 403 404 403 404 404 403 403 404 404 401
POST   api-subject-sign          403 409 403 403 403 403 403 404 404 403 403 404 404 401
GET    api-signature-list        200 200 200 200 200 200 200 200 200 200 200 200 200 401
GET    api-signature-detail      200 200 200 200 200 404 200 404 404 200 200 404 404 401

GET    api-review-list           200 200 200 200 200 200 200 200 200 200 200 200 200 401
POST   api-review-list           403 403 201 403 403 404 403 404 404 403 403 404 404 401
POST   api-review-list data      403 403 403 201 403 404 403 404 404 403 403 404 404 401
POST   api-review-take-away      403 403 403 200 403 404 403 404 404 403 403 404 404 401
GET    api-lock-list             403 403 403 200 403 403 403 403 403 403 200 403 403 401
POST   api-lock-list             403 403 403 201 403 404 403 404 404 403 403 404 404 401
POST   api-lock-list site        403 403 403 201 403 403 403 403 403 403 403 403 403 401

       DERIVED PER CRF           SC  INV MON DM  SO  MRD STA BM  BC  TM  INS OTH NO  --
GET    api-{clinical}-list       200 200 200 200 200 200 200 200 200 200 200 200 200 401
POST   api-{clinical}-list       201 201 403 403 403 403 403 404 404 403 403 404 404 401
GET    api-{clinical}-detail     200 200 200 200 200 404 200 404 404 200 200 404 404 401
PATCH  api-{clinical}-detail     200 200 403 403 403 404 403 404 404 403 403 404 404 401
DELETE api-{clinical}-detail     204 204 403 403 403 404 403 404 404 403 403 404 404 401
POST   api-{clinical}-sign       403 409 403 403 403 404 403 404 404 403 403 404 404 401
GET    api-{mrd}-list            200 200 200 200 200 200 200 200 200 200 200 200 200 401
POST   api-{mrd}-list            201 201 403 403 403 201 403 404 404 403 403 404 404 401
GET    api-{mrd}-detail          200 200 200 200 200 200 200 404 404 200 200 404 404 401
PATCH  api-{mrd}-detail          200 200 403 403 403 200 403 404 404 403 403 404 404 401
DELETE api-{mrd}-detail          204 204 403 403 403 204 403 404 404 403 403 404 404 401
POST   api-{mrd}-sign            403 409 403 403 403 403 403 404 404 403 403 404 404 401
"""


def rows() -> dict[tuple[str, str], dict[str, int]]:
    """(method, URL name and case) -> person -> expected status."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for line in MATRIX.splitlines():
        words = line.split()
        if not words or line.startswith(" "):
            continue
        method, name, statuses = words[0], " ".join(words[1 : -len(COLUMNS)]), words[-len(COLUMNS) :]
        expected = dict(zip(COLUMNS.values(), map(int, statuses), strict=True))
        for each in _names(name):
            found[method, each] = expected
    return found


def _names(name: str) -> list[str]:
    """The URLs that a row stands for: one, or that of each CRF of a kind."""
    codes = {spec.code for spec in registry.all_specs()}
    kinds = {"{clinical}": codes - MRD, "{mrd}": codes & MRD}
    for kind, those in kinds.items():
        if kind in name:
            return [name.replace(kind, code) for code in sorted(those)]
    return [name]


ROWS = rows()
