"""The channels: a folder for each, found by the registry."""
