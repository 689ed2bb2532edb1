"""What normal use changes in the target's database after the commit. Everything that is not named here must be equal."""

from __future__ import annotations

GROWING: dict[tuple[str, str], str] = {
    ("access_token", "updated_unix"): "each use of a token is noted",
    ("public_key", "updated_unix"): "each use of a key is noted",
    ("repository", "updated_unix"): "a push is noted",
    ("repository", "size"): "a push makes it larger",
    ("repository", "num_issues"): "a new issue is counted",
    ("issue", "num_comments"): "a new comment is counted",
    ("issue", "updated_unix"): "a new comment is noted",
    ("issue_user", "is_read"): "somebody looks at an issue",
    ("deploy_key", "updated_unix"): "each use of a key is noted",
    ("user", "updated_unix"): "a new repository is noted with its owner",
    ("user", "num_repos"): "a new repository is counted",
    ("attachment", "issue_id"): "an upload is given to its issue when that is opened",
}
"""(table, column) -> why. Whole numbers that may only grow: a smaller one on the target is older, and a loss."""

SWITCHED: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("user", "last_repo_visibility"): (("0", "1"), ("1", "0")),
    ("repository", "is_bare"): (("1", "0"),),
}
"""(table, column) -> what its flag may have changed from and to. Gogs remembers with a user whether the newest repository was
private, to propose it for the next one; the first push ends that a repository is empty."""

DATED: dict[str, str] = {"lfs_object": "created_at"}
"""table -> column, for tables whose rows have no number of their own: new rows are younger than all of the source's"""


def is_normal_use(table: str, column: str, before: str, after: str) -> bool:
    """Return whether normal use of the site explains that a value has changed. Both values as SQL literals."""
    old, new = before.strip("'"), after.strip("'")
    if (old, new) in SWITCHED.get((table, column), ()):
        return True
    try:
        return (table, column) in GROWING and int(new) >= int(old)
    except ValueError:
        return False
