"""Waits that end soon: failures that take an hour on AWS show in a minute."""

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
    """Into the world's migration.toml, before the first deploy."""
    file = settings.home / "migration.toml"
    file.write_text(file.read_text() + LIMITS)
