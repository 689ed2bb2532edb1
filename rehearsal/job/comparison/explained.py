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
    ("attachment", "issue_id"): "an upload is given to its issue when that is opened",
}
"""(table, column) -> why. Whole numbers that may only grow: a smaller one on the target is older, and a loss."""

DATED: dict[str, str] = {"lfs_object": "created_at"}
"""table -> column, for tables whose rows have no number of their own: new rows are younger than all of the source's"""


def may_have_grown(table: str, column: str, before: str, after: str) -> bool:
    """Both values as SQL literals."""
    try:
        return (table, column) in GROWING and int(after.strip("'")) >= int(before.strip("'"))
    except ValueError:
        return False
