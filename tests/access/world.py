"""The small trial that the access matrix asks about, and how each URL is asked.

Two sites. Every object stands at NL01; people of site roles work there, one coordinator at IT02. A request that a role
may make is complete and valid, so that a refusal can only be one of access.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports.access import JOB_KIND
from reports.actions import mark_as_checked, release
from reports.models import Report
from tests.access import signed
from tests.people import PASSWORD, make_site, make_user
from tests.reports.packages import CUT, fresh, make_draft
from trial import access_register, actions, protocol
from trial.actions import verification
from trial.actions.checks import ask_for_run
from trial.crf import registry
from trial.models import Draft, FormRecord, Job, Query, ReviewKind, SavedFilter, Site, Subject, User

INVITED = "invited"
RETIRED = "vital_signs.temp.future"
INVITATION: dict[str, str] = {
    "full_name": "Ida New", "email": "ida@test.invalid", "username": "ida-new", "role_code": "inspector",
}  # fmt: skip
SITE = {"name": "Invented hospital", "country": "NL", "time_zone": "Europe/Amsterdam", "activated_on": "3 jan 2018"}
ROLES = (
    "site-coordinator", "investigator", "monitor", "data-manager", "safety-officer", "mrd-laboratory", "statistician",
    "dsmb-member", "dsmb-chair", "trial-manager", "inspector",
)  # fmt: skip
OTHER_SITE, NO_ROLE, NOBODY = "other-site", "no-role", "nobody"
PEOPLE = (*ROLES, OTHER_SITE, NO_ROLE, NOBODY)


@dataclass
class World:
    """subject: has one row of every CRF; fresh: has none. query: open, of the data manager; answered: answered, same.

    draft, checked, released: reports that another statistician built; job: the statistician's own.
    """

    nl01: Site
    it02: Site
    users: dict[str, User]
    subject: Subject
    fresh: Subject
    records: dict[str, FormRecord]
    query: Query
    answered: Query
    draft: Report
    checked: Report
    released: Report
    job: Job
    signed: signed.Signed
    clients: dict[str, Client] = field(default_factory=dict)


def build() -> World:
    nl01, it02 = make_site("NL01"), make_site("IT02")
    users = _users(nl01, it02)
    coordinator, manager = users["site-coordinator"], users["data-manager"]
    subject, fresh_subject = (actions.screen_subject(site=nl01, by=coordinator) for _ in range(2))
    records = {spec.code: enter_blank(subject, spec.code, coordinator) for spec in registry.all_specs()}
    query, answered = (
        actions.open_query(target=records["vital_signs"], item=item, text="Please check this.", by=manager)
        for item in ("temp", "hr")
    )
    actions.answer_query(query=answered, text="It is right as it is.", by=coordinator)
    answered.refresh_from_db()
    verification.mark(
        record=records["vital_signs"], kind=ReviewKind.DATA, items=["weight"], by=manager, expected_version=1
    )
    actions.keep_draft(
        record=records["vital_signs"], by=coordinator, address="/", entries={"hr": "1"}, version=1, submission=None
    )
    actions.keep_filter(page="queries", query="state=", name="All of mine", by=coordinator)
    actions.retire_check(check_code=RETIRED, by=manager, reason="It has never changed a value")
    users[INVITED] = actions.invite(**INVITATION, by=users["trial-manager"], base_url="http://testserver").user
    draft, checked, released = _reports(users["statistician"])
    arguments = {"cut": CUT.isoformat(), "number": None}
    job = Job.objects.create(kind=JOB_KIND, asked_by=users["statistician"], arguments=arguments)
    under = signed.build(subject, coordinator, users["investigator"])
    world = World(
        nl01, it02, users, subject, fresh_subject, records, query, answered, draft, checked, released, job, under
    )  # fmt: skip
    world.clients = {person: client_of(users.get(person)) for person in PEOPLE}
    return world


def _users(nl01: Site, it02: Site) -> dict[str, User]:
    users = {role: make_user(role, nl01) for role in ROLES}
    users[OTHER_SITE] = make_user("site-coordinator", it02, OTHER_SITE)
    users[NO_ROLE] = actions.create_user(
        username=NO_ROLE, full_name="No Role", email="no-role@test.invalid", by=User.objects.system(), password=PASSWORD
    )
    return users


def _reports(checker: User) -> list[Report]:
    """A draft, a checked and a released report."""
    builder = make_user("statistician", username="statistician-2")
    draft, checked, released = (make_draft(builder) for _ in range(3))
    for report in (checked, released):
        mark_as_checked(report=report, by=checker)
    release(report=fresh(released), by=builder)
    return [fresh(report) for report in (draft, checked, released)]


def client_of(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def visit_of(code: str) -> str | None:
    """The first visit at which a CRF is asked; None for one that is a log alone."""
    return next((visit.code for visit in protocol.get().schedule if code in visit.forms), None)


def enter_blank(subject: Subject, code: str, by: User) -> FormRecord:
    visit = subject.visits.filter(code=visit_of(code)).first()
    record = actions.new_record(subject=subject, crf_code=code, visit=visit)
    return actions.save_form(record=record, values={}, by=by).record


# --- how each URL is asked ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """One request. args: of the URL; data: the body; query: after the `?`."""

    args: tuple[Any, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


AskFor = Callable[[World], Ask]
WORDS = {"text": "Please look at this again."}
LOCK = {"step": "freeze", "reason": "Data are clean"}  # a lock would wait for the queries
RETIRE = {"reason": "It has never changed a value"}
PLAN = {"site": "", "extent": "all", "starts_on": "01-Jan-2024"}
NEW_PASSWORD = {"old_password": PASSWORD, "new_password1": "a longer battery", "new_password2": "a longer battery"}
WRONG_PASSWORD = {"username": "nobody-at-all", "password": "wrong"}


def _blank(code: str) -> list[str]:
    """The findings of a blank form of this CRF, as seen."""
    return [f"{code}.{item.name}.blank" for item in registry.get(code).items]


def _new(code: str, visit: str) -> AskFor:
    return lambda world: Ask((world.fresh.number, code), {"version": "0", "seen": _blank(code)}, {"visit": visit})


def _form(code: str = "vital_signs", **data: Any) -> AskFor:
    return lambda world: Ask((world.records[code].pk,), {"version": "1", "seen": _blank(code), **data})


def _live(code: str = "vital_signs") -> AskFor:
    return lambda world: Ask((), {"left": registry.get(code).title_items[0]}, {"record": str(world.records[code].pk)})


def _draft(address: str) -> Ask:
    return Ask(data={"address": address, "version": "1", "entries": '{"temp": "37.9"}'})


def _membership(world: World) -> tuple[int, int]:
    monitor = world.users["monitor"]
    return monitor.pk, monitor.memberships.get().pk


def _query(world: World) -> Ask:
    return Ask((world.query.pk,), WORDS)


def _answered(world: World) -> Ask:
    return Ask((world.answered.pk,), WORDS)


def _sign(arguments: Callable[[World], tuple[Any, ...]], target: Callable[[World], signed.Target]) -> AskFor:
    return lambda world: Ask(arguments(world), signed.signing(target(world)), headers={"If-Match": "1"})


def _report(state: str, *rest: str) -> AskFor:
    def ask(world: World) -> Ask:
        report = getattr(world, state)
        return Ask((report.number, report.version, *rest))

    return ask


def _file(state: str) -> AskFor:
    return lambda world: Ask((getattr(world, state).files.order_by("id").first().pk,))


WHY = {"X-Reason": "Data are clean"}


def _review(kind: str, *items: str) -> AskFor:
    def ask(world: World) -> Ask:
        record = world.records["vital_signs"]
        named = {"items": list(items)} if items else {}
        return Ask(data={"record": record.pk, "kind": kind, **named}, headers={"If-Match": str(record.version), **WHY})

    return ask


# URL name and case -> its request. A URL that takes nothing is not named here.
ASKS: dict[str, AskFor] = {
    "search": lambda world: Ask(query={"q": world.subject.number}),
    "sign-in": lambda world: Ask(data=WRONG_PASSWORD),
    "password-change": lambda world: Ask(data=NEW_PASSWORD),
    "screen": lambda world: Ask(data={"site": world.nl01.number}),
    "casebook": lambda world: Ask((world.subject.number,)),
    "work-list": lambda world: Ask(("forms-due",)),
    "visit": lambda world: Ask((world.subject.number, "day_1")),
    "visit mrd": lambda world: Ask((world.subject.number, "screening")),
    "lock-subject": lambda world: Ask((world.subject.number,), LOCK),
    "blank-form": lambda world: Ask(("serious_adverse_event",)),
    "form-new": _new("vital_signs", "day_1"),
    "form-new mrd": _new("mrd_sample", "screening"),
    "form": _form(hr="120"),
    "form mrd": _form("mrd_sample", material="BM"),
    "form-live": _live(),
    "form-live new": lambda world: Ask(
        (), {"hr": "12"}, {"subject": world.fresh.number, "crf": "vital_signs", "visit": "day_1"}
    ),
    "form-live mrd": _live("mrd_sample"),
    "form-next": lambda world: Ask((world.subject.number,)),
    "people-invite": lambda world: Ask(data=INVITATION | {"username": "ida-2", "email": "ida-2@test.invalid"}),
    "person": lambda world: Ask((world.users[INVITED].pk,)),
    "person-grant": lambda world: Ask((world.users[INVITED].pk,), {"role_code": "data-manager"}),
    "person-end-role": lambda world: Ask(_membership(world), {"on": "31 dec 2030", "reason": "Left the site"}),
    "person-train": lambda world: Ask((world.users[INVITED].pk,), {"completed_on": "3 jan 2024"}),
    "person-send-invitation": lambda world: Ask((world.users[INVITED].pk,)),
    "person-withdraw": lambda world: Ask((world.users[INVITED].pk, world.users[INVITED].invitations.get().pk)),
    "person-deactivate": lambda world: Ask((world.users[INVITED].pk,), {"reason": "Left the site"}),
    "person-reactivate": lambda world: Ask((world.users[INVITED].pk,), {"reason": "Back again"}),
    "invitation": lambda world: Ask(("not-a-token",)),
    "site-new": lambda world: Ask(data=SITE | {"number": "FR01"}),
    "site": lambda world: Ask((world.nl01.number,), SITE | {"reason": "The name was wrong"}),
    "access-sign-off": lambda world: Ask(
        data={"sha256": access_register.sha256(access_register.on(timezone.now().date()))}
    ),
    "form-history": lambda world: Ask((world.records["vital_signs"].pk,)),
    "form-history mrd": lambda world: Ask((world.records["mrd_sample"].pk,)),
    "subject-history": lambda world: Ask((world.subject.number,)),
    "subject-archive": lambda world: Ask((world.subject.number,)),
    "as-of": lambda world: Ask((world.subject.number,), query={"day": "3 jan 2024"}),
    "audit-mark-reviewed": lambda world: Ask(data={"kind": "late", "through": "2024-01-03T00:00:00Z"}),
    "item-history": lambda world: Ask((world.records["vital_signs"].pk, "temp")),
    "item-history mrd": lambda world: Ask((world.records["mrd_sample"].pk, "material")),
    "drafts": lambda world: _draft(reverse("form", args=[world.records["vital_signs"].pk])),
    "drafts new": lambda world: _draft(f"/subjects/{world.fresh.number}/forms/vital_signs/new/?visit=day_1"),
    "drafts mrd": lambda world: _draft(reverse("form", args=[world.records["mrd_sample"].pk])),
    "draft-throw-away": lambda world: Ask((Draft.objects.get(user=world.users["site-coordinator"]).pk,)),
    "form-delete": _form(reason="Entered for the wrong child"),
    "form-ask": _form(text="Is that in degrees Celsius?"),
    "form-lock": _form(**LOCK),
    "form-verify": _form(kind="sdv", step="mark all"),
    "form-verify data": _form(kind="data", step="mark all"),
    "form-verify medical": _form(kind="medical", step="mark all"),
    "subject-verification": lambda world: Ask((world.subject.number,)),
    "verification": lambda world: Ask(data=PLAN),
    "locks": lambda world: Ask(data={"scope": "subject", "subject": world.fresh.number, **LOCK}),
    "form-sign": _sign(lambda world: (world.signed.unsigned.pk,), lambda world: world.signed.unsigned),
    "visit-sign": _sign(
        lambda world: (world.subject.number, "day_15"), lambda world: world.signed.unsigned.visit or world.subject
    ),
    "casebook-sign": _sign(lambda world: (world.subject.number,), lambda world: world.subject),
    "signature": lambda world: Ask((world.signed.signature.pk,)),
    "delegations": lambda world: Ask((world.nl01.number,), signed.delegating(world.signed)),
    "delegation-end": lambda world: Ask((world.signed.delegation.pk,), signed.ending(world.signed)),
    "query": _query,
    "query-answer": _query,
    "query-close": _query,
    "query-reopen": _answered,
    "query-cancel": _query,
    "query-bulk": lambda world: Ask(data={"step": "close", "query": [str(world.query.pk)]}),
    "check-run": lambda world: Ask((ask_for_run(by=world.users["data-manager"]).pk,)),
    "filter-save": lambda world: Ask(data={"page": "queries", "query": "state=open", "name": "Open"}),
    "filter-remove": lambda world: Ask((SavedFilter.objects.get(user=world.users["site-coordinator"]).pk,)),
    "check": lambda world: Ask(("VS-01",)),
    "check-retire": lambda world: Ask(("VS-01",), RETIRE),
    "check-bring-back": lambda world: Ask((RETIRED,), RETIRE),
    "visit-ask": lambda world: Ask((world.fresh.number, "day_1"), WORDS),
    "visit-ask missing": lambda world: Ask((world.fresh.number, "day_1"), WORDS, {"form": "vital_signs"}),
    "report-build": lambda world: Ask(data={"cut": "not a day"}),
    "report-job": lambda world: Ask((world.job.pk,)),
    "report-file draft": _file("draft"),
    "report-file released": _file("released"),
    "report draft": _report("draft"),
    "report released": _report("released"),
    "report-part draft": _report("draft", "closed"),
    "report-part released": _report("released", "closed"),
    "report-preview draft": _report("draft"),
    "report-preview released": _report("released"),
    "report-build-again": _report("draft"),
    "report-check": _report("draft"),
    "report-release": _report("checked"),
    "api-token": lambda world: Ask(data=WRONG_PASSWORD),
    "api-subject-list": lambda world: Ask(data={"site": world.nl01.number}),
    "api-subject-detail": lambda world: Ask((world.subject.number,)),
    "api-subject-sign": _sign(lambda world: (world.subject.number,), lambda world: world.subject),
    "api-signature-detail": lambda world: Ask((world.signed.signature.pk,)),
    "api-query-list": lambda world: Ask(data={"record": world.records["vital_signs"].pk, "item": "temp", **WORDS}),
    "api-query-detail": _query,
    "api-query-answer": _query,
    "api-review-list": _review("sdv"),
    "api-review-list data": _review("data"),
    "api-review-take-away": _review("data", "weight"),
    "api-lock-list": lambda world: Ask(
        data={"step": "freeze", "scope": "form", "record": world.records["vital_signs"].pk}, headers=WHY
    ),
    "api-lock-list site": lambda world: Ask(
        data={"step": "freeze", "scope": "site", "site": world.nl01.number}, headers=WHY
    ),
    "api-query-close": _query,
    "api-query-reopen": _answered,
    "api-query-cancel": _query,
}


def ask_for(name: str) -> AskFor:
    """The request of a URL; those of the endpoints of a CRF are alike."""
    code = name.removeprefix("api-").removesuffix("-list").removesuffix("-detail").removesuffix("-sign")
    if name in ASKS or registry.find(code) is None:
        return ASKS.get(name, lambda world: Ask())
    if name.endswith("-list"):
        return lambda world: Ask(data={"subject": world.fresh.number, "visit": visit_of(code)})
    if name.endswith("-sign"):
        return _sign(lambda world: (world.records[code].pk,), lambda world: world.records[code])
    headers = {"If-Match": "1", "X-Reason": "Entered for the wrong child"}
    return lambda world: Ask((world.records[code].pk,), headers=headers)


def send(client: Client, world: World, method: str, name: str) -> int:
    """The status that this client gets."""
    ask = ask_for(name)(world)
    url = reverse(name.split()[0], args=ask.args)
    options: dict[str, Any] = {"headers": ask.headers, "query_params": ask.query or None}
    if method != "GET":
        options["data"] = ask.data
    if method != "GET" and url.startswith("/api/"):
        options["content_type"] = "application/json"
    signed_in = copy(client.cookies)
    try:
        return getattr(client, method.lower())(url, **options).status_code
    finally:
        client.cookies = signed_in  # whoever signs out is back for the next row
