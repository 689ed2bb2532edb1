"""Repositories on disk, through the git command."""
