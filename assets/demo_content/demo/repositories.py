"""Creation of one repository with everything that belongs to it."""

from collections import Counter

from demo import issues, plan, wiki
from demo.pushes import push_commits
from demo.releases import create_release
from demo.site import Site


def create_repository(site: Site, repository: plan.Repository) -> Counter[str]:
    """Create what a repository still lacks, and return what exists and what is new."""
    base = f"/repos/{repository.full_name}"
    tally = Counter(repositories=1)
    response = site.call_api("GET", base, accept=(404,))
    if response.status_code == 404:
        fields = {"name": repository.name, "description": repository.description, "private": repository.private}
        site.call_api("POST", f"/admin/users/{repository.owner}/repos", json=fields)
        response = site.call_api("GET", base)
        tally["created"] += 1
    if repository.files and response.json()["empty"]:
        push_commits(site, repository)
        tally["created"] += 1
    tally += _create_relations(site, repository, base)
    if repository.issues:
        tally += issues.create_issues(site, repository, base)
    if repository.wiki:
        tally += wiki.create_wiki(site, repository)
    if repository.release:
        tally += create_release(site, repository, base)
    tally += Counter(lfs_objects=int(repository.lfs_object_bytes > 0))
    return tally


def _create_relations(site: Site, repository: plan.Repository, base: str) -> Counter[str]:
    """Add the collaborators, the stars and the webhook of a repository, and return what exists and what is new."""
    for person in repository.collaborators:
        site.call_api("PUT", f"{base}/collaborators/{person}", json={"permission": "write"})
    for person in repository.stars:
        site.post_form(person, f"/{repository.full_name}/action/star", {})
    tally = Counter(
        stars=len(repository.stars), collaborators=len(repository.collaborators), webhooks=int(repository.webhook)
    )
    if repository.webhook and not site.call_api("GET", f"{base}/hooks").json():
        # The webhook is inactive, so that a copy of the site sends nothing.
        config = {"url": "http://127.0.0.1:9/hook", "content_type": "json", "secret": "demo"}
        site.call_api(
            "POST",
            f"{base}/hooks",
            json={"type": "gogs", "config": config, "events": ["push", "issues"], "active": False},
        )
        tally["created"] += 1
    return tally
