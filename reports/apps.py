from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        from reports import worklists as ours
        from reports.access import may_open_corrections, reads_reports
        from reports.roles import ROLES
        from trial import roles, worklists
        from trial.views import places

        roles.register(*ROLES)
        places.add(places.Place("Reports", "reports", reads_reports))
        places.add(places.Place("Since a report", "report-changes", may_open_corrections, places.REVIEW))
        for section in ours.SECTIONS:
            worklists.register(section)
