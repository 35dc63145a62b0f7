from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone

from jobs.models import Job
from jobs.states import JobState, StepState
from jobs.templatetags.job_states import percent, time_left
from jobs.templatetags.site import capped, language_name
from jobs.templatetags.times import clock, describe_age, describe_wait, length_clock, rough

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def render(source, **context):
    return Template(source).render(Context(context))


def test_an_icon_is_inlined_and_hidden_from_screen_readers():
    shape = render('{% load icons %}{% icon "check-line" %}')
    assert shape.startswith('<svg class="icon" viewBox="0 0 24 24"')
    assert 'aria-hidden="true"' in shape


@pytest.mark.parametrize("state", [*JobState, *StepState])
def test_every_state_has_an_icon(state):
    assert render("{% load job_states icons %}{% icon state|state_icon %}", state=state).startswith("<svg")


def test_an_icon_with_a_label_is_an_image():
    assert 'role="img" aria-label="Done"' in render('{% load icons %}{% icon "check-line" "Done" %}')


def test_an_unknown_icon_is_an_error():
    with pytest.raises(TemplateSyntaxError, match="no-such-icon"):
        render('{% load icons %}{% icon "no-such-icon" %}')


@pytest.mark.parametrize(
    ("length", "text"), [(None, ""), (0, "0:00"), (7.9, "0:07"), (761, "12:41"), (3723, "1:02:03")]
)
def test_a_clock(length, text):
    assert clock(length) == text


@pytest.mark.parametrize(
    ("length", "text", "words"),
    [(None, "", ""), (0.05, "0:01", "1 s"), (9.96, "0:10", "10 s"), (12.5, "0:13", "13 s"), (59.7, "1:00", "1 min")],
)
def test_a_length_is_rounded_alike_everywhere(length, text, words):
    assert (length_clock(length), rough(length)) == (text, words)


@pytest.mark.parametrize(
    ("length", "text"),
    [(None, ""), (0.2, "1 s"), (44, "44 s"), (720, "12 min"), (3600, "1 h"), (4800, "1 h 20 min")],
)
def test_a_rough_length(length, text):
    assert rough(length) == text


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(seconds=50), "1 min ago"),
        (timedelta(minutes=59, seconds=40), "1 h ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=2), "2 d ago"),
        (timedelta(days=8), "14 Nov 2026"),
    ],
)
def test_an_age(age, text):
    assert describe_age(NOW - age, NOW) == text


def test_a_moment_carries_its_exact_time():
    shape = render("{% load times %}{% when moment %}", moment=NOW)
    assert '<time datetime="2026-11-22T12:00:00+00:00" title="22 Nov 2026, 12:00:00 UTC" data-relative="ago">' in shape


@pytest.mark.parametrize(("count", "text"), [(0, "0"), (999, "999"), (1000, "999+")])
def test_counts_stop(count, text):
    assert capped(count) == text


@pytest.mark.parametrize(("code", "name"), [("de", "German"), ("yue", "Cantonese"), ("qq", "qq")])
def test_languages_have_names(code, name):
    assert language_name(code) == name


@pytest.mark.parametrize(("share", "text"), [(None, ""), (0.964, "96 %")])
def test_a_share_is_told_in_percent(share, text):
    assert percent(share) == text


# pains Q8
@pytest.mark.parametrize(("gained", "text"), [(0, ""), (50, "2 min left")])
def test_the_time_left_is_told_once_something_is_measured(gained, text):
    job = Job(state="processing", progress=gained, transcribing_at=timezone.now() - timedelta(minutes=2))
    assert time_left(job) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "in a moment"),
        (44, "in a moment"),
        (46, "in 1 min"),
        (3569, "in 59 min"),
        (3571, "in 1 h"),
        (28_800, "in 8 h"),
    ],
)
def test_a_moment_to_come_is_said_as_a_person_says_it(seconds, words):
    assert describe_wait(seconds) == words


def test_a_moment_to_come_is_marked_as_such():
    shape = render("{% load times %}{% until moment %}", moment=timezone.now() + timedelta(minutes=5, seconds=5))
    assert 'data-relative="ahead">in 5 min</time>' in shape
