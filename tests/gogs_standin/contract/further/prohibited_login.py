"""Record what a user whose login is prohibited can still do."""

from __future__ import annotations

import re

import requests
from tests.gogs_standin.contract.further.site import PASSWORD
from tests.gogs_standin.contract.further.world import World


def record_prohibited_login(world: World) -> None:
    """Record refused pages, tokens, clones and pushes."""
    site = world.site
    site.sql("DELETE FROM two_factor", "UPDATE user SET prohibit_login = 1 WHERE name = 'bob'")
    browser = requests.Session()
    site.record_request(
        "prohibited: sign-in", "POST", "/user/login", session=browser, data=world.sign_in_form(browser, "bob")
    )
    for name, path in (("home", "/"), ("settings", "/user/settings"), ("repository", "/alice/app")):
        site.record_request(f"prohibited: {name}", "GET", path, session=browser)
    page = browser.get(site.url + "/user/settings", timeout=30).text
    site.record("prohibited: page", says=bool(re.search("prohibited", page, re.IGNORECASE)))
    site.record_request("prohibited: api by token", "GET", "/api/v1/user", headers=world.bob)
    site.record_request(
        "prohibited: token by password",
        "POST",
        "/api/v1/users/bob/tokens",
        auth=("bob", PASSWORD),
        json={"name": "t"},
    )
    site.record_command("prohibited: clone by password", ["git", "clone", "-q", world.git_url("bob"), "prohibited"])
    site.record_command(
        "prohibited: clone of a private repository by password",
        ["git", "clone", "-q", world.git_url("bob", "secret"), "prohibited2"],
    )
    site.record_command(
        "prohibited: push by password", ["git", "push", "-q", world.git_url("bob"), "master:y"], cwd=world.tree
    )
    site.record_command(
        "prohibited: push by ssh",
        ["git", "push", "-q", world.ssh_url("app"), "master:z"],
        cwd=world.tree,
        env={"GIT_SSH_COMMAND": " ".join(world.ssh_command(world.folder / "bob"))},
    )
    site.sql("UPDATE user SET prohibit_login = 0 WHERE name = 'bob'")
