"""Forks, by form."""

from collections import Counter

from demo import plan
from demo.site import Site


def make(site: Site, fork: plan.Fork) -> Counter[str]:
    tally = Counter(forks=1, repositories=1)
    if site.api("GET", f"/repos/{fork.owner}/{fork.name}", accept=(404,)).status_code == 404:
        number = site.api("GET", f"/repos/{fork.of}").json()["id"]
        owner = site.api("GET", f"/users/{fork.owner}").json()["id"]
        site.form(
            fork.owner, f"/repo/fork/{number}", {"user_id": owner, "repo_name": fork.name, "description": "My copy"}
        )
        tally["created"] += 1
    return tally
