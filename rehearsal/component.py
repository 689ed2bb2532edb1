"""A process of a world, and its promise to `up` and `down`.

Each is started as `python -m <module>` with REHEARSAL_PORT, REHEARSAL_HOME and REHEARSAL_CACHE set, writes to
<home>/logs/<name>.log, responds to GET http://127.0.0.1:<port>/_rehearsal/health with 200 as soon as it can serve, and on
SIGTERM ends within `grace` seconds with exit code 0.
"""

from __future__ import annotations

from dataclasses import dataclass

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
