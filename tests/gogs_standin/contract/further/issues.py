"""Record two writers of one issue number, and lists of more than one page."""

from __future__ import annotations

import threading

import requests
from tests.gogs_standin.contract.further.world import World
from tests.waiting import wait_until


def record_two_writers_of_an_issue(world: World) -> None:
    """Record the response to the second of two writers: the first has inserted its row, and commits while the second waits."""
    site, name = world.site, "issue that another writer was quicker with"
    got: list[requests.Response] = []
    address = f"{site.url}/api/v1/repos/alice/app/issues"

    def write() -> None:
        got.append(requests.post(address, headers=world.alice, json={"title": "late"}, timeout=30))

    waits = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
    with site.locked_issue(1, 1):
        writer = threading.Thread(target=write)
        writer.start()
        wait_until(lambda: bool(site.sql(waits)))
    writer.join(30)
    site.record(name, status=got[0].status_code, body=got[0].json())
    rows = site.sql("SELECT `index`, name FROM issue ORDER BY id")
    counted = site.sql("SELECT num_issues FROM repository WHERE id = 1")
    site.record(f"{name}: rows", rows=[list(row) for row in rows], counted=int(str(counted[0][0])))
    site.sql("DELETE FROM issue")


def record_lists(world: World) -> None:
    """Record the pages of a list of 25 issues, and two searches for repositories."""
    site = world.site
    for number in range(25):
        world.create("POST", "/repos/alice/app/issues", world.alice, {"title": f"Issue {number}"})
    for page in (1, 2, 3, 4):
        response = requests.get(
            f"{site.url}/api/v1/repos/alice/app/issues?page={page}", headers=world.alice, timeout=30
        )
        # Which issues are on a page depends on the second in which each was made.
        link, shown = response.headers.get("Link"), len(response.json())
        site.record(f"issues: page {page}", status=response.status_code, link=link, issues=shown)
    for query in ("q=a&limit=1", "q=app"):
        response = requests.get(f"{site.url}/api/v1/repos/search?{query}", timeout=30)
        site.record(
            f"repositories: search {query}",
            status=response.status_code,
            link=response.headers.get("Link"),
            found=len(response.json()["data"]),
        )
