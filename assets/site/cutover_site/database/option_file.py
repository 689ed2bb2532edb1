"""Give a client program of MySQL a login without a file on the disk, an argument or a variable that another process could read."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from cutover_site.database.login import DatabaseLogin
from cutover_site.errors import CommandFailed

ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
"""within quotation marks; the backslash first, because the others add one"""


@contextmanager
def open_option_file(login: DatabaseLogin) -> Iterator[int]:
    """Return the number of an open file in memory with the options of this login, for the block. A program reads it as /proc/self/fd/NUMBER.

    MySQL's programs ignore an option file that everybody may write, so its mode is set.
    """
    number = os.memfd_create("login")
    try:
        os.fchmod(number, 0o600)
        os.write(number, format_options(login).encode())
        yield number
    finally:
        os.close(number)


def format_options(login: DatabaseLogin) -> str:
    """Return the content of the option file (https://dev.mysql.com/doc/refman/8.4/en/option-files.html). The certificate is checked as PyMySQL does it.

    Raises CommandFailed when the certificate must be checked and the system has no authorities for it.
    """
    options = {"host": login.host, "port": str(login.port), "user": login.user, "password": login.password}
    if login.verify:
        options |= {"ssl-mode": "VERIFY_IDENTITY", "ssl-ca": _find_authorities()}
    elif login.encrypted:
        options |= {"ssl-mode": "REQUIRED"}
    return "[client]\n" + "".join(f"{name}={_quote(value)}\n" for name, value in options.items())


def _find_authorities() -> str:
    """Return the file of the system's certificate authorities."""
    if found := ssl.get_default_verify_paths().cafile:
        return found
    raise CommandFailed("the system has no certificate authorities: install ca-certificates")


def _quote(value: str) -> str:
    """Return the value in quotation marks. Outside of them, `#` begins a comment."""
    for character, escaped in ESCAPES:
        value = value.replace(character, escaped)
    return f'"{value}"'
