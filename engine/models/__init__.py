"""Speech models: found in packages or folders, or fetched."""
