"""A Gogs that can be migrated but for its places, and what the checks find in it."""

from __future__ import annotations

from pathlib import Path

from applications.gogs.profile import PROFILE
from cutover_site.existing.findings import Finding
from cutover_site.existing.inspection import Inspection
from cutover_site.gogs.existing import checks

from tests.unit.site.existing.server import Server

READY = """\
BRAND_NAME = Forge
RUN_USER = git
[server]
EXTERNAL_URL = https://git.example.test/
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
START_SSH_SERVER = true
SSH_PORT = 2222
SSH_LISTEN_PORT = 2223
[repository]
ROOT = {root}/home/git/repositories
[database]
TYPE = mysql
HOST = 127.0.0.1:3306
[security]
INSTALL_LOCK = true
SECRET_KEY = key-of-the-site
[session]
PROVIDER = file
"""
PROGRAM = '#!/bin/sh\necho "Gogs version 0.14.3"\n'
GOGS_PID = 77


def inspect(site: Server, settings: Path | None = None) -> Inspection:
    return checks.inspect(site.host, PROFILE, settings)


def list_findings(site: Server) -> list[Finding]:
    """Return the findings, except those about the version, which needs a program that another user may run."""
    found = inspect(site).findings
    assert all(one.what and one.action and not one.what.endswith(".") for one in found)
    assert "key-of" not in repr(found)
    return [one for one in found if one.check != "release"]


def change(site: Server, old: str, new: str) -> None:
    assert old in READY
    site.write("home/git/gogs/custom/conf/app.ini", READY.replace(old, new))
