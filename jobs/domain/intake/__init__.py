"""How audio becomes a recording with a job: submissions, uploads, quotas."""
