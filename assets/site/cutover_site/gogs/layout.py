"""Define the paths of a machine that only Gogs has. Its profile names some of them."""

from __future__ import annotations

from pathlib import Path

from applications.gogs.profile import PROFILE

from cutover_site.layout import Layout

GIT_USER, GIT_ID = PROFILE.owner.user, PROFILE.owner.uid
HTTP_PORT, GOGS_HTTP_PORT = PROFILE.http.number, PROFILE.http.upstream
SSH_PORT, GOGS_SSH_PORT = PROFILE.get_port("ssh").number, PROFILE.get_port("ssh").upstream
SCHEMA = PROFILE.database.primary
PER_INSTANCE = PROFILE.files.per_instance


class GogsLayout(Layout):
    """The layout of a machine that runs Gogs."""

    @classmethod
    def extend(cls, layout: Layout) -> GogsLayout:
        """Return the same machine's layout with the places of Gogs."""
        return cls(layout.root, layout.chosen)

    @property
    def program(self) -> Path:
        """Return the folder of the program."""
        return self.root / self.application.program.root

    @property
    def binary(self) -> Path:
        """Return the program."""
        return self.program / "gogs"

    @property
    def app_ini(self) -> Path:
        """Return the settings file."""
        return self.program / "custom/conf/app.ini"

    @property
    def volatile_app_ini(self) -> Path:
        """Return where a target's app.ini is stored: in memory, so that no secret can get into an image."""
        return self.root / "run/gogs/app.ini"

    @property
    def repositories(self) -> Path:
        """Return the folder of the repositories."""
        return self.shared / "repositories"

    @property
    def data(self) -> Path:
        """Return the folder of attachments, avatars and LFS objects."""
        return self.shared / "data"
