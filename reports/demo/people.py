"""The people of the demo: one sign-in for each role, all with the same printed password. Made by `demo` alone."""

from dataclasses import dataclass
from datetime import date

from trial import actions, roles
from trial.models import Site, User

# No secret: it is printed at start, and its accounts exist on the local servers of a demo only.
COMMON = "rock-a-bye-cradle"
SINCE = date(2018, 1, 1)
ABBREVIATED = {"dsmb", "mrd"}


@dataclass(frozen=True)
class Login:
    """sites: where the role holds; none for a role of the whole study."""

    username: str
    role_code: str
    sites: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        first, *others = self.username.split("-")
        return " ".join([first.upper() if first in ABBREVIATED else first.capitalize(), *others, "(demo)"])

    @property
    def place(self) -> str:
        return " and ".join(self.sites) or "study"


LOGINS = (
    Login("site-coordinator", "site-coordinator", ("NL01",)),
    Login("site-coordinator-2", "site-coordinator", ("IT02",)),
    Login("investigator", "investigator", ("NL01",)),
    Login("investigator-2", "investigator", ("IT02",)),
    Login("sub-investigator", "sub-investigator", ("NL01",)),
    Login("monitor", "monitor", ("NL01", "IT02")),
    Login("data-manager", "data-manager"),
    Login("safety-officer", "safety-officer"),
    Login("mrd-laboratory", "mrd-laboratory"),
    Login("statistician", "statistician"),
    Login("statistician-2", "statistician"),
    Login("dsmb-member", "dsmb-member"),
    Login("dsmb-chair", "dsmb-chair"),
    Login("trial-manager", "trial-manager"),
    Login("inspector", "inspector"),
)


def make_people() -> None:
    """Make the accounts that are not there yet. The demo's sites must exist."""
    there = set(User.objects.values_list("username", flat=True))
    sites = {site.number: site for site in Site.objects.all()}
    for login in LOGINS:
        if login.username not in there:
            _make(login, sites)


def _make(login: Login, sites: dict[str, Site]) -> None:
    system = User.objects.system()
    user = actions.create_user(
        username=login.username,
        full_name=login.full_name,
        email=f"{login.username}@demo.invalid",
        by=system,
        password=COMMON,
    )
    for number in login.sites or (None,):
        site = sites[number] if number else None
        actions.grant(user=user, role_code=login.role_code, site=site, by=system, starts_on=SINCE)
    actions.record_training(user=user, by=system, completed_on=SINCE)


def table() -> str:
    """The logins as lines of text."""
    rows = [(login.username, roles.get(login.role_code).name, login.place) for login in LOGINS]
    return "\n".join(f"  {username:<20} {role:<18} {place}" for username, role, place in rows)
