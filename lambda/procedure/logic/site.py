"""Would the site serve its users on the target as it does on the source? Evaluates what `cutover-site check` found around its Gogs."""

from collections.abc import Mapping
from typing import Any

RESYNC = (
    "give each of them a folder `hooks` of its own, run `gogs admin resync-hooks --config=/opt/gogs/custom/conf/app.ini` as git,"
    " which writes the hooks but makes none executable, then chmod 755 them"
)


def problems(facts: Mapping[str, Any]) -> list[str]:
    """Return reasons against going on. A fact that is missing is one."""
    unknown = [
        f"{name} are not known (run the playbook: its cutover-site is older)"
        for key, name in (
            ("hooks", "the hooks of its repositories"),
            ("identity", "its settings for sign-in by a header"),
            ("home", "the files in the home of the user git"),
        )
        if key not in facts
    ]
    hooks = [str(problem) for problem in facts.get("hooks") or []]
    if hooks:
        hooks[-1] += f": {RESYNC}"
    others = [str(problem) for key in ("identity", "home") if (problem := (facts.get(key) or {}).get("problem"))]
    return unknown + hooks + others


def warnings(facts: Mapping[str, Any]) -> list[str]:
    """Return what changes for users, though nothing is lost."""
    identity = facts.get("identity") or {}
    if not identity.get("enabled"):
        return []
    senders = ", ".join(map(str, identity.get("senders") or []))
    return [
        "the site signs users in by a header, which the front deletes from every request, on the source and on the targets; "
        + (
            f"a proxy in front of it still sends one: {senders}"
            if senders
            else "nobody has sent one since it was started"
        )
    ]
