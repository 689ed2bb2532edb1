"""A release with a file."""

from collections import Counter

from demo import plan
from demo.site import Site


def release(site: Site, repository: plan.Repository, base: str) -> Counter[str]:
    tally = Counter(releases=1, attachments=1)
    if any(found["tag_name"] == repository.release for found in site.api("GET", f"{base}/releases").json()):
        return tally
    notes = f"Changes in {repository.release}: größer, schneller.\n".encode()
    file = {"file": ("änderungen.txt", notes, "text/plain")}
    number = site.form(repository.pusher, "/releases/attachments", {}, files=file).json()["uuid"]
    fields = {
        "tag_name": repository.release,
        "tag_target": "master",
        "title": f"{repository.name} {repository.release}",
        "content": "Erste Fassung 🎉",
        "files": number,
    }
    site.form(repository.pusher, f"/{repository.full_name}/releases/new", fields)
    tally["created"] += 1
    return tally
