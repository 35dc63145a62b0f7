"""Settings that are refused at start."""

import pytest
from django.core.checks import run_checks

from versioning.versions import BACKEND


def find_errors():
    return [(error.id, error.hint) for error in run_checks() if error.id.startswith("versioning.")]


def test_the_defaults_pass():
    assert find_errors() == []


@pytest.mark.parametrize("policy", ["", "any", "EXACT", None])
def test_an_unknown_policy_is_refused(settings, policy):
    settings.TRANSCRIBE_VERSION_POLICY = policy
    assert find_errors() == [("versioning.E001", "Set it to one of compatible, exact.")]


@pytest.mark.parametrize("minimum", ["", "1", "newest"])
def test_a_malformed_minimum_is_refused(settings, minimum):
    settings.TRANSCRIBE_MINIMUM_FRONTEND = minimum
    assert find_errors() == [("versioning.E002", f"Set it to a version like 1.2.3, at most {BACKEND}.")]


def test_a_minimum_newer_than_the_program_is_refused(settings):
    settings.TRANSCRIBE_MINIMUM_FRONTEND = f"{BACKEND.major}.{BACKEND.minor}.{BACKEND.patch + 1}"
    assert find_errors() == [("versioning.E003", f"Set it to a version like 1.2.3, at most {BACKEND}.")]


def test_every_wrong_setting_is_named_at_once(settings):
    settings.TRANSCRIBE_VERSION_POLICY = "any"
    settings.TRANSCRIBE_MINIMUM_FRONTEND = "newest"
    assert [code for code, _hint in find_errors()] == ["versioning.E001", "versioning.E002"]
