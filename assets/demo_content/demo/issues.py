"""Labels, milestones, issues with pictures, comments: written by the people themselves, in their browsers."""

from collections import Counter

from demo import plan
from demo.pictures import picture
from demo.site import Site


def make(site: Site, repository: plan.Repository, base: str) -> Counter[str]:
    labels, new_labels = _named(
        site, f"{base}/labels", "name", [{"name": name, "color": color} for name, color in plan.LABELS.items()]
    )
    milestones, new_milestones = _named(
        site,
        f"{base}/milestones",
        "title",
        [{"title": title, "description": text} for title, text in plan.MILESTONES.items()],
    )
    tally = Counter(labels=len(labels), milestones=len(milestones), created=new_labels + new_milestones)
    there = {
        issue["title"]: issue for state in ("open", "closed") for issue in site.pages(f"{base}/issues?state={state}")
    }
    for issue in repository.issues:
        found = there.get(issue.title)
        if not found:
            index = _write(site, repository, base, issue, labels, milestones)
            tally["created"] += 1
        else:
            index = found["number"]
        tally["created"] += _discuss(site, repository, base, issue, index)
        if issue.closed and not (found and found["state"] == "closed"):
            site.api("PATCH", f"{base}/issues/{index}", json={"state": "closed"})
        tally += Counter(issues=1, comments=len(issue.comments), attachments=int(issue.picture))
    return tally


def _named(site: Site, path: str, key: str, wanted: list[dict[str, str]]) -> tuple[dict[str, int], int]:
    """Ids by name, and how many had to be made."""
    there = {item[key] for item in site.api("GET", path).json()}
    missing = [item for item in wanted if item[key] not in there]
    for item in missing:
        site.api("POST", path, json=item)
    # Asked for again: the answer to a new label does not tell its id.
    return {item[key]: item["id"] for item in site.api("GET", path).json()}, len(missing)


def _write(
    site: Site,
    repository: plan.Repository,
    base: str,
    issue: plan.Issue,
    labels: dict[str, int],
    milestones: dict[str, int],
) -> int:
    """The new issue's number."""
    fields: dict[str, str] = {"title": issue.title, "content": issue.body}
    if issue.picture:
        file = {"file": ("screenshot.png", picture(repository.full_name + issue.title), "image/png")}
        fields["files"] = site.form(issue.poster, "/issues/attachments", {}, files=file).json()["uuid"]
    answer = site.form(issue.poster, f"/{repository.full_name}/issues/new", fields)
    index = int(answer.headers["Location"].rsplit("/", 1)[-1])
    # Not everybody who reports something may sort it; the administrator does.
    if issue.labels:
        site.api("POST", f"{base}/issues/{index}/labels", json={"labels": [labels[name] for name in issue.labels]})
    if issue.milestone:
        site.api("PATCH", f"{base}/issues/{index}", json={"milestone": milestones[issue.milestone]})
    return index


def _discuss(site: Site, repository: plan.Repository, base: str, issue: plan.Issue, index: int) -> int:
    if not issue.comments:
        return 0
    there = {comment["body"] for comment in site.api("GET", f"{base}/issues/{index}/comments").json()}
    missing = [(person, text) for person, text in issue.comments if text not in there]
    for person, text in missing:
        site.form(person, f"/{repository.full_name}/issues/{index}/comments", {"content": text})
    return len(missing)
