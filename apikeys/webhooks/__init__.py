"""Webhooks: what the outbox holds is told to whoever registered an address for it."""
