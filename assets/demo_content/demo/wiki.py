"""Creation of wiki pages."""

import re
from collections import Counter

from demo import plan
from demo.site import Site

PAGES = {
    "Home": "# Willkommen\n\nThis wiki has two pages.\n",
    "How to release": "1. tag\n2. push\n3. 祝う\n",
}


def create_wiki(site: Site, repository: plan.Repository) -> Counter[str]:
    """Create the missing wiki pages of a repository, and return what exists and what is new."""
    tally = Counter(wikis=1)
    path = f"/{repository.full_name}/wiki"
    for title, text in PAGES.items():
        listed = site.get_page(repository.pusher, f"{path}/_pages")
        if not re.search(rf'href="{path}/[^"]+">{re.escape(title)}<', listed):
            site.post_form(
                repository.pusher, f"{path}/_new", {"title": title, "content": text, "message": f"Write {title}"}
            )
            tally["created"] += 1
    return tally
