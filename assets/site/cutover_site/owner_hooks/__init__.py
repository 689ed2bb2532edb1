"""Hooks of the site's owner: an executable of this machine that a run starts at a named point (docs/hooks.md)."""
