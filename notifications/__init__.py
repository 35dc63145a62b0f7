"""Notifies people of jobs that have ended.

Web Push, e-mail and webhooks reach people who have left the page.
"""
