"""A session of the acceptance user with a Gogs site: what the checks share, and what the site offers its users."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.gogs.acceptance import features
from cutover_site.gogs.acceptance.features import Attachments
from cutover_site.gogs.acceptance.git import run_git
from cutover_site.gogs.acceptance.local_site import LocalSite
from cutover_site.gogs.acceptance.settings import SiteSettings
from cutover_site.gogs.acceptance.texts import Text, get_text
from cutover_site.gogs.web import GogsClient

PREFIX = "cutover-acceptance-"
"""of the names of everything that a session makes: its repositories, key, tokens"""


@dataclass
class GogsSession(GogsClient):
    """One run of the suite. `repository` is private, made by the first check that needs it, and removed at the end.

    What the site does is found out by asking it. Where the caller passes `settings`, the site must do exactly what they say.
    """

    ssh: str = ""
    """HOST:PORT of the site's SSH, empty: not asked for"""
    nonce: str = field(default_factory=lambda: secrets.token_hex(6))
    key: str = ""
    """the name of the session's SSH key, once the user has it"""
    settings: SiteSettings | None = None
    """what the source's app.ini says; None: not known"""
    charset: str = ""
    """the character set of the source's tables of issues, as `texts.TEXTS` names it; empty: not known"""
    local: LocalSite | None = None
    """the Gogs of this machine, when it belongs to the site; None: its files cannot be seen from here"""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.work = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.no_repository: CheckSkipped | None = None
        """why the acceptance user may have no repository on this site"""
        self.writing = threading.RLock()
        """held by whoever writes rows of the acceptance user's repositories: Gogs answers 500 when two such writes meet in InnoDB"""
        if self.settings:
            self.require_settings(self.settings)

    def require_settings(self, settings: SiteSettings) -> None:
        """Demand of the site what these settings say."""
        self.settings = settings
        if settings.https:
            self.browser.allow_secure_cookies()

    def close(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)
        super().close()

    @property
    def repository(self) -> str:
        return PREFIX + self.nonce

    @property
    def full_name(self) -> str:
        return f"{self.username}/{self.repository}"

    def require_repository(self) -> None:
        """Raise CheckSkipped when the site's settings let the acceptance user have no repository."""
        if self.no_repository:
            raise CheckSkipped(self.no_repository.reason, setting=self.no_repository.setting)

    @cached_property
    def closed(self) -> bool:
        """Return whether a visitor must sign in to see anything.

        Raises CheckFailed, as all of these, when the site does not do what its settings say.
        """
        return self._require_agreement(features.is_closed(self), "sign_in_to_view", "[auth] REQUIRE_SIGNIN_VIEW")

    @cached_property
    def http_git(self) -> bool:
        return self._require_agreement(features.has_http_git(self), "http_git", "[repository] DISABLE_HTTP_GIT")

    @cached_property
    def offers_ssh(self) -> bool:
        shown = features.offers_ssh(self)
        if shown is None:  # a template of the site's own
            return self.settings.ssh if self.settings else True
        return self._require_agreement(shown, "ssh", "[server] DISABLE_SSH")

    @cached_property
    def attachments(self) -> Attachments:
        shown = features.get_attachments(self)
        self._require_agreement(shown.enabled, "attachments", "[attachment] ENABLED")
        return shown

    def _require_agreement(self, shown: bool, name: str, setting: str) -> bool:
        if self.settings and getattr(self.settings, name) != shown:
            raise CheckFailed(
                f"the source's {setting} says {name} = {getattr(self.settings, name)}, the site shows {name} = {shown}"
            )
        return shown

    @property
    def text(self) -> Text:
        return get_text(self.charset)

    def run_git(self, *arguments: str, cwd: Path | None = None, environment: dict[str, str] | None = None) -> str:
        """Return git's standard output. The password is in the environment of the process only. Raises CheckFailed with git's error."""
        return run_git(self, *arguments, cwd=cwd, environment=environment)

    @property
    def clone_url(self) -> str:
        return self.get_clone_url(self.full_name)

    def get_clone_url(self, full_name: str) -> str:
        return f"{self.url}/{quote(full_name)}.git"
