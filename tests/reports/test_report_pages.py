"""What each role sees of reports, side by side: the statistician all, the board what was released, the rest nothing."""

import io
import re
import zipfile

import pytest
from django.test import Client

from reports.actions import release
from reports.contents import description, reading_order
from reports.models import Report
from reports.parts import Part
from tests.people import make_site, make_user
from tests.reports.packages import fresh, make_draft, signed_in
from trial.models import AccessEvent, Job, User

pytestmark = pytest.mark.django_db
OTHERS = ["data-manager", "trial-manager", "inspector", "safety-officer", "mrd-laboratory"]
SITE_ROLES = ["site-coordinator", "investigator", "monitor"]


def addresses(report: Report) -> dict[str, str]:
    """Every address of a report that is read, by what it shows."""
    base = f"/reports/{report.number}/v{report.version}/"
    closed = report.files.get(part=Part.CLOSED, name="tables/T1.csv")
    open_file = report.files.get(part=Part.OPEN, name="tables/T1.csv")
    return {
        "list": "/reports/",
        "report": base,
        "closed file": f"/reports/files/{closed.pk}/",
        "open file": f"/reports/files/{open_file.pk}/",
        "closed part": f"{base}closed.zip",
        "open part": f"{base}open.zip",
    }


def answers(client: Client, report: Report) -> dict[str, int]:
    return {what: client.get(address).status_code for what, address in addresses(report).items()}


@pytest.mark.requirement("DB-05")
@pytest.mark.parametrize("role", ["statistician", "dsmb-member", "dsmb-chair"])
def test_statisticians_and_the_board_read_a_released_report(released: Report, role: str) -> None:
    reader = User.objects.filter(username=role).first() or make_user(role)
    assert set(answers(signed_in(reader), released).values()) == {200}


@pytest.mark.requirement("DB-05")
@pytest.mark.parametrize("role", OTHERS + SITE_ROLES)
def test_nobody_else_lists_guesses_or_downloads(released: Report, role: str) -> None:
    person = make_user(role, make_site("NL01"))
    client = signed_in(person)
    assert set(answers(client, released).values()) == {404}
    assert "Reports" not in client.get("/").content.decode()
    assert not AccessEvent.objects.filter(event="report downloaded").exists()


@pytest.mark.parametrize("state", ["draft", "checked"])
def test_the_board_sees_nothing_of_a_report_before_its_release(
    request: pytest.FixtureRequest, state: str, member: User, second_statistician: User
) -> None:
    report = request.getfixturevalue(state)
    found = answers(signed_in(member), report)
    assert found.pop("list") == 200
    assert set(found.values()) == {404}
    assert str(report) not in signed_in(member).get("/reports/").content.decode()
    assert set(answers(signed_in(second_statistician), report).values()) == {200}


def test_who_is_not_signed_in_is_asked_to_sign_in(released: Report) -> None:
    for address in addresses(released).values():
        assert Client().get(address).headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("step", ["check", "release", "build"])
@pytest.mark.parametrize("role", ["dsmb-member", "data-manager", "inspector"])
def test_steps_are_the_statisticians_alone(released: Report, role: str, step: str) -> None:
    client = signed_in(make_user(role))
    assert client.post(f"/reports/{released.number}/v{released.version}/{step}/").status_code == 404
    assert client.post("/reports/build/", {"cut": "2022-08-31"}).status_code == 404
    assert not Job.objects.filter(state="waiting").exists()


def test_the_preview_is_the_statisticians(released: Report, member: User, statistician: User) -> None:
    address = f"/reports/{released.number}/v{released.version}/preview/"
    assert signed_in(member).get(address).status_code == 404
    page = signed_in(statistician).get(address).content.decode()
    assert "An invented OPEN table" in page
    assert "An invented CLOSED table" in page


def test_a_report_goes_from_draft_to_the_board_by_its_buttons(
    draft: Report, statistician: User, second_statistician: User, member: User
) -> None:
    address = f"/reports/{draft.number}/v{draft.version}/"
    builder, checker = signed_in(statistician), signed_in(second_statistician)
    assert "another statistician checks it" in builder.get(address).content.decode()
    refused = builder.post(f"{address}check/")
    assert (refused.status_code, "another statistician" in refused.content.decode()) == (403, True)
    early = builder.post(f"{address}release/")
    assert (early.status_code, "cannot become released" in early.content.decode()) == (409, True)
    assert "Mark as checked" in checker.get(address).content.decode()
    checker.post(f"{address}check/")
    assert "Release to the board" in builder.get(address).content.decode()
    builder.post(f"{address}release/")
    assert fresh(draft).state == "released"
    assert signed_in(member).get(address).status_code == 200


def test_a_downloaded_part_is_a_whole_archive_that_no_browser_keeps(released: Report, member: User) -> None:
    answer = signed_in(member).get(f"/reports/{released.number}/v{released.version}/closed.zip")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report-1-v1-closed-all.zip"'
    assert signed_in(member).get(f"/reports/{released.number}/v{released.version}/other.zip").status_code == 404


def test_a_changed_file_is_refused_with_a_sentence(released: Report, member: User) -> None:
    file = released.files.get(part=Part.CLOSED, name="tables/T1.csv")
    file.path.chmod(0o640)
    file.path.write_text("another number\n")
    answer = signed_in(member).get(f"/reports/files/{file.pk}/")
    assert (answer.status_code, "not what was built" in answer.content.decode()) == (409, True)


