from django.apps import AppConfig


class MrdConfig(AppConfig):
    name = "mrd"

    def ready(self) -> None:
        from mrd.cross_checks import CROSS_CHECKS
        from mrd.roles import ROLES
        from trial import roles
        from trial.crf import registry

        registry.register_cross_checks(*CROSS_CHECKS)
        roles.register(*ROLES)
