"""One repository with everything that belongs to it."""

from collections import Counter

from demo import issues, plan, wiki
from demo.pushes import push
from demo.releases import release
from demo.site import Site


def make(site: Site, repository: plan.Repository) -> Counter[str]:
    base = f"/repos/{repository.full_name}"
    tally = Counter(repositories=1)
    answer = site.api("GET", base, accept=(404,))
    if answer.status_code == 404:
        fields = {"name": repository.name, "description": repository.description, "private": repository.private}
        site.api("POST", f"/admin/users/{repository.owner}/repos", json=fields)
        answer = site.api("GET", base)
        tally["created"] += 1
    if repository.files and answer.json()["empty"]:
        push(site, repository)
        tally["created"] += 1
    tally += _around(site, repository, base)
    if repository.issues:
        tally += issues.make(site, repository, base)
    if repository.wiki:
        tally += wiki.make(site, repository)
    if repository.release:
        tally += release(site, repository, base)
    tally += Counter(lfs_objects=int(repository.lfs_object_bytes > 0))
    return tally


def _around(site: Site, repository: plan.Repository, base: str) -> Counter[str]:
    """Who works on it, who likes it, whom it tells."""
    for person in repository.collaborators:
        site.api("PUT", f"{base}/collaborators/{person}", json={"permission": "write"})
    for person in repository.stars:
        site.form(person, f"/{repository.full_name}/action/star", {})
    tally = Counter(
        stars=len(repository.stars), collaborators=len(repository.collaborators), webhooks=int(repository.webhook)
    )
    if repository.webhook and not site.api("GET", f"{base}/hooks").json():
        # Inactive: a copy of the site must have nobody to call.
        config = {"url": "http://127.0.0.1:9/hook", "content_type": "json", "secret": "demo"}
        site.api(
            "POST",
            f"{base}/hooks",
            json={"type": "gogs", "config": config, "events": ["push", "issues"], "active": False},
        )
        tally["created"] += 1
    return tally
