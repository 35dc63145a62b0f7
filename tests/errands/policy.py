from foundation.database.retry_policy import RetryPolicy

POLICY = RetryPolicy(lease_seconds=30.0, max_attempts=3, waits=(10.0, 20.0))
