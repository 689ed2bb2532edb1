"""Look up every acknowledged write on the surviving site, by content."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import requests

from rehearsal.client.ledger import Operation
from rehearsal.client.site import Site, save_credentials

CONCURRENT_REQUESTS = 4
"""the site has at least two servers, and each request waits for one of them"""


@dataclass
class Lookup:
    """The number of acknowledged writes of each kind that were found, and one sentence for each that was not."""

    found: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)


def look_up(site: Site, repositories: dict[str, str], operations: Iterable[Operation]) -> Lookup:
    """Look up each acknowledged write. `repositories` returns the repository (owner/name) that each kind of operation wrote to."""
    writes = [operation for operation in operations if operation.acknowledged and operation.writes]
    pushed = sorted({repositories[write.kind] for write in writes if write.kind.startswith("push")})
    commits = {repository: _list_commits(site, repository) for repository in pushed}
    checks: dict[str, Callable[[str, dict[str, str]], bool]] = {
        "issue": lambda repository, wanted: _has_issue(site, repository, wanted),
        "comment": lambda repository, wanted: _has_comment(site, repository, wanted),
        "lfs": lambda repository, wanted: _has_lfs_object(site, repository, wanted),
        "attachment": lambda repository, wanted: _has_attachment(site, repository, wanted),
        "push": lambda repository, wanted: wanted["commit"] in commits[repository],
    }

    def find_problem(write: Operation) -> str | None:
        """Return why the write was not found, empty if nothing is known about it, or None if it was found."""
        check = checks["push" if write.kind.startswith("push") else write.kind]
        try:
            return None if check(repositories[write.kind], write.wanted) else ""
        except requests.RequestException as error:
            # Not there, or could not be asked for: neither may count as found.
            return str(error)

    result = Lookup()
    with ThreadPoolExecutor(CONCURRENT_REQUESTS) as pool:
        for write, problem in zip(writes, pool.map(find_problem, writes), strict=True):
            if problem is None:
                result.found[write.kind] += 1
            else:
                place = f"{write.kind} of {write.sent:.3f} in {repositories[write.kind]}"
                result.lost.append(f"{place}: {write.wanted} {problem}".rstrip())
    return result


def _list_commits(site: Site, repository: str) -> set[str]:
    assert site.account
    with tempfile.TemporaryDirectory() as folder:
        credentials = Path(folder) / "credentials"
        save_credentials(site.url, site.account, credentials)
        helper = f"credential.helper=store --file {credentials}"
        clone = Path(folder) / "clone"
        subprocess.run(
            ["git", "-c", helper, "clone", "-q", "--mirror", f"{site.url}/{repository}.git", str(clone)],
            check=True,
            timeout=300,
        )
        return set(subprocess.check_output(["git", "rev-list", "--all"], cwd=clone, text=True).split())


def _has_issue(site: Site, repository: str, wanted: dict[str, str]) -> bool:
    there = site.call_api("GET", f"/repos/{repository}/issues/{wanted['number']}")
    return (there["title"], there["body"]) == (wanted["title"], wanted["body"])


def _has_comment(site: Site, repository: str, wanted: dict[str, str]) -> bool:
    there = site.request("GET", f"/api/v1/repos/{repository}/issues/{wanted['number']}/comments").json()
    return wanted["body"] in [comment["body"] for comment in there]


def _has_lfs_object(site: Site, repository: str, wanted: dict[str, str]) -> bool:
    assert site.account
    there = site.request(
        "GET",
        f"/{repository}.git/info/lfs/objects/basic/{wanted['oid']}",
        auth=(site.account.name, site.account.password),
    )
    return there.status_code == requests.codes.ok and hashlib.sha256(there.content).hexdigest() == wanted["oid"]


def _has_attachment(site: Site, repository: str, wanted: dict[str, str]) -> bool:
    there = site.request("GET", f"/attachments/{wanted['uuid']}")
    listed = site.call_api("GET", f"/repos/{repository}/issues/{wanted['number']}")
    return hashlib.sha256(there.content).hexdigest() == wanted["sha256"] and listed["title"] == wanted["title"]
