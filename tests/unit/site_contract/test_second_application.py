"""The tool on a machine of a second application: its folders, its schemas, its image, its proxy. The tests use a temporary root."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
import yaml
from applications.profile import InvalidProfile, Port, Profile
from cutover_site.aws.run_record import Decision
from cutover_site.cli import build_parser
from cutover_site.database import labels, schema
from cutover_site.errors import NotConfigured
from cutover_site.files import changes, digest, rsync
from cutover_site.files.entries import list_entries
from cutover_site.files.survey import Reader, survey
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.attempts import AttemptLimits
from cutover_site.health import find_problem
from cutover_site.launch import image
from cutover_site.layout import Layout
from cutover_site.proxy.forwarding import Address, render_configuration
from cutover_site.proxy.hold import Held
from cutover_site.system.processes import Process
from cutover_site.verbs import ALL
from cutover_site.verbs.files import has_content

from tests.second_application import NAME, second_application

FREEZE = "cutover_site.freeze.application_server"
ROLE = Path(__file__).parents[3] / "assets/ansible/roles/reverse_proxy"


@pytest.fixture
def profile() -> Iterator[Profile]:
    with second_application() as found:
        yield found


@pytest.fixture
def layout(tmp_path: Path, profile: Profile) -> Layout:
    """The layout of a machine that is provisioned for the application, with a picture."""
    found = Layout(tmp_path)
    found.site_file.parent.mkdir(parents=True)
    found.site_file.write_text(
        json.dumps({"site": "s", "region": "eu-west-1", "role": "source-app", "application": NAME})
    )
    assert found.application is profile
    (found.shared / "pictures").mkdir(parents=True)
    (found.shared / "pictures/a.png").write_bytes(b"picture")
    return found


def test_the_data_root_of_the_second_application_is_compared_and_copied(
    layout: Layout, profile: Profile, tmp_path: Path
) -> None:
    live = tmp_path / "live"
    moment = changes.Moment.read_before_now()
    rsync.mirror(profile.files, f"{layout.shared}/", f"{live}/")
    assert digest.digest_files(profile.files, layout.shared) == digest.digest_files(profile.files, live)
    assert set(digest.digest_files(profile.files, live)) == {"pictures", "other"}
    assert has_content(profile.files, live)
    assert not has_content(profile.files, tmp_path / "nothing")
    assert digest.digest_refs(profile.files, live) == {}
    assert {path for path, _ in list_entries(profile.files, live, ["*"])} == {"pictures", "pictures/a.png"}

    (layout.shared / "pictures/b.png").write_bytes(b"another")
    changed = changes.parse_listing(changes.list_changes(profile.files, layout.shared, moment))
    rsync.mirror_changes(profile.files, f"{layout.shared}/", f"{live}/", changed)
    report = rsync.mirror_rewritten(profile.files, f"{layout.shared}/", f"{live}/")
    assert report.changed == report.deleted == []
    assert digest.digest_changes(profile.files, layout.shared, changed) == digest.digest_changes(
        profile.files, live, changed
    )
    assert survey(profile.files, layout.shared, Reader.from_owner(profile.owner)).files == 2


def test_the_listing_of_the_delta_uses_the_application_of_the_machine(layout: Layout, tmp_path: Path) -> None:
    """`cutover-delta` runs it without a Machine."""
    moment = changes.Moment.read_before_now()
    command = [sys.executable, "-S", "-m", "cutover_site.files.changes", str(layout.shared), str(moment)]
    library = Path(changes.__file__).parents[2]
    done = subprocess.run(command, env={"PYTHONPATH": str(library)}, capture_output=True, check=True, cwd=tmp_path)
    assert b"pictures/a.png" in done.stdout


def test_tables_of_both_schemas_have_different_labels(profile: Profile) -> None:
    database = profile.database
    assert [database.format_label("tiny_content", "page"), database.format_label("tiny_users", "mail")] == [
        "page",
        "tiny_users.mail",
    ]
    assert labels.group_by_schema(database, ["page", "tiny_users.mail", "with.dot"]) == {
        "tiny_content": {"page": "page", "with.dot": "with.dot"},
        "tiny_users": {"mail": "tiny_users.mail"},
    }
    assert database.scratch_schemas == ("tiny_content_scratch", "tiny_users_scratch")


def test_the_target_user_gets_access_to_both_schemas_and_their_copies(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(schema, "execute", lambda _connection, statement, _values=(): done.append(statement))
    schema.grant_access(None, profile.database, "tiny", "secret")  # type: ignore[arg-type]
    granted = [statement.split("`")[1] for statement in done if "ALL PRIVILEGES" in statement]
    assert granted == ["tiny_content", "tiny_users", "tiny_content_scratch", "tiny_users_scratch"]


def test_secrets_and_data_of_the_second_application_are_found_in_an_image(layout: Layout) -> None:
    for path in (layout.root / "etc/tiny/settings.json", layout.home / "token"):
        path.parent.mkdir(parents=True)
        path.touch()
    remaining = {str(path.relative_to(layout.root)) for path in image.find_remains(layout)}
    assert remaining == {"etc/tiny/settings.json", "srv/tiny/uploads/pictures", "var/lib/tiny/token"}


@pytest.fixture
def units(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the systemd commands of the application's behavior."""
    commands: list[str] = []
    doing = {
        verb: lambda unit, verb=verb: commands.append(f"{verb} {unit}")
        for verb in ("enable", "disable", "start", "stop")
    }
    systemd = SimpleNamespace(is_active=lambda _unit: True, **doing)
    monkeypatch.setattr(importlib.import_module(profile.tool), "systemd", systemd)
    return commands


