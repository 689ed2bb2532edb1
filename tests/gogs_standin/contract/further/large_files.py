"""Record how the LFS server refuses and accepts objects."""

from __future__ import annotations

import hashlib

from tests.gogs_standin.contract.further.site import LFS_TYPE, PASSWORD, Json
from tests.gogs_standin.contract.further.world import World


def record_lfs(world: World) -> None:
    """Record batches, uploads, downloads and verifications of LFS."""
    site, base, auth = world.site, "/alice/app.git/info/lfs/objects", ("alice", PASSWORD)
    content = b"x" * 1000
    oid, other = hashlib.sha256(content).hexdigest(), hashlib.sha256(b"other").hexdigest()
    headers, stream = {"Accept": LFS_TYPE, "Content-Type": LFS_TYPE}, {"Content-Type": "application/octet-stream"}

    def batch(operation: str, oid: str, size: int) -> Json:
        return {"operation": operation, "transfers": ["basic"], "objects": [{"oid": oid, "size": size}]}

    for name, body, more in (
        ("unknown object", batch("download", other, 5), {}),
        ("upload of a bad oid", batch("upload", "abc", 5), {}),
        ("wrong operation", batch("delete", oid, 5), {}),
        ("without Accept", batch("download", oid, 5), {"headers": {"Content-Type": LFS_TYPE}}),
        (
            "of another type",
            batch("download", oid, 5),
            {"headers": {"Accept": LFS_TYPE, "Content-Type": "application/json"}},
        ),
        ("upload by a reader", batch("upload", other, 5), {"auth": ("bob", PASSWORD)}),
        ("wrong password", batch("upload", other, 5), {"auth": ("alice", "wrong")}),
    ):
        options: Json = {"headers": headers, "auth": auth, "json": body, **more}
        site.record_request(f"lfs batch: {name}", "POST", f"{base}/batch", **options)
    site.record_request(
        "lfs batch: of an unknown repository",
        "POST",
        "/alice/nothing.git/info/lfs/objects/batch",
        headers=headers,
        auth=auth,
        json=batch("download", oid, 5),
    )
    site.record_request("lfs batch: no JSON", "POST", f"{base}/batch", headers=headers, auth=auth, data=b"")
    site.record_request("lfs put: wrong bytes", "PUT", f"{base}/basic/{other}", headers=stream, auth=auth, data=content)
    site.record_request("lfs put: bad oid", "PUT", f"{base}/basic/abc", headers=stream, auth=auth, data=content)
    site.record_request(
        "lfs put: of another type",
        "PUT",
        f"{base}/basic/{oid}",
        headers={"Content-Type": "text/plain"},
        auth=auth,
        data=content,
    )
    site.record_request(
        "lfs put: by a reader", "PUT", f"{base}/basic/{oid}", headers=stream, auth=("bob", PASSWORD), data=content
    )
    site.record_request("lfs put", "PUT", f"{base}/basic/{oid}", headers=stream, auth=auth, data=content)
    site.record_request("lfs put: again", "PUT", f"{base}/basic/{oid}", headers=stream, auth=auth, data=content)
    site.record_request(
        "lfs batch: wrong size", "POST", f"{base}/batch", headers=headers, auth=auth, json=batch("download", oid, 5)
    )
    site.record_request("lfs get: unknown object", "GET", f"{base}/basic/{other}", auth=auth)
    for name, body in (
        ("wrong size", {"oid": oid, "size": 5}),
        ("unknown object", {"oid": other, "size": 5}),
        ("bad oid", {"oid": "abc", "size": 5}),
    ):
        site.record_request(
            f"lfs verify: {name}", "POST", f"{base}/basic/verify", headers=headers, auth=auth, json=body
        )
