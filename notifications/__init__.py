"""Tells people who have left the page that a job has ended: by Web Push, e-mail and webhooks."""
