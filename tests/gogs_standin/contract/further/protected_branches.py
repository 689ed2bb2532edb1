"""Record which pushes to a protected branch are refused."""

from __future__ import annotations

from tests.gogs_standin.contract.further.world import World


def record_protected_branches(world: World) -> None:
    """Record pushes with and without pull requests required, a whitelist, and force."""
    site = world.site
    site.sql(
        "INSERT INTO protect_branch (repo_id, name, protected, require_pull_request, enable_whitelist, whitelist_user_i_ds,"
        " whitelist_team_i_ds) VALUES (1, 'master', 1, 1, 0, '', '')"
    )
    world.commit("refused")
    url = world.git_url("alice")
    ssh = {"GIT_SSH_COMMAND": " ".join(world.ssh_command(world.key))}
    site.record_command("protected: push", ["git", "push", "-q", url, "master"], cwd=world.tree)
    site.record_command(
        "protected: push by ssh", ["git", "push", "-q", world.ssh_url("app"), "master"], cwd=world.tree, env=ssh
    )
    site.record_command("protected: push of another branch", ["git", "push", "-q", url, "master:free"], cwd=world.tree)
    site.record_command(
        "protected: delete, where pull requests are required", ["git", "push", "-q", url, ":master"], cwd=world.tree
    )
    site.sql("UPDATE protect_branch SET require_pull_request = 0, name = 'free'")
    site.record_command("protected: push without force", ["git", "push", "-q", url, "master:free"], cwd=world.tree)
    site.record_command("protected: delete", ["git", "push", "-q", url, ":free"], cwd=world.tree)
    site.record_command("protected: force push", ["git", "push", "-qf", url, "master~2:free"], cwd=world.tree)
    site.sql("UPDATE protect_branch SET require_pull_request = 1, enable_whitelist = 1, name = 'free'")
    world.commit("for the whitelist")
    site.record_command(
        "protected: push by one who is not in the whitelist",
        ["git", "push", "-q", url, "master:free"],
        cwd=world.tree,
    )
    site.sql(
        "INSERT INTO protect_branch_whitelist (protect_branch_id, repo_id, name, user_id) SELECT id, 1, 'free', 2 FROM protect_branch"
    )
    site.record_command(
        "protected: push by one who is in the whitelist", ["git", "push", "-q", url, "master:free"], cwd=world.tree
    )
    site.sql("UPDATE protect_branch SET protected = 0")
    site.record_command("protected: no more", ["git", "push", "-qf", url, "master~2:free"], cwd=world.tree)
    site.sql("UPDATE protect_branch SET protected = 1, enable_whitelist = 0, require_pull_request = 0, name = 'young'")
    site.record_command(
        "protected: a branch that is not there yet", ["git", "push", "-q", url, "master:young"], cwd=world.tree
    )
    site.sql("DELETE FROM protect_branch", "DELETE FROM protect_branch_whitelist")
    world.push("alice", "master")
