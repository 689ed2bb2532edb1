"""Which installation of Gogs the checks find, and how it must be started."""

from __future__ import annotations

from tests.unit.site.existing.gogs_site import GOGS_PID, READY, inspect, list_findings
from tests.unit.site.existing.server import UNIT, Server


def test_two_installations_are_refused_with_both_files(site: Server) -> None:
    site.install_unit(UNIT.replace("/home/git/gogs", "/opt/second"), "forge.service")
    (finding,) = list_findings(site)
    assert finding.check == "two-applications"
    assert f"{site.root}/opt/second/custom/conf/app.ini" in finding.what


def put_into_namespace(site: Server, pid: int) -> None:
    """Put a process into a PID namespace of its own."""
    for place, number in (("self", 1), (str(pid), 2)):
        (site.root / f"proc/{place}/ns").mkdir(parents=True)
        (site.root / f"proc/{place}/ns/pid").symlink_to(f"pid:[{number}]")


def test_a_container_is_refused_and_its_paths_are_not_read(site: Server) -> None:
    put_into_namespace(site, GOGS_PID)
    (site.root / "etc/systemd/system/gogs.service").unlink()
    (finding,) = list_findings(site)
    assert (finding.check, f"process {GOGS_PID}" in finding.what) == ("container", True)
    assert inspect(site).facts == {}


def test_a_container_is_recognized_by_its_control_group(site: Server) -> None:
    (site.root / f"proc/{GOGS_PID}/cgroup").write_text("0::/docker/1f\n")
    (site.root / "etc/systemd/system/gogs.service").unlink()
    assert [one.check for one in list_findings(site)] == ["container"]


def test_a_gogs_in_a_container_beside_that_of_the_machine_is_named(site: Server) -> None:
    site.start(90, "/app/gogs/gogs", "web", environment={}, folder="/app/gogs")
    put_into_namespace(site, 90)
    (finding,) = list_findings(site)
    assert finding.check == "two-applications"
    assert "/app/gogs/custom/conf/app.ini in a container" in finding.what


def test_a_gogs_that_a_person_started_is_refused(site: Server) -> None:
    (site.root / f"proc/{GOGS_PID}/cgroup").write_text("0::/user.slice/user@1000.service/app.slice/tmux.scope\n")
    (finding,) = list_findings(site)
    assert (finding.check, "was not started by a systemd unit" in finding.what) == ("unit", True)


def test_a_gogs_that_does_not_run_is_refused(server: Server) -> None:
    server.write("home/git/gogs/custom/conf/app.ini", READY)
    server.install_unit()
    assert "Gogs does not run (unit gogs.service)" in [one.what for one in list_findings(server)]


def test_a_gogs_of_root_is_refused(server: Server) -> None:
    server.write("home/git/gogs/custom/conf/app.ini", READY)
    server.install_unit(UNIT.replace("User=git\n", ""))
    assert "Gogs runs as root" in [one.what for one in list_findings(server)]


def test_an_app_ini_that_was_named_is_chosen(site: Server) -> None:
    other = site.write("opt/second/custom/conf/app.ini", READY.replace("{root}", "").replace("INSTALL_LOCK = true", ""))
    result = inspect(site, other)
    assert result.facts["app_ini"] == str(other)
    assert {"unit", "two-applications"} <= {one.check for one in result.findings}


def test_a_machine_without_gogs_has_no_installation(server: Server) -> None:
    assert not inspect(server).is_found
