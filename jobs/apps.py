"""The jobs app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Recordings and transcription jobs."""

    name = "jobs"
    verbose_name = "Transcription"

    def ready(self) -> None:
        from jobs import checks  # noqa: F401, PLC0415 - registers the system checks
