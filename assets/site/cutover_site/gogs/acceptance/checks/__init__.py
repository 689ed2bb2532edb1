"""One module per check, by the check's name. `check(session)` raises CheckFailed or CheckSkipped."""
