"""Gogs, a Git service: gogs.io."""