@pytest.mark.parametrize(
    ("cut", "sentence"),
    [
        ("2999-01-01", "lies in the future"),
        ("31.08.2022", "Write the cut as year-month-day"),
        ("2022-02-30", "Write the cut as year-month-day"),
        ("0001-01-01", "lies before 1990-01-01"),
        ("1989-12-31", "Check the year"),
        ("", "This field is required"),
    ],
)
def test_a_cut_that_no_report_can_stand_on_is_refused(statistician: User, cut: str, sentence: str) -> None:
    answer = signed_in(statistician).post("/reports/build/", {"cut": cut})
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert not Job.objects.exists()


@pytest.fixture
def job(statistician: User) -> Job:
    return Job.objects.create(
        kind="interim report",
        asked_by=statistician,
        arguments={"cut": "2022-08-31", "number": None},
        state="running",
        step="Table 3 of 12",
        done=5,
        total=20,
    )


def test_progress_is_shown_to_who_asked_and_to_nobody_else(
    job: Job, statistician: User, second_statistician: User, member: User, data_manager: User
) -> None:
    assert "Table 3 of 12" in signed_in(statistician).get(f"/reports/jobs/{job.pk}/").content.decode()
    for other in (second_statistician, member, data_manager):
        assert signed_in(other).get(f"/reports/jobs/{job.pk}/").status_code == 404


def test_the_page_works_without_a_script_and_htmx_gets_the_component(job: Job, statistician: User) -> None:
    client, address = signed_in(statistician), f"/reports/jobs/{job.pk}/"
    assert f'href="{address}">Refresh' in client.get(address).content.decode()
    component = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in component
    assert re.search(r'<progress max="20" value="5"', component)
    assert f'hx-get="{address}"' in component
    job.finish(error="There is no subject to report on.")
    over = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "There is no subject to report on." in over
    assert "hx-get" not in over


def home(user: User) -> str:
    return signed_in(user).get("/").content.decode()


def test_home_says_what_waits(
    draft: Report, statistician: User, second_statistician: User, job: Job, member: User
) -> None:
    link = f'href="/reports/{draft.number}/v{draft.version}/"'
    assert (link in home(second_statistician), link in home(statistician)) == (True, False)
    job.finish(error="There is no subject to report on.")
    assert "There is no subject to report on." in home(statistician)
    assert link not in home(member)


def test_the_boards_home_shows_a_report_until_it_is_downloaded(released: Report, member: User, chair: User) -> None:
    link = f'href="/reports/{released.number}/v{released.version}/"'
    assert link in home(member)
    signed_in(member).get(addresses(released)["closed part"])
    assert link not in home(member)
    assert link in home(chair)


def test_a_next_version_is_asked_for_from_the_report(released: Report, statistician: User) -> None:
    address = f"/reports/{released.number}/v{released.version}/build/"
    answer = signed_in(statistician).post(address)
    job = Job.objects.get(state="waiting")
    assert answer.headers["Location"] == f"/reports/jobs/{job.pk}/"
    assert job.arguments == {"cut": "2022-08-31", "number": released.number}


def test_asking_twice_at_once_asks_once(statistician: User) -> None:
    client = signed_in(statistician)
    for _ in range(2):
        client.post("/reports/build/", {"cut": "2022-08-31"})
    assert Job.objects.count() == 1


def test_versions_are_listed_apart(released: Report, statistician: User) -> None:
    make_draft(statistician, number=released.number)
    page = signed_in(statistician).get("/reports/").content.decode()
    assert "Report 1, version 1" in page
    assert "Report 1, version 2" in page


def test_files_are_listed_as_they_are_read_each_with_its_words_and_whole_hash(released: Report, member: User) -> None:
    page = signed_in(member).get(addresses(released)["report"]).content.decode()
    closed = page[page.index("Closed part") :]
    places = [closed.index(f">{name}</a>") for name in ("report.pdf", "tables/T1.csv", "document.json")]
    assert places == sorted(places)
    assert "Table T1 as comma-separated text" in closed
    for file in released.files.all():
        assert f'<code class="hash">{file.sha256}</code>' in page
    assert closed.count("of the file without a name on it") == 1
    assert "How to check a file" in page


def test_the_reading_order_of_a_whole_part() -> None:
    names = ["document.json", "figures/F7a.svg", "datasets/adsl.csv", "tables/T10.csv", "tables/T4.csv",
             "manifest.json", "results.json", "tables.xlsx", "report.pdf"]  # fmt: skip
    assert sorted(names, key=reading_order) == [
        "report.pdf", "tables.xlsx", "results.json", "manifest.json", "tables/T4.csv", "tables/T10.csv",
        "figures/F7a.svg", "datasets/adsl.csv", "document.json",
    ]  # fmt: skip
    assert (description("figures/F7a.svg"), description("datasets/adsl.csv")) == (
        "Figure F7a as drawing", "Analysis dataset ADSL, the rows behind the report",
    )  # fmt: skip
    assert all(map(description, names))
    assert description("stranger.txt") == ""


def test_the_boards_home_says_whether_there_is_a_report_at_all(checked: Report, member: User) -> None:
    assert "No report has been released yet." in home(member)
    release(report=checked, by=checked.built_by)
    signed_in(member).get(addresses(checked)["closed part"])
    assert "You have downloaded every released report." in home(member)


def test_a_failed_build_is_listed_until_the_next_is_asked_for(job: Job, statistician: User) -> None:
    job.finish(error="There is no subject to report on.")
    client, link = signed_in(statistician), f'href="/reports/jobs/{job.pk}/"'
    assert link in client.get("/reports/").content.decode()
    client.post("/reports/build/", {"cut": "2022-08-31"})
    assert link not in client.get("/reports/").content.decode()
    assert "There is no subject to report on." not in home(statistician)
    assert client.get(f"/reports/jobs/{job.pk}/").status_code == 200
