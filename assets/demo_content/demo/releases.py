"""Creation of a release with a file."""

from collections import Counter

from demo import plan
from demo.site import Site


def create_release(site: Site, repository: plan.Repository, base: str) -> Counter[str]:
    """Create the release of a repository if it does not exist, and return what exists and what is new.

    `base` is the path of the repository in the API.
    """
    tally = Counter(releases=1, attachments=1)
    if any(found["tag_name"] == repository.release for found in site.call_api("GET", f"{base}/releases").json()):
        return tally
    notes = f"Changes in {repository.release}: größer, schneller.\n".encode()
    file = {"file": ("änderungen.txt", notes, "text/plain")}
    file_id = site.post_form(repository.pusher, "/releases/attachments", {}, files=file).json()["uuid"]
    fields = {
        "tag_name": repository.release,
        "tag_target": "master",
        "title": f"{repository.name} {repository.release}",
        "content": "Erste Fassung 🎉",
        "files": file_id,
    }
    site.post_form(repository.pusher, f"/{repository.full_name}/releases/new", fields)
    tally["created"] += 1
    return tally
