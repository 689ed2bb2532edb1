"""Record how deploy keys are added, listed, used and removed."""

from __future__ import annotations

from tests.gogs_standin.contract.further.world import World


def record_deploy_keys(world: World) -> None:
    """Record responses to a deploy key from its creation to a clone after its removal."""
    site, base = world.site, "/api/v1/repos/alice/app/keys"
    deploy = world.create_key("deploy")
    body = {"title": "server", "key": world.read_public_key(deploy)}
    site.record_request("deploy key: none", "GET", base, headers=world.alice)
    made = site.record_request("deploy key: add", "POST", base, headers=world.alice, json=body)
    site.record_request(
        "deploy key: add a user's key",
        "POST",
        base,
        headers=world.alice,
        json={"title": "x", "key": world.read_public_key(world.key)},
    )
    site.record_request(
        "deploy key: add a bad key",
        "POST",
        base,
        headers=world.alice,
        json={"title": "x", "key": "ssh-rsa nonsense"},
    )
    site.record_request("deploy key: by a reader", "POST", base, headers=world.bob, json=body)
    site.record_request("deploy key: list", "GET", base, headers=world.alice)
    number = made.json().get("id", 0) if made.status_code == 201 else 0
    site.record_request("deploy key: one", "GET", f"{base}/{number}", headers=world.alice)
    site.record_request("deploy key: unknown", "GET", f"{base}/99", headers=world.alice)
    world.create(
        "POST",
        "/user/repos",
        world.alice,
        {"name": "secret", "private": True, "auto_init": True, "readme": "Default"},
    )
    ssh = {"GIT_SSH_COMMAND": " ".join(world.ssh_command(deploy))}
    site.record_command("deploy key: clone", ["git", "clone", "-q", world.ssh_url("app"), "by-deploy-key"], env=ssh)
    site.record_command(
        "deploy key: push", ["git", "push", "-q", world.ssh_url("app"), "master:x"], cwd=world.tree, env=ssh
    )
    site.record_command(
        "deploy key: clone of another private repository",
        ["git", "clone", "-q", world.ssh_url("secret"), "none"],
        env=ssh,
    )
    site.record_request("deploy key: remove", "DELETE", f"{base}/{number}", headers=world.alice)
    site.record_command(
        "deploy key: clone after removal", ["git", "clone", "-q", world.ssh_url("app"), "gone"], env=ssh
    )
