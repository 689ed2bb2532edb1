"""Evaluate whether the source can be frozen and copied, from the facts of `cutover-site check` on its two machines."""

from collections.abc import Mapping
from typing import Any

from applications.profile import Profile

from procedure.logic import site

BINLOG_RETENTION_SECONDS = 86_400
LEAST_FREE_SHARE = 0.05
DATABASE_FACTS = (
    "prepared_transactions", "other_servers", "accounts_not_held", "target_refuses", "log_encodings", "unlogged_schemas",
)  # fmt: skip
"""facts that a supported server must report; an empty list is a fact, a missing key is not"""


def find_identity_problems(facts: Mapping[str, Any], *, node_id: str, role: str, site: str) -> list[str]:
    """Return reasons why this is not the machine that the settings describe. The others are not looked for then.

    A machine that `adopt` has prepared reports all its roles and its site. The demo's report their one role.
    """
    problems = []
    if (found := facts.get("instance_id")) != node_id:
        problems.append(f"the command reached a machine that is {found or 'not known'}, not {node_id}")
    roles = facts.get("roles") or [facts.get("role")]
    if role not in roles:
        named = " and ".join(str(one) for one in roles if one) or "no role"
        problems.append(
            f"it has {named}, not {role}: adopt it with --role {role}, or correct the node ids in migration.toml"
        )
    if (other := facts.get("site", site)) != site:
        problems.append(
            f"it is prepared for the site {other}, not for {site}: finish or release the migration of {other} first, or correct site.name"
        )
    return problems


def find_application_problems(
    facts: Mapping[str, Any], profile: Profile, ports: Mapping[str, int], path: str = ""
) -> list[str]:
    """Return reasons against going on. `ports`: numbers of the target's other ports by name. `path`: of the target's URL.

    A fact that is missing is one. The state of the application's unit has the application's name.
    """
    wanted = {"mode": "open", "freeze": "open", profile.name: "active", "proxy": "active", "health": "ok"}
    names = {
        "mode": "its proxy",
        "freeze": "its freeze state",
        profile.name: profile.title,
        "proxy": "HAProxy",
        "health": f"{profile.title}'s health",
    }
    problems = [
        f"{names[key]} is {facts.get(key, 'not known')!s:.200}, not {value}"
        for key, value in wanted.items()
        if facts.get(key) != value
    ]
    if (hold := facts.get("hold")) != "ok":
        unknown = "its cutover-site is older than this procedure: run the playbook"
        problems.append(f"its proxy cannot hold writes: {hold or unknown!s:.300}")
    if (delta := facts.get("delta", "its cutover-site is older than this procedure: run the playbook")) != "ok":
        problems.append(f"a replica cannot read its last file changes: {delta!s:.300}")
    problems += [*_find_port_problems(facts, ports), *_find_path_problems(facts, path)]
    return problems + site.find_problems(facts, profile.checks) + _list_full_disks(facts)


def _find_port_problems(facts: Mapping[str, Any], ports: Mapping[str, int]) -> list[str]:
    """Return each port for which the source's users type another number than the target has. `ports`: numbers of the target by name.

    The demo does not report its ports: its playbook has them from the same profile as the target.
    """
    of_users: Mapping[str, int] = facts.get("public_ports") or {}
    return [
        f"users reach the port {name} at {number}, and the target has {ports[name]}: set site.{name}_port = {number} in migration.toml"
        for name, number in of_users.items()
        if ports.get(name, number) not in (0, number)
    ]


def _find_path_problems(facts: Mapping[str, Any], path: str) -> list[str]:
    """Return the problem when the source's users type another path than the target has. The demo does not report its path."""
    of_users, of_target = (str(one).rstrip("/") for one in (facts.get("public_path", path), path))
    if of_users == of_target:
        return []
    return [
        f'users reach the site below the path {of_users or "/"}, and the target has {of_target or "/"}: set site.path = "{of_users}" in migration.toml'
    ]


