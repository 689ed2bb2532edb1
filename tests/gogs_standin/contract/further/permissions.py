"""Record how reads and pushes without permission are refused over HTTP."""

from __future__ import annotations

from tests.gogs_standin.contract.further.site import PASSWORD
from tests.gogs_standin.contract.further.world import World


def record_permissions(world: World) -> None:
    """Record refused pushes of a reader, and references without credentials or with wrong ones."""
    site = world.site
    private = site.sql("SELECT last_repo_visibility FROM user WHERE name = 'alice'")
    site.record("user who made a private repository", last_repo_visibility=int(str(private[0][0])))
    url = world.git_url("bob")
    site.record_command("push by a reader", ["git", "push", "-q", url, "master:x"], cwd=world.tree)
    site.record_command(
        "push by a reader, of nothing that is there",
        ["git", "push", "-q", world.git_url("bob", "secret"), "master:x"],
        cwd=world.tree,
    )
    refs, auth = "/alice/app.git/info/refs", ("alice", PASSWORD)
    site.record_request("refs without a service", "GET", refs)
    site.record_request("refs of an unknown service", "GET", f"{refs}?service=git-foo")
    site.record_request("refs of a private repository without a service", "GET", "/alice/secret.git/info/refs")
    site.record_request(
        "refs of a private repository, anonymous", "GET", "/alice/secret.git/info/refs?service=git-upload-pack"
    )
    site.record_request("refs to push, anonymous", "GET", f"{refs}?service=git-receive-pack")
    site.record_request(
        "refs to push, wrong password", "GET", f"{refs}?service=git-receive-pack", auth=("alice", "wrong")
    )
    site.record_request("refs to push, reader", "GET", f"{refs}?service=git-receive-pack", auth=("bob", PASSWORD))
    site.record_request(
        "refs of an unknown repository", "GET", "/alice/nothing.git/info/refs?service=git-upload-pack", auth=auth
    )
    site.record_request("pack of the wrong type", "POST", "/alice/app.git/git-upload-pack", data=b"0000")
