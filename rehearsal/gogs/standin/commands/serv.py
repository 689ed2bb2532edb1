"""`gogs serv key-ID`: one SSH session. Decides whether the key's owner may, then lets git speak."""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import sys

import pymysql

from ..config.config import Config, ConfigError
from ..domain import delivery, keys, users
from ..domain.errors import Forbidden, Missing, Refused
from ..store.database import Database, Session
from ..transport import gate

_log = logging.getLogger(__name__)
_WRITES = {"upload-pack": False, "upload-archive": False, "receive-pack": True}


def run(config: Config, key: str) -> int:
    """Exit code. A refusal is one line on standard error, which begins with `Gogs:`."""
    asked = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    if not asked:
        return _say("this key is known here; it opens repositories to git, and no shell")
    try:
        with Database(config, limit=1).session() as db:
            command, environment = _admit(db, config, int(key.removeprefix("key-")), asked)
        status = subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
    except Refused as refusal:
        return _say(refusal.message, 1)
    except (pymysql.MySQLError, ConfigError, OSError, LookupError) as error:
        _log.error("%s: %s", asked, error)
        return _say("the site has a problem of its own, its log tells which", 1)
    if environment:
        delivery.tell(config)
    return status


def _admit(db: Session, config: Config, key_id: int, asked: str) -> tuple[list[str], dict[str, str]]:
    """The command to run, and its hooks' environment. Raises Refused."""
    service, owner, file = _parsed(asked)
    writes = _WRITES[service]
    key = db.existing("SELECT * FROM public_key WHERE id = %s", key_id)
    user = users.existing(db, key["owner_id"])
    try:
        target = gate.target(db, config, owner, file)
    except Missing as error:
        raise _unknown() from error
    if not gate.admits(db, user, target.repository, writes=writes):
        if gate.admits(db, user, target.repository, writes=False):
            raise Forbidden("you may read this repository, not write to it")
        raise _unknown()
    keys.touch(db, key_id)
    return ["git", service, str(target.path)], target.push_by(user) if writes else {}


def _parsed(asked: str) -> tuple[str, str, str]:
    """Service, owner and repository of `git-upload-pack 'owner/name.git'`."""
    try:
        verb, path = shlex.split(asked)
        owner, file = path.strip("/").split("/")
    except ValueError as error:
        raise Refused("this is not a command of git with a repository's name") from error
    service = verb.removeprefix("git-")
    if service not in _WRITES:
        raise Refused(f"{verb} is not a service of git")
    return service, owner, file


def _unknown() -> Missing:
    """Nobody learns whether it is there. The words are recorded."""
    return Missing("Repository does not exist or you do not have access")


def _say(message: str, status: int = 0) -> int:
    print(f"Gogs: {message}", file=sys.stderr)
    return status
