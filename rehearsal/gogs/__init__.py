"""Gogs for the rehearsal: the real release where it can be had, else a stand-in built as an archive of the same shape."""
