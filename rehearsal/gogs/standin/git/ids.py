"""Ids of git objects."""

EMPTY_ID = "0" * 40
"""What a ref is before it is made and after it is deleted."""
