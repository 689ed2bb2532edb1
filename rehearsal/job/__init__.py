"""The main job: a whole migration from nothing to the account of it, as `make rehearse` runs it."""
