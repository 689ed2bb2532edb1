"""The checks of Gogs, one module per check, by the check's name.

`check(session)` raises CheckFailed, or CheckSkipped where the check does not apply.
"""
