"""Run `gogs serv key-ID`: one SSH session. It checks the access of the key's owner, then runs git."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import NoReturn

import pymysql

from ..config.config import Config, ConfigError
from ..domain import delivery, keys, users
from ..domain.exceptions import Forbidden, Missing, RequestRefused
from ..store.database import Database, Row, Session
from ..transport import gate
from ..transport.ssh import NO_ANSWER, end_with_parent

_log = logging.getLogger(__name__)
_WRITES = {"git-upload-pack": False, "git-upload-archive": False, "git-receive-pack": True}
REFUSED = 255
"""exit code of an SSH client whose session is closed without a status; Gogs closes a failed session in this way"""


def run(config: Config, key: str) -> int:
    """Run one session and return the exit code. A refusal is one line on standard error that begins with `Gogs:`.

    Gogs responds only to git commands. It ends any other command without output, and leaves a session that requests a shell or
    a subsystem open without a response.
    """
    asked = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    if not asked or asked == NO_ANSWER:
        _wait_for_end()
    if "git" not in asked:
        return REFUSED
    asked = asked[asked.index("git") :]
    try:
        with Database(config, limit=1).open_session() as db:
            command, environment = _check_access(db, config, int(key.removeprefix("key-")), asked)
        status = subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
    except RequestRefused as refusal:
        return _refuse(refusal.message)
    except (pymysql.MySQLError, ConfigError, OSError, LookupError) as error:
        _log.error("%s: %s", asked, error)
        return _refuse("Internal error")
    if status:
        return _refuse("Internal error")
    if environment:
        delivery.notify(config)
    return 0


def _wait_for_end() -> NoReturn:
    """Wait without output until the parent, which is the session's process, ends."""
    end_with_parent()
    os.execvp("sleep", ["sleep", "infinity"])


def _check_access(db: Session, config: Config, key_id: int, asked: str) -> tuple[list[str], dict[str, str]]:
    """Return the command to run, and the environment for its hooks. Raises RequestRefused."""
    verb, owner, file = _parse_command(asked)
    if users.find_by_name(db, owner) is None:
        raise Missing("Repository owner does not exist")
    try:
        target = gate.find_target(db, config, owner, file)
    except Missing as error:
        raise _make_missing_error() from error
    if verb not in _WRITES:
        raise RequestRefused("Unknown git command")
    writes, repository = _WRITES[verb], target.repository
    if writes and repository["is_mirror"]:
        raise RequestRefused("Mirror repository is read-only")
    key = db.fetch_existing("SELECT * FROM public_key WHERE id = %s", key_id)
    user = None
    if writes or repository["is_private"]:
        if key["type"] == keys.DEPLOY:
            _check_deploy_key(db, key, repository, writes=writes)
        else:
            user = users.get_by_id(db, key["owner_id"])
            _check_user(db, user, repository, writes=writes)
    elif key["type"] == keys.DEPLOY and config.sign_in_required:
        _check_deploy_key(db, key, repository, writes=False)
    keys.record_use(db, key_id)
    return ["git", verb.removeprefix("git-"), str(target.path)], target.push_by(user) if writes and user else {}


def _check_user(db: Session, user: Row, repository: Row, *, writes: bool) -> None:
    """Raise RequestRefused unless the user may read, or with `writes` write, the repository."""
    if gate.has_access(db, user, repository, writes=writes):
        return
    if gate.has_access(db, user, repository, writes=False):
        raise Forbidden("You do not have sufficient authorization for this action")
    raise _make_missing_error()


def _check_deploy_key(db: Session, key: Row, repository: Row, *, writes: bool) -> None:
    """Raise RequestRefused unless the repository has this deploy key, and always for a write."""
    if writes:
        raise Forbidden("Key permission denied")
    if not keys.record_deploy_key_use(db, key["id"], repository["id"]):
        raise Forbidden("Key access denied")


def _parse_command(asked: str) -> tuple[str, str, str]:
    """Return verb, owner and repository of `git-upload-pack 'owner/name.git'`. Raises RequestRefused."""
    verb, _, path = asked.partition(" ")
    owner, slash, file = path.strip().strip("'").lstrip("/").partition("/")
    if not slash:
        raise RequestRefused("Invalid repository path")
    return verb, owner, file


def _make_missing_error() -> Missing:
    """Return one error for a missing and for an inaccessible repository, so that nobody can distinguish them. The text is recorded."""
    return Missing("Repository does not exist or you do not have access")


def _refuse(message: str) -> int:
    print(f"Gogs: {message}", file=sys.stderr)
    return REFUSED
