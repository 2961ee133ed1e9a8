from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self) -> None:
        from patients import worklists as ours
        from patients.cross_checks import CROSS_CHECKS
        from patients.panels import path
        from patients.protocol import PROTOCOL
        from trial import protocol, worklists
        from trial.crf import registry
        from trial.views import panels

        protocol.register(PROTOCOL)
        registry.register_cross_checks(*CROSS_CHECKS)
        worklists.add(*ours.LISTS)
        panels.add_to_casebook(path)
