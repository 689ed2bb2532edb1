"""Prepare a source that somebody else installed, with as few changes as possible, and undo them (`cutover-site adopt`, `release-source`)."""
