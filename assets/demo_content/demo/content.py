"""Everything of the plan, in an order that works: people, then repositories side by side, then forks."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from demo import forks, people, plan, repositories
from demo.site import Site

WORKERS = 4


def seed(site: Site) -> dict[str, int]:
    """How many of each kind there are, and `created`: how many of all were not there before."""
    site.open()
    try:
        tally = Counter(people.make(site))
        with ThreadPoolExecutor(WORKERS) as pool:
            # The slowest first, so that it is not the last one running.
            ordered = sorted(plan.REPOSITORIES, key=lambda repository: -repository.big_file_bytes)
            for part in pool.map(lambda repository: repositories.make(site, repository), ordered):
                tally += part
        for fork in plan.FORKS:
            tally += forks.make(site, fork)
    finally:
        site.close()
    return dict(sorted(tally.items())) | {"created": tally["created"]}
