"""The processes of a world and the promise each keeps to `up` and `down`.

Each is started as `python -m <module>` with REHEARSAL_PORT, REHEARSAL_HOME and REHEARSAL_CACHE set, writes to
<home>/logs/<name>.log, responds to GET http://127.0.0.1:<port>/_rehearsal/health with 200 as soon as it can serve, and on
SIGTERM ends within `grace` seconds with exit code 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.settings import Settings

OWN = "/_rehearsal/"
"""A component handles requests of the rehearsal's own tools below this path. Deployed code never calls it."""
HEALTH = f"{OWN}health"
COMMANDS = f"{OWN}commands/"


@dataclass(frozen=True)
class Component:
    """A process of a world. It ends within `grace` seconds after SIGTERM."""

    name: str
    module: str
    port: int
    grace: float


def list_components(settings: Settings) -> tuple[Component, ...]:
    """Return the components in the order in which they start. They stop in the opposite order."""
    return (
        Component("aws", "rehearsal.aws", settings.aws_port, grace=20.0),
        Component("cloudendure", "rehearsal.cloudendure", settings.console_port, grace=10.0),
    )