@pytest.fixture
def server(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> ApplicationServer:
    """Return the server of a frozen machine. Only systemd, HAProxy and the run record are fakes."""
    machine: Any = SimpleNamespace(
        layout=layout, record=SimpleNamespace(read=lambda: Decision("run-1", ""), report_held=lambda _run: True)
    )
    made = ApplicationServer(machine, require_writable_database=lambda _machine: None)
    made.modes = SimpleNamespace(switch=lambda _mode: None, read_stored=lambda: "frozen")  # type: ignore[assignment]
    made.runtime = SimpleNamespace(count_sessions=lambda _backend: 0, list_sessions=lambda _backends: {})  # type: ignore[assignment]
    made.hold = SimpleNamespace(set_bounds=lambda *_: None, count_held=Held)  # type: ignore[assignment]
    worker = Process(1, ("python3", "/opt/tiny/tiny.py", "work"), 3100, "/")
    monkeypatch.setattr(f"{FREEZE}.processes.end", lambda wanted: int(wanted(worker)))
    for name in ("arm", "disarm"):
        monkeypatch.setattr(f"cutover_site.freeze.lease.{name}", lambda *_: None)
    return made


def test_the_behavior_of_the_second_application_stops_and_resumes_its_writers(
    server: ApplicationServer, units: list[str]
) -> None:
    frozen = server.stop_source_writes("run-1", 600, AttemptLimits())
    assert (frozen["processes_ended"], frozen["background_stopped"], frozen["idle_sessions_closed"]) == (1, True, 0)
    assert units == ["disable tiny-worker.service", "stop tiny-worker.service"]
    units.clear()
    assert server.resume_source_writes("run-1") == {
        "mode": "open",
        "was": "frozen",
        "held": 0,
        "longest_hold_seconds": 0,
    }
    assert units == ["enable tiny-worker.service", "start tiny-worker.service"]


def test_the_facts_of_the_second_application_are_those_of_its_preflight_checks(
    server: ApplicationServer,
    profile: Profile,
    units: list[str],  # noqa: ARG001 (it replaces the real units)
) -> None:
    facts = server.behavior.check(server.machine)
    assert {check.fact for check in profile.checks} == facts.keys()


def test_the_proxy_of_the_second_application_has_only_the_http_port(profile: Profile) -> None:
    variables: dict[str, Any] = {
        **yaml.safe_load((ROLE / "defaults/main.yml").read_text()),
        "profile": profile.to_values(),
        "proxy_binds": {"http": ":80"},
        "proxy_upstreams": {"http": "127.0.0.1:9000"},
        "proxy_identity_headers": profile.proxy.identity_headers,
    }
    environment = jinja2.Environment(
        trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined, autoescape=False
    )
    shown = environment.from_string((ROLE / "templates/haproxy.cfg.j2").read_text()).render(variables)
    assert "ssh" not in shown.lower()
    assert "gogs" not in shown.lower()
    assert "uri /alive" in shown
    assert r'expect string "\"database\": true"' in shown
    forward = environment.from_string((ROLE / "templates/forward.cfg.j2").read_text()).render(
        profile=variables["profile"]
    )
    assert forward == render_configuration(None, {})
    assert "forward_ssh" not in render_configuration(Address.parse("host:80"), {})


def test_verbs_have_an_option_for_each_port_of_the_profile(profile: Profile) -> None:
    words = ["forward", "--run", "r1", "--http", "host:80"]
    assert build_parser(ALL, [port.name for port in profile.tcp]).parse_args(words).http == "host:80"
    with pytest.raises(SystemExit):
        build_parser(ALL, ["ssh"]).parse_args(words)


def test_an_application_without_a_profile_is_rejected(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.site_file.parent.mkdir(parents=True)
    layout.site_file.write_text('{"application": "other"}')
    with pytest.raises(NotConfigured, match="application 'other' is not known; known: gogs"):
        _ = layout.application


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"units": ()}, "units names no unit"),
        ({"ports": ()}, "not exactly one public port for HTTP"),
        ({"ports": (Port("http", 8080, "http", 1, "HTTP", "Http"),)}, "the port for HTTP is 8080, expected 80"),
        (
            {"ports": (Port("http", 80, "http", 1, "", "A"), Port("a", 80, "tcp", 2, "", "B"))},
            "two ports have the same number",
        ),
    ],
)
def test_an_inconsistent_profile_is_rejected(profile: Profile, change: dict[str, Any], reason: str) -> None:
    members = {**SimpleNamespace(**vars(profile)).__dict__, **change}
    with pytest.raises(InvalidProfile, match=f"profile tiny: .*{reason}"):
        Profile(**members)


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [(200, '{"database": true}', ""), (200, "{}", "does not contain"), (503, "", "/alive answered 503")],
)
def test_the_health_check_expects_the_body_of_the_profile(
    profile: Profile, status: int, body: str, problem: str
) -> None:
    found = find_problem(profile, status, body)
    assert problem in found
    assert bool(found) == bool(problem)
