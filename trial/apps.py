from django.apps import AppConfig


class TrialConfig(AppConfig):
    name = "trial"

    def ready(self) -> None:
        from trial import access_log, database  # noqa: F401  registers signal receivers and start-up checks
        from trial.crf import system_checks  # noqa: F401
