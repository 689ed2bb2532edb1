"""Prints the digest of one side as JSON. It runs in its own process, as `digest-database` does on a replica."""

from __future__ import annotations

import json
import sys

from cutover_site.database.connections import DatabaseLogin, connect
from cutover_site.database.digest import digest_tables

from tests.rehearsal.database_servers.server import PASSWORD

if __name__ == "__main__":
    port, schema, table = sys.argv[1:]
    with connect(
        DatabaseLogin(host="127.0.0.1", port=int(port), user="dms", password=PASSWORD, verify=False)
    ) as connection:
        found = digest_tables(connection, schema, [table])[table]
    print(json.dumps({"rows": found.rows, "digest": found.digest}))
