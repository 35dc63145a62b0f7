"""Brings the data of the version before to this one."""

from transcribe_site.upgrade.data_version import DataVersion, recognise_version
from transcribe_site.upgrade.rewriting import UpgradeFailed, rewrite_database

__all__ = ["DataVersion", "UpgradeFailed", "recognise_version", "rewrite_database"]
