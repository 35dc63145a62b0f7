"""The ways out: webhooks, Web Push, e-mail. Each sends one delivery, and says how that ended."""
