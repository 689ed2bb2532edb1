"""Define the acceptance user's session with a Gogs site: the state that checks share, and the features of the site."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from applications.gogs.profile import PROFILE

from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.gogs.acceptance import features
from cutover_site.gogs.acceptance.features import Attachments
from cutover_site.gogs.acceptance.git import run_git
from cutover_site.gogs.acceptance.local_site import LocalSite
from cutover_site.gogs.acceptance.settings import SiteSettings
from cutover_site.gogs.acceptance.texts import Text, get_text
from cutover_site.gogs.web import GogsClient
from cutover_site.system.temporary_folder import TemporaryFolder

PREFIX = "cutover-acceptance-"
"""prefix of the names of everything that a session creates: repositories, key, tokens, its temporary folder"""


@dataclass
class GogsSession(GogsClient):
    """One run of the suite.

    `repository` is private. The first check that needs it creates it, and the cleanup removes it. The session reads the site's
    features from the site itself. Where the caller passes `settings`, the site must behave exactly as they say. While users wait, the session
    relies on them: on the scratch copy it has read the features from the same program with the same settings.
    """

    ssh: str = ""
    """HOST:PORT of the site's SSH; empty: not requested"""
    ssh_user: str = PROFILE.owner.user
    """the user in clone addresses, RUN_USER of app.ini"""
    nonce: str = field(default_factory=lambda: secrets.token_hex(6))
    key: str = ""
    """the name of the session's SSH key, once the user has it"""
    settings: SiteSettings | None = None
    """the settings of the source's app.ini; None: not known"""
    charset: str = ""
    """the character set of the source's tables of issues, as `texts.TEXTS` names it; empty: not known"""
    local: LocalSite | None = None
    """the Gogs of this machine, when it belongs to the site; None: this machine does not have the site's files"""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._folder = TemporaryFolder(PREFIX)
        self.work = self._folder.path
        self.no_repository: CheckSkipped | None = None
        """the reason when this site permits the acceptance user no repository"""
        self.writing = threading.RLock()
        """to hold while writing rows of the acceptance user's repositories: Gogs responds 500 when two such writes conflict in InnoDB"""
        if self.settings:
            self.require_settings(self.settings)

    def require_settings(self, settings: SiteSettings) -> None:
        """Require the site to behave as these settings say, from now on."""
        self.settings = settings
        if settings.https:
            self.browser.allow_secure_cookies()

    def close(self) -> None:
        self._folder.close()
        super().close()

    @property
    def repository(self) -> str:
        return PREFIX + self.nonce

    @property
    def full_name(self) -> str:
        return f"{self.username}/{self.repository}"

    def require_repository(self) -> None:
        """Raise CheckSkipped when the site's settings permit the acceptance user no repository."""
        if self.no_repository:
            raise CheckSkipped(self.no_repository.reason, setting=self.no_repository.setting)

    @cached_property
    def closed(self) -> bool:
        """Return whether a visitor must sign in to see anything.

        Raises CheckFailed, like the other features, when the site does not behave as its settings say.
        """
        if known := self._known_settings:
            return known.sign_in_to_view
        return self._require_agreement(features.is_closed(self), "sign_in_to_view", "[auth] REQUIRE_SIGNIN_VIEW")

    @cached_property
    def http_git(self) -> bool:
        if known := self._known_settings:
            return known.http_git
        return self._require_agreement(
            features.has_http_git(self, self.full_name), "http_git", "[repository] DISABLE_HTTP_GIT"
        )

    @cached_property
    def offers_ssh(self) -> bool:
        if known := self._known_settings:
            return known.ssh
        shown = features.has_ssh_address(self, self.full_name)
        if shown is None:  # a custom template
            return self.settings.ssh if self.settings else True
        return self._require_agreement(shown, "ssh", "[server] DISABLE_SSH")

    @cached_property
    def attachments(self) -> Attachments:
        if known := self._known_settings:
            return Attachments(known.attachments, known.attachment_types)
        shown = features.get_attachments(self, self.full_name)
        self._require_agreement(shown.enabled, "attachments", "[attachment] ENABLED")
        return shown

    @property
    def _known_settings(self) -> SiteSettings | None:
        """Return the settings that decide without a request to the site; None when the site itself must be read."""
        return self.settings if self.live else None

    def _require_agreement(self, shown: bool, name: str, setting: str) -> bool:
        if self.settings and getattr(self.settings, name) != shown:
            raise CheckFailed(
                f"the source's {setting} has {name} = {getattr(self.settings, name)}, the site shows {name} = {shown}"
            )
        return shown

    @property
    def text(self) -> Text:
        return get_text(self.charset)

    def run_git(self, *arguments: str, cwd: Path | None = None, environment: dict[str, str] | None = None) -> str:
        """Return git's standard output. Raises CheckFailed with git's error.

        The password is only in the environment of the process.
        """
        return run_git(self, *arguments, cwd=cwd, environment=environment)

    @property
    def clone_url(self) -> str:
        return self.get_clone_url(self.full_name)

    def get_clone_url(self, full_name: str) -> str:
        return f"{self.url}/{quote(full_name)}.git"
