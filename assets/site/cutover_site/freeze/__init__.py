"""Closing and opening the source: the state, the dead man's lease, the two machines' parts."""
