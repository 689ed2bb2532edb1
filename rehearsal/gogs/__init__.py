"""Gogs for the rehearsal: the real release if it is available, otherwise a stand-in in an archive of the same form."""
