"""Record the sign-in, pushes and API calls of a user with a second factor."""

from __future__ import annotations

import requests
from tests.gogs_standin.contract.further.site import LFS_TYPE, PASSWORD
from tests.gogs_standin.contract.further.world import World


def record_second_factor(world: World) -> None:
    """Record a sign-in with a recovery code, and what a password alone can no longer do."""
    site = world.site
    site.sql(
        "INSERT INTO two_factor (user_id, secret, created_unix) SELECT id, 'c2VjcmV0', 1 FROM user WHERE name = 'bob'",
        "INSERT INTO two_factor_recovery_code (user_id, code, is_used) SELECT id, 'abcde-fghij', 0 FROM user WHERE name = 'bob'",
    )
    browser = requests.Session()
    login = "/user/login"
    site.record_request("second factor: page without a password", "GET", f"{login}/two_factor", session=browser)
    site.record_request(
        "second factor: sign-in", "POST", login, session=browser, data=world.sign_in_form(browser, "bob")
    )
    site.record_request("second factor: page", "GET", f"{login}/two_factor", session=browser)
    site.record_request("second factor: nobody yet", "GET", "/user/settings", session=browser)
    site.record_request(
        "second factor: page of the recovery codes", "GET", f"{login}/two_factor_recovery_code", session=browser
    )
    code = {"_csrf": world.read_csrf(browser), "recovery_code": "wrong"}
    site.record_request(
        "second factor: wrong recovery code",
        "POST",
        f"{login}/two_factor_recovery_code",
        session=browser,
        data=code,
    )
    code = {"_csrf": world.read_csrf(browser), "recovery_code": "abcde-fghij"}
    site.record_request(
        "second factor: recovery code", "POST", f"{login}/two_factor_recovery_code", session=browser, data=code
    )
    site.record_request("second factor: signed in", "GET", "/user/settings", session=browser)
    again = requests.Session()
    again.post(site.url + login, data=world.sign_in_form(again, "bob"), allow_redirects=False, timeout=30)
    code = {"_csrf": world.read_csrf(again), "recovery_code": "abcde-fghij"}
    site.record_request(
        "second factor: used recovery code", "POST", f"{login}/two_factor_recovery_code", session=again, data=code
    )
    world.create("PUT", "/repos/alice/app/collaborators/bob", world.alice, {"permission": "write"})
    site.record_command(
        "second factor: push by password", ["git", "push", "-q", world.git_url("bob"), "master:x"], cwd=world.tree
    )
    token = world.bob["Authorization"].split()[1]
    url = site.url.replace("://", f"://{token}:x@") + "/alice/app.git"
    site.record_command("second factor: push by token", ["git", "push", "-q", url, "master:x"], cwd=world.tree)
    refs = "/alice/app.git/info/refs?service=git-receive-pack"
    site.record_request("second factor: refs by password", "GET", refs, auth=("bob", PASSWORD))
    batch = {"operation": "download", "transfers": ["basic"], "objects": []}
    lfs = {"Accept": LFS_TYPE, "Content-Type": LFS_TYPE}
    path = "/alice/app.git/info/lfs/objects/batch"
    site.record_request("second factor: lfs by password", "POST", path, headers=lfs, json=batch, auth=("bob", PASSWORD))
    site.record_request("second factor: lfs by token", "POST", path, headers=lfs, json=batch, auth=(token, "x"))
    response = requests.post(
        f"{site.url}/api/v1/users/bob/tokens", auth=("bob", PASSWORD), json={"name": "n"}, timeout=30
    )
    site.record("second factor: token by password", status=response.status_code)
    site.record_request("second factor: api by token", "GET", "/api/v1/user", headers=world.bob)
