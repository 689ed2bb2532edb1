"""Decisions: facts in, words out. Nothing here talks to anything."""
