"""The login of a client program of MySQL, in a file in memory that this process alone can open."""

from __future__ import annotations

import os
import ssl
import stat
import subprocess
from dataclasses import replace
from types import SimpleNamespace

import pytest
from cutover_site.database.login import DatabaseLogin
from cutover_site.database.option_file import format_options, open_option_file
from cutover_site.errors import CommandFailed

LOGIN = DatabaseLogin("db.example.com", 3307, "admin", "a'b\\c\n#d", verify=False, encrypted=True)


def test_values_are_quoted_as_option_files_need_it() -> None:
    assert format_options(LOGIN) == (
        '[client]\nhost="db.example.com"\nport="3307"\nuser="admin"\npassword="a\'b\\\\c\\n#d"\nssl-mode="REQUIRED"\n'
    )


def set_authorities(monkeypatch: pytest.MonkeyPatch, file: str | None) -> None:
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: SimpleNamespace(cafile=file))


def test_a_certificate_is_checked_where_the_login_requires_it(monkeypatch: pytest.MonkeyPatch) -> None:
    set_authorities(monkeypatch, "/etc/authorities.pem")
    lines = format_options(replace(LOGIN, verify=True)).splitlines()
    assert lines[-2:] == ['ssl-mode="VERIFY_IDENTITY"', 'ssl-ca="/etc/authorities.pem"']


def test_a_system_without_authorities_does_not_trust_every_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    set_authorities(monkeypatch, None)
    with pytest.raises(CommandFailed, match="install ca-certificates"):
        format_options(replace(LOGIN, verify=True))


def test_a_child_process_reads_it_and_no_file_has_it() -> None:
    with open_option_file(LOGIN) as number:
        found = os.fstat(number)
        read = subprocess.run(["cat", f"/proc/self/fd/{number}"], pass_fds=(number,), capture_output=True, check=True)
    assert (stat.S_IMODE(found.st_mode), found.st_nlink) == (0o600, 0)
    assert read.stdout.decode() == format_options(LOGIN)
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(number)


@pytest.mark.parametrize(
    ("password", "line"),
    [
        ("a#b", 'password="a#b"'),
        ('a"b#c', 'password="a\\"b#c"'),
        ("a\\\"#b'#", 'password="a\\\\\\"#b\'#"'),
    ],
)
def test_a_password_is_quoted_so_that_no_part_is_a_comment(password: str, line: str) -> None:
    assert line in format_options(replace(LOGIN, password=password)).splitlines()
