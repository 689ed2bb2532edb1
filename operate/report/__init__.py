"""The report of a run: one HTML page without scripts and without external resources, and its content as JSON beside it."""
