"""A Git LFS object goes up through the batch API, is verified, and comes down the same.

Its content is the visit's own: no other repository can have it, so the file may be removed with the repository.
"""

from __future__ import annotations

import hashlib

import requests

from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit

TYPE = "application/vnd.git-lfs+json"


def get_content(repository: str) -> bytes:
    """Return the content that a visit uploads to its `repository` (by name, without the owner)."""
    return f"cutover acceptance of {repository}\n".encode() * 32


def get_oid(repository: str) -> str:
    return hashlib.sha256(get_content(repository)).hexdigest()


def check(visit: Visit) -> None:
    visit.require_repository()
    storage = visit.settings.lfs_storage if visit.settings else "local"
    if storage != "local":  # the only one that Gogs has
        raise CheckSkipped(f"Gogs has no LFS storage {storage!r}", setting=f"[lfs] STORAGE = {storage}")
    content, oid = get_content(visit.repository), get_oid(visit.repository)
    upload = _batch(visit, "upload")["objects"][0].get("actions") or {}
    path = f"/{visit.full_name}.git/info/lfs/objects/basic"
    if "upload" in upload:
        put = visit.request(
            visit.plain, "PUT", f"{path}/{oid}", data=content, auth=(visit.username, visit.password),
            headers={"Content-Type": "application/octet-stream", "Accept": "application/vnd.git-lfs"},
        )  # fmt: skip
        if put.status_code != 200:
            raise CheckFailed(f"the LFS upload answered {put.status_code}")
    verified = _post(visit, f"{path}/verify", {"oid": oid, "size": len(content)})
    if verified.status_code != 200:
        raise CheckFailed(f"LFS verify answered {verified.status_code}")
    if "download" not in (_batch(visit, "download")["objects"][0].get("actions") or {}):
        raise CheckFailed("the uploaded LFS object is not offered for download")
    # With ENABLE_GZIP Gogs compresses the object and still gives its whole length: such an answer cannot be read (0.14.3).
    plain = {"Accept-Encoding": "identity"}
    got = visit.request(visit.plain, "GET", f"{path}/{oid}", auth=(visit.username, visit.password), headers=plain)
    if got.content != content:
        raise CheckFailed(
            f"the LFS download answered {got.status_code} with {len(got.content)} bytes, expected {len(content)} equal ones"
        )


def _batch(visit: Visit, operation: str) -> dict[str, list[dict[str, dict[str, object]]]]:
    wanted = {"oid": get_oid(visit.repository), "size": len(get_content(visit.repository))}
    body = {"operation": operation, "transfers": ["basic"], "objects": [wanted]}
    answer = _post(visit, f"/{visit.full_name}.git/info/lfs/objects/batch", body)
    if answer.status_code != 200:
        raise CheckFailed(f"LFS batch {operation} answered {answer.status_code}")
    found: dict[str, list[dict[str, dict[str, object]]]] = answer.json()
    return found


def _post(visit: Visit, path: str, body: object) -> requests.Response:
    headers = {"Accept": TYPE, "Content-Type": TYPE}
    return visit.request(visit.plain, "POST", path, json=body, headers=headers, auth=(visit.username, visit.password))
