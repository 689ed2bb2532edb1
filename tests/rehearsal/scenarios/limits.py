"""Short limits. A failure that takes an hour on AWS shows in a minute.

A failed run keeps no replica, except in the scenarios about that.
"""

LIMITS = """
[cutover]
resume_minutes = 0

[limits]
replication_wait = 90
launch = 60
report = 90
image = 90
bulk = 60
verify = 120
freeze = 30
drain = 30
delta = 60
activate = 60
accept = 90
cleanup = 60
lock_lease = 120
freeze_lease = 90
"""
