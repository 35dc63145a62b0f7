"""The settings as a new process reads them from its environment."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start(tmp_path):
    def start(code="", **variables):
        """Run `code` in a new process that has read the settings.

        They are its `settings`.
        """
        environment = {"TRANSCRIBE_DATA_DIR": str(tmp_path), **variables}
        program = [sys.executable, "-c", f"from transcribe_site import settings; {code}"]
        return subprocess.run(program, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)

    return start


@pytest.mark.parametrize(("name", "value"), [("TRANSCRIBE_TIME_ZONE", "Mars"), ("TRANSCRIBE_LOG_LEVEL", "LOUD")])
def test_settings_without_sense_end_the_program_by_name(start, name, value):
    done = start(**{name: value})
    assert (done.returncode, f"ImproperlyConfigured: {name}={value!r} is not" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("variables", "promised"),
    [
        ({}, "0 False"),
        ({"TRANSCRIBE_HTTPS": "1"}, "31536000 False"),
        ({"TRANSCRIBE_HTTPS": "1", "TRANSCRIBE_HSTS_SUBDOMAINS": "1"}, "31536000 True"),
        ({"TRANSCRIBE_HSTS_SUBDOMAINS": "1"}, "0 False"),
    ],
)
def test_browsers_are_promised_https_for_no_more_than_was_asked(start, variables, promised):
    done = start("print(settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS)", **variables)
    assert done.stdout.strip() == promised


def test_browsers_never_list_the_whole_domain(start):
    done = start(
        "print(hasattr(settings, 'SECURE_HSTS_PRELOAD'))", TRANSCRIBE_HTTPS="1", TRANSCRIBE_HSTS_SUBDOMAINS="1"
    )
    assert done.stdout.strip() == "False"
