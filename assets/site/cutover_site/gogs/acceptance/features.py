"""Read from the site's own responses what it offers its visitors. It writes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.web import GogsClient

DROPZONE = re.compile(r'<[^>]*\bid="dropzone"[^>]*>')
ACCEPTS = re.compile(r'data-accepts="([^"]*)"')
HTTP_GIT_IS_DISABLED = "HTTP protocol is disabled"
"""in the response 403 of a Gogs with DISABLE_HTTP_GIT (internal/route/repo/http.go)"""


@dataclass(frozen=True)
class Attachments:
    """The files that the form for a new issue accepts, if it accepts any."""

    enabled: bool
    types: tuple[str, ...] = ()
    """MIME types that the site accepts, `*/*` for any"""


def is_closed(client: GogsClient) -> bool:
    """Return whether a visitor must sign in to see anything. Raises CheckFailed for a response that is unclear."""
    response = client.request(client.plain, "GET", "/explore/repos")
    place = urlsplit(response.headers.get("Location", "")).path
    if response.status_code == 200:
        return False
    if response.status_code in (302, 303, 307) and place.endswith("/user/login"):
        return True
    raise CheckFailed(
        f"/explore/repos answered {response.status_code} to a visitor, expected the list or the sign-in page"
    )


def has_http_git(client: GogsClient, repository: str) -> bool:
    """Return whether git works over HTTP with this repository of the client's user, OWNER/NAME. Raises CheckFailed for another refusal."""
    path = f"/{quote(repository)}.git/info/refs?service=git-upload-pack"
    response = client.request(client.plain, "GET", path, auth=(client.username, client.password))
    if response.status_code == 200:
        return True
    if response.status_code == 403 and HTTP_GIT_IS_DISABLED in response.text:
        return False
    raise CheckFailed(
        f"{path} answered {response.status_code} to the repository's owner, expected 200: {response.text[:200]}"
    )


def has_ssh_address(client: GogsClient, repository: str) -> bool | None:
    """Return whether the repository's page shows an SSH address.

    None: the page shows neither; it may be a custom template.
    """
    page = client.get_page(f"/{repository}")
    if 'id="repo-clone-ssh"' in page:
        return True
    return False if 'id="repo-clone-' in page else None


def get_attachments(client: GogsClient, repository: str) -> Attachments:
    """Return which files the form for a new issue accepts.

    The form has a field for files exactly when attachments are enabled.
    """
    field = DROPZONE.search(client.get_page(f"/{repository}/issues/new"))
    if not field:
        return Attachments(enabled=False)
    accepts = ACCEPTS.search(field[0])
    return Attachments(True, tuple(word.strip() for word in accepts[1].split(",") if word.strip()) if accepts else ())
