"""Idempotency keys: which job a client's request has made already."""

from django.conf import settings
from django.db import models

KEY_LENGTH = 255


class IdempotencyKey(models.Model):
    """One `Idempotency-Key` of one owner.

    It has a hash of the request that came first, and the job that it made.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=KEY_LENGTH)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 over the request's fields and its file's SHA-256.")
    job = models.ForeignKey(
        "jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+", help_text="Empty once it was deleted."
    )
    created_at = models.DateTimeField(db_index=True, help_text="Database time.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
