"""An object in Git LFS: uploaded by its protocol; in the commit there is only a pointer to it."""

import hashlib

from demo import plan
from demo.site import TIMEOUT_SECONDS, Site, SiteRefused

_TYPE = "application/vnd.git-lfs+json"


def pointer(content: bytes) -> bytes:
    oid = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n".encode()


def upload(site: Site, repository: plan.Repository, content: bytes) -> None:
    """Harmless when the site has it. Raises SiteRefused."""
    session = site.session()
    session.auth = (repository.pusher, site.password_of(repository.pusher))
    session.headers.update({"Accept": _TYPE, "Content-Type": _TYPE})
    described = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content)}
    base = f"{site.url}/{repository.full_name}.git/info/lfs/objects"
    batch = {"operation": "upload", "transfers": ["basic"], "objects": [described]}
    answer = session.post(f"{base}/batch", json=batch, timeout=TIMEOUT_SECONDS)
    if answer.ok:
        headers = {"Content-Type": "application/octet-stream"}
        answer = session.put(f"{base}/basic/{described['oid']}", data=content, headers=headers, timeout=TIMEOUT_SECONDS)
    if answer.ok:
        answer = session.post(f"{base}/basic/verify", json=described, timeout=TIMEOUT_SECONDS)
    if not answer.ok:
        raise SiteRefused(f"LFS object of {repository.full_name}: {answer.status_code} {answer.text[:200]}")
