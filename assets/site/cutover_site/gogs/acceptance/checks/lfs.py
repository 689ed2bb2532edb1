"""Check Git LFS: an object is uploaded through the batch API, verified, and downloaded unchanged.

The content is unique to the session: no other repository can have it, so the file may be removed with the repository.
"""

from __future__ import annotations

import hashlib

import requests

from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.gogs.acceptance.session import GogsSession

TYPE = "application/vnd.git-lfs+json"


def get_content(repository: str) -> bytes:
    """Return the content that a session uploads to its `repository` (a name without the owner)."""
    return f"cutover acceptance of {repository}\n".encode() * 32


def get_oid(repository: str) -> str:
    """Return the SHA-256 of that content: the name under which Gogs stores the object."""
    return hashlib.sha256(get_content(repository)).hexdigest()


def check(session: GogsSession) -> None:
    """Upload, verify and download an object. Raises CheckFailed, or CheckSkipped for a storage that Gogs does not have."""
    session.require_repository()
    storage = session.settings.lfs_storage if session.settings else "local"
    if storage != "local":  # the only one that Gogs has
        raise CheckSkipped(f"Gogs has no LFS storage {storage!r}", setting=f"[lfs] STORAGE = {storage}")
    content, oid = get_content(session.repository), get_oid(session.repository)
    upload = _request_batch(session, "upload")["objects"][0].get("actions") or {}
    path = f"/{session.full_name}.git/info/lfs/objects/basic"
    if "upload" in upload:
        put = session.request(
            session.plain, "PUT", f"{path}/{oid}", data=content, auth=(session.username, session.password),
            headers={"Content-Type": "application/octet-stream", "Accept": "application/vnd.git-lfs"},
        )  # fmt: skip
        if put.status_code != 200:
            raise CheckFailed(f"the LFS upload answered {put.status_code}")
    verified = _post(session, f"{path}/verify", {"oid": oid, "size": len(content)})
    if verified.status_code != 200:
        raise CheckFailed(f"LFS verify answered {verified.status_code}")
    if "download" not in (_request_batch(session, "download")["objects"][0].get("actions") or {}):
        raise CheckFailed("the uploaded LFS object is not offered for download")
    # With ENABLE_GZIP Gogs compresses the object but sends its uncompressed length: such a response cannot be read (0.14.3).
    plain = {"Accept-Encoding": "identity"}
    got = session.request(
        session.plain, "GET", f"{path}/{oid}", auth=(session.username, session.password), headers=plain
    )
    if got.content != content:
        raise CheckFailed(
            f"the LFS download answered {got.status_code} with {len(got.content)} bytes, expected {len(content)} equal ones"
        )


def _request_batch(session: GogsSession, operation: str) -> dict[str, list[dict[str, dict[str, object]]]]:
    wanted = {"oid": get_oid(session.repository), "size": len(get_content(session.repository))}
    body = {"operation": operation, "transfers": ["basic"], "objects": [wanted]}
    response = _post(session, f"/{session.full_name}.git/info/lfs/objects/batch", body)
    if response.status_code != 200:
        raise CheckFailed(f"LFS batch {operation} answered {response.status_code}")
    found: dict[str, list[dict[str, dict[str, object]]]] = response.json()
    return found


def _post(session: GogsSession, path: str, body: object) -> requests.Response:
    headers = {"Accept": TYPE, "Content-Type": TYPE}
    return session.request(
        session.plain, "POST", path, json=body, headers=headers, auth=(session.username, session.password)
    )
