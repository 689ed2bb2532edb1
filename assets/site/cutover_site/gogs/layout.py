"""Define the paths of a machine that only Gogs has. Its profile names some of them."""

from __future__ import annotations

from pathlib import Path

from applications.gogs.profile import PROFILE

from cutover_site.layout import Layout

SSH_PORT = PROFILE.get_port("ssh").number
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
        return self.find(self.installation.program) if self.installation else self.program / "gogs"

    @property
    def app_ini(self) -> Path:
        """Return the settings file."""
        return self.find(self.installation.settings) if self.installation else self.program / "custom/conf/app.ini"

    @property
    def own_data(self) -> Path:
        """Return APP_DATA_PATH: the work space of this machine's Gogs."""
        return self.find(self.installation.data_folder) if self.installation else self.home / "data"

    @property
    def logs(self) -> Path:
        """Return the folder of Gogs's logs."""
        return self.find(self.installation.log_folder) if self.installation else self.home / "log"

    @property
    def public_ssh_port(self) -> int:
        """Return the port in SSH clone addresses, which source and target have in common."""
        return self.installation.public_ports.get("ssh", SSH_PORT) if self.installation else SSH_PORT

    def get_place(self, folder: str) -> Path:
        """Return where Gogs itself sees a folder of the data root: the source's own path, which hooks and links may have."""
        roots = self.installation.roots if self.installation else {}
        return self.find(roots[folder]) if folder in roots else self.shared / folder

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
