from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self) -> None:
        from patients.protocol import PROTOCOL
        from trial import protocol

        protocol.register(PROTOCOL)
