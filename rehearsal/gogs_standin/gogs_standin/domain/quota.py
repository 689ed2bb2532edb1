"""How many repositories somebody may have ([repository] MAX_CREATION_LIMIT)."""

from __future__ import annotations

from ..config.config import Config
from ..store.database import Row


class LimitReachedError(Exception):
    """The API answers 500 to it, the form 403, as the real one does."""


def require_room(config: Config, owner: Row) -> None:
    """Raises LimitReachedError. The owner's own limit, when there is one, goes before the site's."""
    own = owner["max_repo_creation"]
    limit = config.repository_limit if own is None or own < 0 else own
    if 0 <= limit <= owner["num_repos"]:
        raise LimitReachedError(f"{owner['name']} may have {limit} repositories")
