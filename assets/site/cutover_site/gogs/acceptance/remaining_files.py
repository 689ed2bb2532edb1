"""Remove the files that Gogs keeps of a user and of deleted repositories. Gogs never removes them itself (up to 0.14.3).

<repositories>/<user>/          created with the user's first repository
<lfs objects>/<x>/<y>/<oid>     an LFS object stays when its repository is deleted
<attachments>/<x>/<y>/          the folders of deleted attachments
<avatars>/<user id>             created when a page first shows the user
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.acceptance.notes import add_not_checked
from cutover_site.gogs.acceptance.checks.lfs import get_oid
from cutover_site.gogs.acceptance.local_site import LocalSite
from cutover_site.gogs.acceptance.session import GogsSession

LOG = logging.getLogger(__name__)
MAX_CLOCK_DIFFERENCE_SECONDS = 120.0
"""the largest difference between the clocks of this machine, of the file server and of Gogs"""


def remove_files(session: GogsSession, user_id: int, repositories: Iterable[str], began: float) -> None:
    """Remove the files that are left of these `repositories`, and the avatar that Gogs created since `began`.

    `repositories` are names without the owner. `began` is in seconds since the epoch. Raises CheckFailed.
    The empty folders <x>/<y> stay when other machines write to the site, because one of them may be about to put a user's
    file there. Gogs leaves such folders itself.
    """
    site = session.local
    if site is None:
        add_not_checked(
            "the files of the deleted repositories (an LFS object each): this machine does not see the site's folders"
        )
        return
    names = list(repositories)
    files = [path for name in names for path in _find_lfs_object(site, get_oid(name))]
    files += _find_new_avatar(site, user_id, began)
    for path in files:
        path.unlink(missing_ok=True)
    if session.is_local:
        for root in (site.lfs_objects, site.attachments):
            for folder in _list_new_folders(root, began):
                _remove_empty(folder, below=root)
    folder = site.repositories / session.username.lower()
    _remove_empty(folder, below=site.repositories)
    left = [str(path) for path in files if path.exists()]
    if folder.is_dir():
        left += [str(path) for path in folder.iterdir() if path.name.startswith(tuple(names))]
    if left:
        raise CheckFailed(f"these files of an acceptance session are still there: {', '.join(left)}")


def _find_lfs_object(site: LocalSite, oid: str) -> list[Path]:
    path = site.lfs_objects / oid[0] / oid[1] / oid
    return [path] if path.is_file() else []


def _find_new_avatar(site: LocalSite, user_id: int, began: float) -> list[Path]:
    """Return the user's avatar if Gogs created it since `began`. An older avatar stays."""
    path = site.avatars / str(user_id)
    return [path] if path.is_file() and path.stat().st_mtime >= began - MAX_CLOCK_DIFFERENCE_SECONDS else []


def _list_new_folders(root: Path, began: float) -> list[Path]:
    """Return those of the at most 256 folders of two hexadecimal digits that changed since `began`."""
    return [
        path for path in root.glob("[0-9a-f]/[0-9a-f]") if path.stat().st_mtime >= began - MAX_CLOCK_DIFFERENCE_SECONDS
    ]


def _remove_empty(folder: Path, *, below: Path) -> None:
    """Remove `folder` and its parents up to `below`, as long as they are empty."""
    while below in folder.parents:
        with suppress(FileNotFoundError):
            try:
                folder.rmdir()
            except OSError:
                return  # not empty
        folder = folder.parent