def find_database_problems(facts: Mapping[str, Any]) -> list[str]:
    """Return reasons against going on, from the settings of the database server."""
    settings = facts.get("database")
    if not isinstance(settings, Mapping):
        return ["its database settings are not known"]
    problems = []
    for name, value in (("binlog_format", "ROW"), ("binlog_row_image", "FULL")):
        if str(settings.get(name)).upper() != value:
            problems.append(f"{name} is {settings.get(name)}, not {value}")
    problems += [
        f"{name} is {value}, which AWS DMS cannot read" for name, value in settings.get("log_encodings", {}).items()
    ]
    if unlogged := settings.get("unlogged_schemas"):
        problems.append(
            f"changes in schema {', '.join(unlogged)} are not written to the binary log: remove binlog_do_db and binlog_ignore_db"
            " from the server's settings, and restart it"
        )
    if not _is_on(settings.get("log_bin")):
        problems.append("it writes no binary log")
    if _is_on(settings.get("read_only", "1")):
        problems.append("it is read-only")
    if int(settings.get("server_id") or 0) < 1:
        problems.append("server_id is 0")
    if too_old := settings.get("too_old"):
        problems.append(str(too_old))
    problems += _check_service(settings)
    problems += _list_writers(settings)
    problems += [str(sentence) for sentence in settings.get("target_refuses", [])]
    if without := settings.get("tables_without_primary_key"):
        problems.append(f"tables without a primary key cannot be compared: {', '.join(without)}")
    return problems + _list_full_disks(facts)


def _check_service(settings: Mapping[str, Any]) -> list[str]:
    """Return the problems of a managed server, which its tool reports with what to do; of another one the retention of its binary log."""
    managed = settings.get("managed_problems")
    if managed is None:
        return _check_retention(settings.get("binlog_retention_seconds"))
    return [str(problem) for problem in managed]


def _check_retention(seconds: Any) -> list[str]:
    """Return the problem when the binary log is not kept long enough. 0 means without a limit, in MySQL and MariaDB."""
    if seconds is None:
        return ["how long it keeps the binary log is not known"]
    if 0 < int(seconds) < BINLOG_RETENTION_SECONDS:
        return [f"the binary log is kept for {seconds} s, {BINLOG_RETENTION_SECONDS} s are needed"]
    return []


def _list_writers(settings: Mapping[str, Any]) -> list[str]:
    """Return who could still write in the window."""
    problems = [
        f"{reason}, whose changes are written in spite of read_only" for reason in settings.get("other_servers", [])
    ]
    problems += [str(reason) for reason in settings.get("accounts_not_held", [])]
    if prepared := settings.get("prepared_transactions"):
        problems.append(
            f"prepared XA transactions are open ({', '.join(prepared)}): end each by XA COMMIT or XA ROLLBACK, XA RECOVER lists them"
        )
    return problems


def list_unknown_facts(facts: Mapping[str, Any]) -> list[str]:
    """Return the facts that the tool on the database server did not report, because it is older than this procedure."""
    settings = facts.get("database")
    if not isinstance(settings, Mapping) or settings.get("too_old"):
        return []  # `find_database_problems` names the reason
    unknown = [name for name in DATABASE_FACTS if name not in settings]
    return [f"{', '.join(unknown)} are not known (run the playbook: its cutover-site is older)"] if unknown else []


def list_database_warnings(facts: Mapping[str, Any]) -> list[str]:
    """Return warnings about what the run changes or does not carry over."""
    settings = facts.get("database", {})
    found = [str(sentence) for sentence in settings.get("target_changes", [])]
    if left := settings.get("not_carried"):
        found.append(
            "the source's database has what is not carried over, make it on the target if it is needed: "
            + "; ".join(map(str, left))
        )
    # Those of the server's own machine are its administrators'; nobody there expects to work in the window.
    if accounts := [name for name in settings.get("accounts_to_lock", []) if not str(name).endswith("@'localhost'")]:
        found.append(
            f"accounts that may write in spite of read_only are locked for the window: {', '.join(accounts)}."
            " If the site itself connects as one of them, its reads fail in the window too: give it an account with privileges on its schema only"
        )
    if routines := settings.get("definer_routines"):
        found.append(
            f"routines that write in spite of read_only, because they run with the privileges of their definer: {', '.join(routines)}. If one of"
            " them writes in the window, the run is rolled back: ALTER it to SQL SECURITY INVOKER, or make sure that nobody calls it"
        )
    if cascades := settings.get("cascades"):
        found.append(f"tables that foreign keys change are compared whole in the window: {', '.join(cascades)}")
    if settings.get("binlog_tool") == "":
        found.append(
            "the tool that reads its binary log (mysqlbinlog or mariadb-binlog) is not installed: written tables are compared whole"
        )
    return found


def _list_full_disks(facts: Mapping[str, Any]) -> list[str]:
    disks = facts.get("disks") or {}
    return [
        f"{path} has {use['free'] // 2**20} MiB left of {use['total'] // 2**20}"
        for path, use in disks.items()
        if use["free"] < use["total"] * LEAST_FREE_SHARE
    ]


def _is_on(value: Any) -> bool:
    return str(value).upper() in ("1", "ON", "TRUE")
