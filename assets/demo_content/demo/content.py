"""Create the content of the plan: first the people, then the repositories in parallel, then the forks."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from demo import forks, people, plan, repositories
from demo.site import Site

WORKERS = 4


def seed_site(site: Site) -> dict[str, int]:
    """Create everything of the plan that the site does not have yet.

    Returns:
        The number of items of each kind, and in `created` how many of all items are new.
    """
    site.open()
    try:
        tally = Counter(people.create_people(site))
        with ThreadPoolExecutor(WORKERS) as pool:
            # The slowest repository starts first, so that the other workers do not wait for it at the end.
            ordered = sorted(plan.REPOSITORIES, key=lambda repository: -repository.big_file_bytes)
            for part in pool.map(lambda repository: repositories.create_repository(site, repository), ordered):
                tally += part
        for fork in plan.FORKS:
            tally += forks.create_fork(site, fork)
    finally:
        site.close()
    return dict(sorted(tally.items())) | {"created": tally["created"]}
