from django.apps import AppConfig


class MrdConfig(AppConfig):
    name = "mrd"

    def ready(self) -> None:
        from mrd import worklists as ours
        from mrd.cross_checks import CROSS_CHECKS
        from mrd.path_marks import READS, marks
        from mrd.roles import ROLES
        from patients.panels import add_marks
        from trial import roles, worklists
        from trial.crf import registry

        registry.register_cross_checks(*CROSS_CHECKS)
        roles.register(*ROLES)
        worklists.add(*ours.LISTS)
        add_marks(READS, marks)
