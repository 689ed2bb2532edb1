"""What a launched replica does by itself, as root, once it runs. Every stage is a check of the report.

TEST:    disk -> EFS scratch tree, live schema -> scratch schema, Gogs on both, acceptance.
CUTOVER: disk -> EFS live tree in bulk; Gogs stays off.

Both only for a run that is not over. The provider's launch settings keep the tags of the last run: a replica that is launched by hand has them too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from cutover_site.acceptance.suite import CheckResult, accept, timed
from cutover_site.aws import permission
from cutover_site.database import scratch
from cutover_site.database.connections import target_application
from cutover_site.errors import NotConfigured, Refused, SiteError
from cutover_site.files import efs, rsync
from cutover_site.freeze import lease
from cutover_site.gogs import adoption, home, identity, service
from cutover_site.gogs.ini import parse
from cutover_site.gogs.service import ConfiguredFor
from cutover_site.launch.configuration import on_target
from cutover_site.launch.report import Report
from cutover_site.launch.serve import open_proxy
from cutover_site.launch.visit import prepare_visit
from cutover_site.layout import SSH_PORT
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)


def begin(machine: Machine) -> Report:
    """Raises Refused on a machine that is no launched replica of a run: above all on the source itself."""
    run_id, launch = machine.tags.get("cutover:run-id", ""), machine.tags.get("cutover:launch", "")
    if machine.role != "replica" or launch not in ("TEST", "CUTOVER") or not run_id:
        raise Refused(f"{machine.instance_id} is not a replica launched by a run (tags: {machine.tags})")
    return Report(run_id=run_id, instance_id=machine.instance_id, launch=launch)


def work(machine: Machine, report: Report) -> None:
    """Fills the report. Never raises for what a check found; stops at the first stage that fails."""
    stages: list[tuple[str, Callable[[], object]]] = [
        ("identity", lambda: forget_source(machine)),
        # Launched by hand, or late: the live tree is the site's by then, or the copy is another run's.
        ("run", lambda: permission.require_undecided(machine.record, report.run_id)),
    ]
    if report.launch == "TEST":
        stages += [
            ("files", lambda: bring_files(machine, "scratch")),
            (
                "scratch database",
                lambda: scratch.copy(target_application(machine), machine.layout.application.database),
            ),
            ("configuration", lambda: reconfigure(machine)),
            ("start", service.start),
        ]
    else:
        stages.append(("files", lambda: bring_files(machine, "live")))
    for name, stage in stages:
        result = timed(name, stage)
        report.checks.append(result)
        if result.outcome == "fail":
            return
    if report.launch == "TEST":
        report.checks += acceptance(machine)


def forget_source(machine: Machine) -> None:
    """Whatever the source was doing when its disk was copied, this machine does not do it."""
    service.stop()
    machine.layout.configured_for.unlink(missing_ok=True)
    machine.layout.freeze_file.unlink(missing_ok=True)
    lease.disarm(machine.layout.root)


def bring_files(machine: Machine, mode: efs.TargetMode) -> None:
    """The tree on EFS is as the disk was when it was replicated. Raises SiteError when the disk has nothing to bring."""
    efs.unbind(machine)
    if not any(machine.layout.repositories.iterdir()):
        raise SiteError(
            f"{machine.layout.repositories} is empty on the replicated disk",
            next_action="look at the state of the replication at the provider",
        )
    report = rsync.mirror(machine.layout.application.files, f"{machine.layout.shared}/", f"{efs.tree(machine, mode)}/")
    LOG.info("brought %d files, %d bytes to %s", report.transferred, report.bytes, mode)


def reconfigure(machine: Machine) -> None:
    """Gogs of this machine, on the scratch copy, may start. The secrets of the source's app.ini leave the disk."""
    instance = on_target(machine, "scratch", background=False)
    replicated = adoption.read(machine.layout)
    kept = adoption.secret_key(replicated) if replicated else ""
    if kept and kept != instance.secret_key:
        raise NotConfigured(
            "SECRET_KEY of the replicated app.ini is not the one in the site's secret: second factors would be lost",
            next_action="write the source's SECRET_KEY into the site's secret",
        )
    efs.bind(machine, "scratch")
    service.prepare_folders(machine.layout, machine.instance_id)
    home.restore(machine.layout, instance.home)
    identity.require_deletion(machine.layout, parse(instance.inherited))
    service.write_app_ini(machine.layout, instance, volatile=True)
    service.write_configured_for(machine.layout, ConfiguredFor(machine.instance_id, "scratch", background=False))
    open_proxy(machine)


def acceptance(machine: Machine) -> list[CheckResult]:
    """Through this machine's own proxy, under the site's public name."""
    url = on_target(machine, "scratch", background=False).site_url
    # This machine's proxy speaks HTTP; TLS, if there is a certificate, ends at the load balancer.
    local = url.replace("https://", "http://", 1)
    return accept(prepare_visit(machine, url=local, resolve="127.0.0.1", ssh=f"127.0.0.1:{SSH_PORT}", public_url=url))
