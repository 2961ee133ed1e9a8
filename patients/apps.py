from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self) -> None:
        from patients.cross_checks import CROSS_CHECKS
        from patients.protocol import PROTOCOL
        from trial import protocol
        from trial.crf import registry

        protocol.register(PROTOCOL)
        registry.register_cross_checks(*CROSS_CHECKS)
