"""Labels, milestones, and issues with pictures and comments. Each person writes issues and comments through the forms of the site."""

from collections import Counter

from demo import plan
from demo.pictures import draw_picture
from demo.site import Site


def create_issues(site: Site, repository: plan.Repository, base: str) -> Counter[str]:
    """Create the missing labels, milestones, issues and comments of a repository.

    `base` is the path of the repository in the API. The result has the number of items of each kind, and in `created` how many are new.
    """
    labels, new_labels = _create_named(
        site, f"{base}/labels", "name", [{"name": name, "color": color} for name, color in plan.LABELS.items()]
    )
    milestones, new_milestones = _create_named(
        site,
        f"{base}/milestones",
        "title",
        [{"title": title, "description": text} for title, text in plan.MILESTONES.items()],
    )
    tally = Counter(labels=len(labels), milestones=len(milestones), created=new_labels + new_milestones)
    existing = {
        issue["title"]: issue
        for state in ("open", "closed")
        for issue in site.list_items(f"{base}/issues?state={state}")
    }
    for issue in repository.issues:
        found = existing.get(issue.title)
        if not found:
            index = _write_issue(site, repository, base, issue, labels, milestones)
            tally["created"] += 1
        else:
            index = found["number"]
        tally["created"] += _write_comments(site, repository, base, issue, index)
        if issue.closed and not (found and found["state"] == "closed"):
            site.call_api("PATCH", f"{base}/issues/{index}", json={"state": "closed"})
        tally += Counter(issues=1, comments=len(issue.comments), attachments=int(issue.picture))
    return tally


def _create_named(site: Site, path: str, key: str, wanted: list[dict[str, str]]) -> tuple[dict[str, int], int]:
    """Create the missing labels or milestones, and return the ids of all by name and how many are new."""
    existing = {item[key] for item in site.call_api("GET", path).json()}
    missing = [item for item in wanted if item[key] not in existing]
    for item in missing:
        site.call_api("POST", path, json=item)
    # A second request is necessary, because the response to the creation of a label has no id.
    return {item[key]: item["id"] for item in site.call_api("GET", path).json()}, len(missing)


def _write_issue(
    site: Site,
    repository: plan.Repository,
    base: str,
    issue: plan.Issue,
    labels: dict[str, int],
    milestones: dict[str, int],
) -> int:
    """Write a new issue and return its number."""
    fields: dict[str, str] = {"title": issue.title, "content": issue.body}
    if issue.picture:
        file = {"file": ("screenshot.png", draw_picture(repository.full_name + issue.title), "image/png")}
        fields["files"] = site.post_form(issue.poster, "/issues/attachments", {}, files=file).json()["uuid"]
    response = site.post_form(issue.poster, f"/{repository.full_name}/issues/new", fields)
    index = int(response.headers["Location"].rsplit("/", 1)[-1])
    # The author of an issue may not be allowed to set labels and milestones, so the administrator sets them.
    if issue.labels:
        site.call_api("POST", f"{base}/issues/{index}/labels", json={"labels": [labels[name] for name in issue.labels]})
    if issue.milestone:
        site.call_api("PATCH", f"{base}/issues/{index}", json={"milestone": milestones[issue.milestone]})
    return index


def _write_comments(site: Site, repository: plan.Repository, base: str, issue: plan.Issue, index: int) -> int:
    """Write the missing comments of an issue and return their number."""
    if not issue.comments:
        return 0
    existing = {comment["body"] for comment in site.call_api("GET", f"{base}/issues/{index}/comments").json()}
    missing = [(person, text) for person, text in issue.comments if text not in existing]
    for person, text in missing:
        site.post_form(person, f"/{repository.full_name}/issues/{index}/comments", {"content": text})
    return len(missing)
