"""Upload of an object of Git LFS. The commit contains only a pointer to the object."""

import hashlib

from cutover_site.acceptance.errors import UnexpectedResponse

from demo import plan
from demo.site import Site

_TYPE = "application/vnd.git-lfs+json"


def format_pointer(content: bytes) -> bytes:
    """Return the pointer file of an object (source: the specification of Git LFS, version 1)."""
    oid = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n".encode()


def upload_object(site: Site, repository: plan.Repository, content: bytes) -> None:
    """Upload an object. If the site already has it, nothing changes. Raises UnexpectedResponse."""
    client = site.create_client(repository.pusher)
    auth = (client.username, client.password)
    headers = {"Accept": _TYPE, "Content-Type": _TYPE}
    description = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content)}
    base = f"/{repository.full_name}.git/info/lfs/objects"
    batch = {"operation": "upload", "transfers": ["basic"], "objects": [description]}
    response = client.request(client.plain, "POST", f"{base}/batch", json=batch, auth=auth, headers=headers)
    if response.ok:
        response = client.request(
            client.plain, "PUT", f"{base}/basic/{description['oid']}", data=content, auth=auth,
            headers={**headers, "Content-Type": "application/octet-stream"},
        )  # fmt: skip
    if response.ok:
        response = client.request(
            client.plain, "POST", f"{base}/basic/verify", json=description, auth=auth, headers=headers
        )
    client.close()
    if not response.ok:
        raise UnexpectedResponse(f"LFS object of {repository.full_name}: {response.status_code} {response.text[:200]}")
