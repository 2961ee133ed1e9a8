from tests.reports.packages import (  # noqa: F401  fixtures for all tests of reports
    chair,
    checked,
    draft,
    member,
    released,
    reports_dir,
    second_statistician,
    statistician,
)
