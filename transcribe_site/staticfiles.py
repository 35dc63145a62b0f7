"""Static files under hashed names.

The imports of ES modules follow.
"""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Hashed and compressed files with imports that follow.

    Before anything was collected, as under a plain `manage.py runserver`, files keep their own names.
    """

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        """Return the hashed name or else `name` before the first collection."""
        return str(super().stored_name(name)) if self.hashed_files else name
