"""Run what a launched replica does by itself, as root, after its start. Every stage is a check of the report.

TEST:    disk -> EFS scratch tree, live schemas -> scratch schemas, the application on both, acceptance.
CUTOVER: disk -> EFS live tree in bulk; the application stays off.

Both run only for a run that is not over. The provider's launch settings keep the tags of the last run, so a replica that a
person launches has them too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from cutover_site import service
from cutover_site.acceptance.results import CheckResult
from cutover_site.acceptance.runner import run_check, run_suite
from cutover_site.acceptance.session import SiteAddress
from cutover_site.application import load_behavior
from cutover_site.aws import permission
from cutover_site.configured_for import ConfiguredFor, write_configured_for
from cutover_site.database import scratch
from cutover_site.database.site_logins import read_target_application_login
from cutover_site.errors import Refused, SiteError
from cutover_site.files import data_roots, efs, rsync
from cutover_site.freeze import lease
from cutover_site.launch import continuation, database_copy, node_registration, site_secret
from cutover_site.launch.configuration import describe_target
from cutover_site.launch.report import Report
from cutover_site.launch.serve import open_proxy
from cutover_site.machine import Machine
from cutover_site.proxy import target_front

LOG = logging.getLogger(__name__)


def begin_report(machine: Machine) -> Report:
    """Return an empty report of this launch.

    Raises Refused on a machine that is no replica of a run, in particular on the source itself.
    """
    run_id, launch = continuation.get_run(machine), machine.tags.get("cutover:launch", "")
    if not machine.has_role("replica") or launch not in ("TEST", "CUTOVER") or not run_id:
        raise Refused(f"{machine.instance_id} is not a replica launched by a run (tags: {machine.tags})")
    return Report(run_id=run_id, instance_id=machine.instance_id, launch=launch)


def find_replica(machine: Machine) -> Machine | None:
    """Return this machine as the replica that its metadata show, where its disk shows another machine; None where they show none.

    A hybrid node is recognized by its hardware. If nothing distinguishes the hardware of the replica from the source's, the replica takes itself
    for the source, and has neither tags nor a role of its own.
    """
    found = machine.view_as_instance()
    try:
        return found if found is not None and begin_report(found) else None
    except Refused:
        return None


def explain_identity(machine: Machine, error: SiteError) -> str:
    """Return why this replica fails. `error`: what it takes itself for."""
    return (
        f"this replica does not know that it is a copy of {machine.named_node} ({error.reason}): the id of its hardware does not distinguish them;"
        f" run cutover-site own on {machine.named_node}, wait until the change of its disk is replicated, and deploy again"
    )


def run_stages(machine: Machine, report: Report) -> None:
    """Run the stages and add each to the report. Stop at the first stage that fails.

    A failed check is in the report; it raises nothing.
    """
    stages: list[tuple[str, Callable[[], object]]] = [
        ("identity", lambda: remove_source_state(machine)),
        # A person may have launched it, or it is late: the live tree may serve the site by now, or the scratch copy may belong to another run.
        ("run", lambda: permission.require_undecided(machine.record, report.run_id)),
        ("secret", lambda: site_secret.copy_to_target(machine)),
    ]
    if report.launch == "TEST":
        stages += [
            ("files", lambda: copy_files(machine, "scratch")),
            (
                "scratch database",
                lambda: scratch.copy(read_target_application_login(machine), machine.layout.application.database),
            ),
            ("configuration", lambda: reconfigure(machine)),
            ("start", lambda: service.start(machine.layout.application)),
        ]
    else:
        stages.append(("files", lambda: copy_files(machine, "live")))
    for name, stage in stages:
        result = run_check(name, stage)
        report.checks.append(result)
        if result.outcome == "fail":
            return
    if report.launch == "TEST":
        report.checks += run_acceptance(machine)


def remove_source_state(machine: Machine) -> None:
    """Stop the application, and remove what came with the source's disk: the identity, the freeze state, the lease, a hybrid node's registration.

    A copy of the source's database is stopped.
    """
    service.stop(machine.layout.application)
    machine.layout.configured_for.unlink(missing_ok=True)
    machine.layout.freeze_file.unlink(missing_ok=True)
    machine.layout.database_freeze_file.unlink(missing_ok=True)
    lease.disarm(machine.layout.root)
    node_registration.remove_node_registration(machine.layout)
    database_copy.stop_copy(machine)


def copy_files(machine: Machine, mode: efs.TargetMode) -> None:
    """Copy the disk's tree to EFS, as it was when it was replicated. Raises SiteError when the disk has no data of the site."""
    files = machine.layout.application.files
    efs.unbind(machine)
    data_roots.expose(machine.layout)
    required = machine.layout.shared / files.required
    if not required.is_dir() or not any(required.iterdir()):
        raise SiteError(
            f"{required} is empty on the replicated disk",
            next_action="look at the state of the replication at the provider",
        )
    report = rsync.mirror(files, f"{machine.layout.shared}/", f"{efs.mount_tree(machine, mode)}/")
    LOG.info("copied %d files, %d bytes to %s", report.transferred, report.bytes, mode)


def reconfigure(machine: Machine) -> None:
    """Configure the application for this machine, on the scratch copy. It removes the secrets of the source's settings from the disk."""
    settings = describe_target(machine, "scratch", background=False)
    behavior = load_behavior(machine.layout.application)
    behavior.check_replica(machine.layout, settings)
    efs.bind(machine, "scratch")
    behavior.configure(machine.layout, settings)
    write_configured_for(machine.layout, ConfiguredFor(machine.instance_id, "scratch", background=False))
    target_front.install(machine.layout)
    open_proxy(machine)


def run_acceptance(machine: Machine) -> list[CheckResult]:
    """Run the acceptance suite through this machine's own proxy, under the site's public name."""
    url = describe_target(machine, "scratch", background=False).site_url
    # This machine's proxy serves HTTP. TLS, if the site has a certificate, ends at the load balancer.
    local = url.replace("https://", "http://", 1)
    endpoints = {port.name: f"127.0.0.1:{port.number}" for port in machine.layout.application.tcp}
    behavior = load_behavior(machine.layout.application)
    address = SiteAddress(local, public_url=url, resolve="127.0.0.1", endpoints=endpoints)
    return run_suite(behavior.get_acceptance_suite(), behavior.open_acceptance_session(machine, address))
