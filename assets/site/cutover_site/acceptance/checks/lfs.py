"""A Git LFS object goes up through the batch API, is verified, and comes down the same.

Its content is always the same: Gogs keeps objects of deleted repositories, so at most this one small file stays behind.
"""

from __future__ import annotations

import hashlib

import requests

from cutover_site.acceptance.site import CheckFailed, Visit

CONTENT = b"cutover acceptance\n" * 64
OID = hashlib.sha256(CONTENT).hexdigest()
TYPE = "application/vnd.git-lfs+json"


def check(visit: Visit) -> None:
    upload = _batch(visit, "upload")["objects"][0].get("actions") or {}
    path = f"/{visit.full_name}.git/info/lfs/objects/basic"
    if "upload" in upload:
        put = visit.request(
            visit.plain, "PUT", f"{path}/{OID}", data=CONTENT, auth=(visit.username, visit.password),
            headers={"Content-Type": "application/octet-stream", "Accept": "application/vnd.git-lfs"},
        )  # fmt: skip
        if put.status_code != 200:
            raise CheckFailed(f"the LFS upload answered {put.status_code}")
    verified = _post(visit, f"{path}/verify", {"oid": OID, "size": len(CONTENT)})
    if verified.status_code != 200:
        raise CheckFailed(f"LFS verify answered {verified.status_code}")
    if "download" not in (_batch(visit, "download")["objects"][0].get("actions") or {}):
        raise CheckFailed("the uploaded LFS object is not offered for download")
    got = visit.request(visit.plain, "GET", f"{path}/{OID}", auth=(visit.username, visit.password))
    if got.content != CONTENT:
        raise CheckFailed(
            f"the LFS download answered {got.status_code} with {len(got.content)} bytes, expected {len(CONTENT)} equal ones"
        )


def _batch(visit: Visit, operation: str) -> dict[str, list[dict[str, dict[str, object]]]]:
    body = {"operation": operation, "transfers": ["basic"], "objects": [{"oid": OID, "size": len(CONTENT)}]}
    answer = _post(visit, f"/{visit.full_name}.git/info/lfs/objects/batch", body)
    if answer.status_code != 200:
        raise CheckFailed(f"LFS batch {operation} answered {answer.status_code}")
    found: dict[str, list[dict[str, dict[str, object]]]] = answer.json()
    return found


def _post(visit: Visit, path: str, body: object) -> requests.Response:
    headers = {"Accept": TYPE, "Content-Type": TYPE}
    return visit.request(visit.plain, "POST", path, json=body, headers=headers, auth=(visit.username, visit.password))
