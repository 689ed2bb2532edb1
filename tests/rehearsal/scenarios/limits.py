"""Short limits. A failure that takes an hour on AWS shows in a minute."""

from rehearsal.settings import Settings

LIMITS = """
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


def write_limits(settings: Settings) -> None:
    """Add the limits to the world's migration.toml. Call it before the first deploy."""
    file = settings.home / "migration.toml"
    file.write_text(file.read_text() + LIMITS)
