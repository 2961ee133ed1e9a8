from django.apps import AppConfig


class SafetyConfig(AppConfig):
    name = "safety"

    def ready(self) -> None:
        from patients.panels import add_marks
        from safety import worklists as ours
        from safety.cross_checks import CROSS_CHECKS
        from safety.path_marks import READS, marks
        from safety.roles import ROLES
        from trial import roles, worklists
        from trial.crf import registry

        registry.register_cross_checks(*CROSS_CHECKS)
        roles.register(*ROLES)
        worklists.add(*ours.LISTS)
        add_marks(READS, marks)
