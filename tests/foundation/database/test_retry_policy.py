import pytest

from foundation.database.retry_policy import RetryPolicy, double_waits


def test_waits_double_up_to_the_cap():
    assert double_waits(2.0, 10.0) == (2.0, 4.0, 8.0, 10.0)


def test_a_base_above_the_cap_waits_for_the_cap():
    assert double_waits(20.0, 10.0) == (10.0,)


@pytest.mark.parametrize(("attempt", "low", "high"), [(1, 8.0, 12.0), (2, 80.0, 120.0), (9, 80.0, 120.0)])
def test_a_delay_is_the_wait_with_jitter(attempt, low, high):
    policy = RetryPolicy(lease_seconds=1, max_attempts=9, waits=(10.0, 100.0), jitter=(0.8, 1.2))
    delays = [policy.choose_delay(attempt) for _ in range(200)]
    assert low <= min(delays) < max(delays) <= high


@pytest.mark.parametrize(("asked", "least"), [(30.0, 30.0), (9999.0, 600.0), (None, 0.0)])
def test_what_a_service_asks_for_is_waited_for_as_far_as_it_is_believed(asked, least):
    policy = RetryPolicy(lease_seconds=1, max_attempts=2, waits=(10.0,))
    delays = [policy.choose_delay(1, asked) for _ in range(200)]
    assert least <= min(delays) < max(delays) <= least + 10.0 <= policy.longest_delay


@pytest.mark.parametrize(("attempt", "is_last"), [(1, False), (2, True), (3, True)])
def test_the_last_try_is_that_of_the_policy(attempt, is_last):
    assert RetryPolicy(lease_seconds=1, max_attempts=2, waits=(1.0,)).is_last(attempt) == is_last
