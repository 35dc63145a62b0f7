"""Static files under names that carry their hash, also in the imports of ES modules."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Hashed and compressed files; `import` statements in modules follow the hashed names.

    Before anything was collected, as under a plain `manage.py runserver`, files keep their own names.
    """

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        """Return the hashed name, or `name` itself when nothing was collected yet."""
        return str(super().stored_name(name)) if self.hashed_files else name
