"""Creation of forks through the form of the site."""

from collections import Counter

from demo import plan
from demo.site import Site


def create_fork(site: Site, fork: plan.Fork) -> Counter[str]:
    """Create a fork if it does not exist, and return what exists and what is new."""
    tally = Counter(forks=1, repositories=1)
    if site.call_api("GET", f"/repos/{fork.owner}/{fork.name}", accept=(404,)).status_code == 404:
        number = site.call_api("GET", f"/repos/{fork.of}").json()["id"]
        owner = site.call_api("GET", f"/users/{fork.owner}").json()["id"]
        site.post_form(
            fork.owner, f"/repo/fork/{number}", {"user_id": owner, "repo_name": fork.name, "description": "My copy"}
        )
        tally["created"] += 1
    return tally
