"""Prints the digest of one side as JSON. It runs in its own process, as `digest-database` does on a replica."""

from __future__ import annotations

import json
import sys

from cutover_site.database.connection_group import connect_several
from cutover_site.database.digest import digest_tables
from cutover_site.database.login import DatabaseLogin

from tests.rehearsal.database_servers.server import PASSWORD

if __name__ == "__main__":
    port, schema, table, count = sys.argv[1:]
    login = DatabaseLogin(host="127.0.0.1", port=int(port), user="dms", password=PASSWORD, verify=False)
    with connect_several(login, int(count)) as connections:
        found = digest_tables(connections, schema, [table])[table]
    print(json.dumps({"rows": found.rows, "digest": found.digest}))
