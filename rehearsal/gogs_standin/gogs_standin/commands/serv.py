"""`gogs serv key-ID`: one SSH session. Decides whether the key's owner may, then lets git speak."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import NoReturn

import pymysql

from ..config.config import Config, ConfigError
from ..domain import delivery, keys, users
from ..domain.exceptions import Forbidden, Missing, Refused
from ..store.database import Database, Row, Session
from ..transport import gate
from ..transport.ssh import NO_ANSWER, end_with_parent

_log = logging.getLogger(__name__)
_WRITES = {"git-upload-pack": False, "git-upload-archive": False, "git-receive-pack": True}
REFUSED = 255
"""What an SSH client ends with when a session is closed without an exit status, which is how Gogs ends one that failed."""


def run(config: Config, key: str) -> int:
    """Exit code. A refusal is one line on standard error, which begins with `Gogs:`.

    Gogs answers only commands that it can hand to git. It ends any other command without a word, and leaves a session that
    asks for a shell or a subsystem open without an answer.
    """
    asked = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    if not asked or asked == NO_ANSWER:
        _stay_open()
    if "git" not in asked:
        return REFUSED
    asked = asked[asked.index("git") :]
    try:
        with Database(config, limit=1).session() as db:
            command, environment = _check_access(db, config, int(key.removeprefix("key-")), asked)
        status = subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
    except Refused as refusal:
        return _refuse(refusal.message)
    except (pymysql.MySQLError, ConfigError, OSError, LookupError) as error:
        _log.error("%s: %s", asked, error)
        return _refuse("Internal error")
    if status:
        return _refuse("Internal error")
    if environment:
        delivery.notify(config)
    return 0


def _stay_open() -> NoReturn:
    """Nothing more is said in this session: the process ends with the session's own, its parent."""
    end_with_parent()
    os.execvp("sleep", ["sleep", "infinity"])


def _check_access(db: Session, config: Config, key_id: int, asked: str) -> tuple[list[str], dict[str, str]]:
    """The command to run, and its hooks' environment. Raises Refused."""
    verb, owner, file = _parsed(asked)
    if users.by_name(db, owner) is None:
        raise Missing("Repository owner does not exist")
    try:
        target = gate.target(db, config, owner, file)
    except Missing as error:
        raise _unknown() from error
    if verb not in _WRITES:
        raise Refused("Unknown git command")
    writes, repository = _WRITES[verb], target.repository
    if writes and repository["is_mirror"]:
        raise Refused("Mirror repository is read-only")
    key = db.existing("SELECT * FROM public_key WHERE id = %s", key_id)
    user = None
    if writes or repository["is_private"]:
        if key["type"] == keys.DEPLOY:
            _check_deploy_key(db, key, repository, writes=writes)
        else:
            user = users.existing(db, key["owner_id"])
            _check_user(db, user, repository, writes=writes)
    elif key["type"] == keys.DEPLOY and config.sign_in_required:
        _check_deploy_key(db, key, repository, writes=False)
    keys.touch(db, key_id)
    return ["git", verb.removeprefix("git-"), str(target.path)], target.push_by(user) if writes and user else {}


def _check_user(db: Session, user: Row, repository: Row, *, writes: bool) -> None:
    """Raises Refused."""
    if gate.admits(db, user, repository, writes=writes):
        return
    if gate.admits(db, user, repository, writes=False):
        raise Forbidden("You do not have sufficient authorization for this action")
    raise _unknown()


def _check_deploy_key(db: Session, key: Row, repository: Row, *, writes: bool) -> None:
    """Raises Refused: a deploy key reads the repository that it was given to."""
    if writes:
        raise Forbidden("Key permission denied")
    if not keys.touch_deploy_key(db, key["id"], repository["id"]):
        raise Forbidden("Key access denied")


def _parsed(asked: str) -> tuple[str, str, str]:
    """Verb, owner and repository of `git-upload-pack 'owner/name.git'`. Raises Refused."""
    verb, _, path = asked.partition(" ")
    owner, slash, file = path.strip().strip("'").lstrip("/").partition("/")
    if not slash:
        raise Refused("Invalid repository path")
    return verb, owner, file


def _unknown() -> Missing:
    """Nobody learns whether it is there. The words are recorded."""
    return Missing("Repository does not exist or you do not have access")


def _refuse(message: str) -> int:
    print(f"Gogs: {message}", file=sys.stderr)
    return REFUSED
