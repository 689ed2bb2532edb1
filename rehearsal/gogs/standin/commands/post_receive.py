"""After a push has moved its refs: rows of activity, webhooks."""

from __future__ import annotations

import http.client
import logging
import os
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

import pymysql

from ..config.config import Config, ConfigError
from ..domain.errors import Refused
from ..domain.pushes import Push, record
from ..git.command import GitError
from ..store.database import Database

_log = logging.getLogger(__name__)


def note(config: Config, changes: Sequence[tuple[str, str, str]]) -> None:
    """The refs have moved: what cannot be written about it any more is logged, and the push succeeds."""
    owner, name = os.environ["GOGS_REPO_OWNER_NAME"], os.environ["GOGS_REPO_NAME"]
    for old, new, ref in changes:
        push = Push(ref=ref, old=old, new=new, pusher=os.environ["GOGS_AUTH_USER_NAME"], owner=owner, name=name)
        try:
            with Database(config, limit=1).session() as db:
                record(db, config, push)
        except (pymysql.MySQLError, ConfigError, GitError, Refused, LookupError) as error:
            _log.error("PushUpdate: %s", error)
        _tell_server(config, owner, name, ref)


def _tell_server(config: Config, owner: str, name: str, ref: str) -> None:
    query = {
        "branch": ref.removeprefix("refs/heads/"),
        "secret": os.environ["GOGS_REPO_OWNER_SALT_MD5"],
        "pusher": os.environ["GOGS_AUTH_USER_ID"],
    }
    local = urlsplit(config.local_root_url)
    try:
        connection = http.client.HTTPConnection(local.netloc, timeout=10)
        connection.request("GET", f"{local.path}{owner}/{name}/tasks/trigger?{urlencode(query)}")
        connection.getresponse().close()
        connection.close()
    except (http.client.HTTPException, OSError) as error:
        _log.error("Failed to trigger task: %s", error)
