"""Serve pages and forms."""
