"""Static files under names that carry their hash, also in the imports of ES modules."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Hashed and compressed files; `import` statements in modules follow the hashed names."""

    support_js_module_import_aggregation = True
