"""Open several connections to one server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from cutover_site.database.connections import Connection, DatabaseUnreachable, connect
from cutover_site.database.login import DatabaseLogin

LOG = logging.getLogger(__name__)
MAX_CONNECTIONS = 4
"""of one comparison to one server, whatever its number of cores: other clients need connections, memory and disk too"""


@contextmanager
def connect_several(
    server: DatabaseLogin,
    count: int,
    open_connection: Callable[[DatabaseLogin], AbstractContextManager[Connection]] = connect,
) -> Iterator[list[Connection]]:
    """Open `count` connections for the block, MAX_CONNECTIONS at most, and close all of them after it.

    The first must succeed: raises DatabaseUnreachable. When the server refuses a further one, because it has no more for this user or for
    anyone, the block works with those that are open.
    """
    with ExitStack() as stack:
        connections = [stack.enter_context(open_connection(server))]
        try:
            while len(connections) < min(count, MAX_CONNECTIONS):
                connections.append(stack.enter_context(open_connection(server)))
        except DatabaseUnreachable as error:
            LOG.warning("works with %d of %d connections: %s", len(connections), count, error)
        yield connections
