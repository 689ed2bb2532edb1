"""Find the routines through which an application may write to a MariaDB server that is read-only.

A routine with SQL SECURITY DEFINER runs with the privileges of its definer, also while the definer's account is locked. So whoever may call
one of an administrator writes in spite of read_only (seen with MariaDB 10.5 to 11.8; SUPER and READ_ONLY ADMIN alike). The text of a routine
does not show whether it writes. A write in the window is in the binary log, and ends the run.
"""

from __future__ import annotations

from cutover_site.database.connections import Connection, fetch_rows
from cutover_site.database.privileged import Account, find_holders
from cutover_site.database.products import read_product

SERVER_SCHEMAS = ("mysql", "sys", "information_schema", "performance_schema")
_ROUTINES = """
    SELECT routine_type, routine_schema, routine_name, definer FROM information_schema.routines
    WHERE security_type = 'DEFINER' AND routine_schema NOT IN %s ORDER BY routine_schema, routine_name
"""


def find_definer_routines(connection: Connection) -> list[str]:
    """Return each routine whose definer may write in spite of read_only. None on MySQL, where super_read_only restricts definers too."""
    if read_product(connection).mysql:
        return []
    holders = find_holders(connection)
    return [
        f"{str(kind).lower()} {schema}.{name} of {definer}"
        for kind, schema, name, definer in fetch_rows(connection, _ROUTINES, (SERVER_SCHEMAS,))
        if parse_definer(str(definer)) in holders
    ]


def parse_definer(definer: str) -> Account:
    """Return the account or the role of a definer. A role has no host."""
    user, at, host = definer.rpartition("@")
    return Account(user, host) if at else Account(definer, "")
