"""The jobs app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Recordings and transcription jobs."""

    name = "jobs"
    verbose_name = "Transcription"

    def ready(self) -> None:
        from jobs import checks, signals  # noqa: F401, PLC0415 - the first registers the system checks
        from jobs.domain.lifecycle import reuse  # noqa: PLC0415 - imports the models

        signals.run_ended.connect(reuse.settle_ended)
