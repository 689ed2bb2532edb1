"""Decisions as pure functions: facts in, results out. Nothing here calls a service."""
