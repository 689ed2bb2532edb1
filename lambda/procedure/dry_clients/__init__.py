"""Clients of a dry run: they read the real services, and only log what they would change."""
