"""Versions and policies, without Django."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from versioning import __version__
from versioning.versions import BACKEND, MalformedVersion, Mismatch, Policy, Version, check_frontend

numbers = st.integers(min_value=0, max_value=999_999_999)
BACKEND_2_3_4 = Version(2, 3, 4)


def decide(frontend, minimum="2.1.0", rule="compatible"):
    return check_frontend(frontend, Policy(Version.parse(minimum), rule, BACKEND_2_3_4))


@given(numbers, numbers, numbers)
def test_what_is_written_is_parsed_again(major, minor, patch):
    version = Version(major, minor, patch)
    assert Version.parse(str(version)) == version


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.x", "1,2,3", "01.2.3", "1.2.03", "-1.2.3", "1.2.3-beta", "1.2.3+5"),
        *(" 1.2.3", "1.2.3\n", "\u0661.2.3", "1.2.3000000000", "1" * 5000 + ".0.0"),
    ],
)
def test_anything_else_is_malformed(text):
    with pytest.raises(MalformedVersion, match="is not a version like"):
        Version.parse(text)


def test_versions_are_ordered_by_number_not_by_text():
    texts = ["10.0.0", "0.10.1", "1.0.0", "0.9.0", "0.10.0"]
    assert sorted(texts, key=Version.parse) == ["0.9.0", "0.10.0", "0.10.1", "1.0.0", "10.0.0"]


def test_the_back_end_is_of_the_one_version_of_the_program():
    assert str(BACKEND) == __version__


@pytest.mark.parametrize("frontend", ["2.1.0", "2.1.9", "2.3.3", "2.3.4"])
def test_compatible_serves_from_the_minimum_to_its_own(frontend):
    assert decide(frontend) is None


@pytest.mark.parametrize("frontend", ["2.0.9", "1.9.9", "3.0.0", "2.3.5", "2.4.0", "0.0.0"])
def test_compatible_refuses_older_newer_and_other_majors(frontend):
    assert decide(frontend) == Mismatch(frontend, "2.3.4", "2.1.0")


def test_a_low_minimum_does_not_let_another_major_in():
    assert decide("1.9.9", minimum="1.0.0") == Mismatch("1.9.9", "2.3.4", "1.0.0")


def test_exact_serves_its_own_version():
    assert decide("2.3.4", rule="exact") is None


@pytest.mark.parametrize("frontend", ["2.3.3", "2.3.5", "1.3.4"])
def test_exact_refuses_every_other(frontend):
    assert decide(frontend, rule="exact") == Mismatch(frontend, "2.3.4", "2.1.0")


def test_what_is_no_version_is_refused_and_cut_short():
    assert decide("x" * 1000) == Mismatch("x" * 64, "2.3.4", "2.1.0")
