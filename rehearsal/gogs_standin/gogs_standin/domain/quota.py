"""Limit how many repositories a user may have ([repository] MAX_CREATION_LIMIT)."""

from __future__ import annotations

from ..config.config import Config
from ..store.database import Row


class LimitReachedError(Exception):
    """The owner may have no further repository. The API responds 500, the form 403, as recorded."""


def require_room(config: Config, owner: Row) -> None:
    """Raise LimitReachedError when the owner has reached the limit. The owner's own limit overrides the site's."""
    own = owner["max_repo_creation"]
    limit = config.repository_limit if own is None or own < 0 else own
    if 0 <= limit <= owner["num_repos"]:
        raise LimitReachedError(f"{owner['name']} may have {limit} repositories")
