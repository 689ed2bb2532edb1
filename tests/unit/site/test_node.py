"""Which node this machine is: a file on the disk proves nothing, because a replica has the same file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cutover_site import cli
from cutover_site.aws.metadata import Metadata
from cutover_site.configured_for import ConfiguredFor, read_configured_for, write_configured_for
from cutover_site.errors import NotConfigured, Refused
from cutover_site.files import delta_access
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.verbs import ALL

from tests.unit.site.dmi import NITRO, OPENSTACK, OTHER_VMWARE, VMWARE, XEN, write_dmi, write_interface
from tests.unit.site.fake_site import Request, Response, serving

HYBRID, INSTANCE, OTHER = "mi-0a1b2c3d4e5f60718", "i-0a1b2c3d4e5f60718", "i-0ffffffffffffffff"
BOTH = ["source-app", "source-database"]
NOBODY = "http://127.0.0.1:9"
"""an address at which nothing responds"""


def respond_as_ec2(method: str, path: str, _request: Request) -> Response:
    if method == "PUT":
        return Response(200, "token")
    document = {"instanceId": OTHER, "accountId": "123456789012", "region": "eu-west-1"}
    return {
        "/latest/meta-data/instance-id": Response(200, OTHER),
        "/latest/dynamic/instance-identity/document": Response(200, json.dumps(document)),
        "/latest/meta-data/tags/instance": Response(200, "cutover:role"),
        "/latest/meta-data/tags/instance/cutover:role": Response(200, "replica"),
    }.get(path, Response(404))


def respond_as_openstack(method: str, path: str, _request: Request) -> Response:
    """Nova's metadata service: names of EC2, neither a session token nor an identity document."""
    if method != "GET":
        return Response(405)
    return Response(200, "i-00000004") if path == "/latest/meta-data/instance-id" else Response(404)


@pytest.fixture
def ec2() -> Iterator[Metadata]:
    with serving(respond_as_ec2) as url:
        yield Metadata(url.replace("git.example.test", "127.0.0.1"))


@pytest.fixture
def openstack() -> Iterator[Metadata]:
    with serving(respond_as_openstack) as url:
        yield Metadata(url.replace("git.example.test", "127.0.0.1"))


@pytest.fixture
def nobody() -> Metadata:
    return Metadata(NOBODY)


def prepare(root: Path, node_id: str = HYBRID, roles: list[str] = BOTH, **more: Any) -> Layout:
    """Write site.json as `adopt` does. Empty `node_id`: as the demo's playbook does."""
    layout = Layout(root)
    layout.site_file.parent.mkdir(parents=True, exist_ok=True)
    named = {"node_id": node_id, "roles": roles} if node_id else {"role": roles[0]}
    layout.site_file.write_text(json.dumps({"site": "s", "region": "eu-west-1", **named, **more}))
    return layout


def record(layout: Layout, hardware: str, node_id: str = HYBRID) -> None:
    write_configured_for(layout, ConfiguredFor(node_id, "source", background=True, hardware=hardware))


def test_a_hybrid_node_is_what_its_file_names_and_needs_no_metadata(tmp_path: Path, nobody: Metadata) -> None:
    write_dmi(tmp_path, VMWARE)
    machine = Machine(prepare(tmp_path), nobody)
    assert (machine.instance_id, machine.roles, machine.tags) == (HYBRID, tuple(BOTH), {})
    machine.require_role("source-database")


@pytest.mark.parametrize("dmi", [NITRO, XEN, {}])
def test_a_replica_of_a_hybrid_node_is_the_instance_that_its_metadata_name(
    tmp_path: Path, ec2: Metadata, dmi: dict[str, str]
) -> None:
    write_dmi(tmp_path, dmi)
    layout = prepare(tmp_path)
    record(layout, f"uuid:{VMWARE['product_uuid']}")
    machine = Machine(layout, ec2)
    assert (machine.instance_id, machine.roles, machine.node.is_hybrid) == (OTHER, ("replica",), False)
    with pytest.raises(Refused, match="is replica, this only runs on source-app"):
        machine.require_role("source-app")
    assert cli.main(ALL, ["guard"], Machine(layout, ec2)) == 1


@pytest.mark.parametrize("dmi", [NITRO, XEN])
def test_a_replica_whose_metadata_are_blocked_is_nobody(tmp_path: Path, nobody: Metadata, dmi: dict[str, str]) -> None:
    """The firewall of the source is on the replica's disk too. The unit fails, and systemd starts it again."""
    write_dmi(tmp_path, dmi)
    layout = prepare(tmp_path)
    record(layout, f"uuid:{VMWARE['product_uuid']}")
    assert cli.main(ALL, ["guard"], Machine(layout, nobody)) == 255
    with pytest.raises(NotConfigured, match="instance metadata"):
        _ = Machine(layout, nobody).instance_id


def test_a_machine_of_openstack_is_no_instance_of_ec2(tmp_path: Path, openstack: Metadata) -> None:
    write_dmi(tmp_path, OPENSTACK)
    assert Machine(prepare(tmp_path), openstack).instance_id == HYBRID
    assert not openstack.has_identity_document()


def test_a_clone_of_a_hybrid_node_is_refused(tmp_path: Path, nobody: Metadata) -> None:
    write_dmi(tmp_path, OTHER_VMWARE)
    layout = prepare(tmp_path)
    record(layout, f"uuid:{VMWARE['product_uuid']}")
    with pytest.raises(Refused, match=f"copy of {HYBRID}"):
        _ = Machine(layout, nobody).instance_id
    assert cli.main(ALL, ["guard"], Machine(layout, nobody)) == 1


def test_a_hybrid_node_with_new_hardware_is_claimed_again(tmp_path: Path, nobody: Metadata) -> None:
    write_dmi(tmp_path, OTHER_VMWARE)
    layout = prepare(tmp_path)
    record(layout, f"uuid:{VMWARE['product_uuid']}")
    assert cli.main(ALL, ["own"], Machine(layout, nobody)) == 0
    assert cli.main(ALL, ["guard"], Machine(layout, nobody)) == 0


def test_without_dmi_data_the_claimed_addresses_decide(
    tmp_path: Path, nobody: Metadata, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = prepare(tmp_path)
    write_interface(tmp_path, "eth0", "52:54:00:00:00:01")
    with pytest.raises(NotConfigured, match=r"not known.*nobody has claimed"):
        _ = Machine(layout, nobody).instance_id
    assert cli.main(ALL, ["own"], Machine(layout, nobody)) == 0
    owner = read_configured_for(layout)
    assert owner is not None
    assert (owner.instance_id, owner.hardware) == (HYBRID, "mac:52:54:00:00:00:01")
    assert Machine(layout, nobody).instance_id == HYBRID
    (tmp_path / "sys/class/net/eth0/address").write_text("52:54:00:99:99:99\n")
    with pytest.raises(Refused, match="copy of"):
        _ = Machine(layout, nobody).instance_id
    capsys.readouterr()


def test_a_machine_that_nothing_distinguishes_from_its_copy_is_not_claimed(tmp_path: Path, nobody: Metadata) -> None:
    with pytest.raises(Refused, match="nothing distinguishes"):
        Machine(prepare(tmp_path), nobody).claim_source()


@pytest.mark.parametrize("dmi", [NITRO, XEN, {}])
@pytest.mark.parametrize("named", [HYBRID, INSTANCE])
def test_an_instance_that_the_file_does_not_name_is_not_claimed(
    tmp_path: Path, ec2: Metadata, named: str, dmi: dict[str, str]
) -> None:
    write_dmi(tmp_path, dmi)
    layout = prepare(tmp_path, named)
    with pytest.raises(Refused, match=f"EC2 instance {OTHER}, and site.json names {named}"):
        Machine(layout, ec2).claim_source()
    assert read_configured_for(layout) is None


def test_a_source_instance_has_the_roles_of_its_file_without_a_tag(tmp_path: Path, ec2: Metadata) -> None:
    machine = Machine(prepare(tmp_path, OTHER), ec2)
    assert machine.roles == tuple(BOTH)
    assert machine.name == f"source-app and source-database {OTHER}"
    assert machine.claim_source() == ConfiguredFor(OTHER, "source", background=True)


def test_a_copy_of_a_source_instance_is_never_the_source(
    tmp_path: Path, ec2: Metadata, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = prepare(tmp_path, INSTANCE)
    assert Machine(layout, ec2).roles == ("replica",)
    monkeypatch.setattr(Metadata, "read_tags", lambda _: {"cutover:role": "source-app"})
    with pytest.raises(Refused, match=f"{OTHER} is not {INSTANCE}, which site.json names"):
        Machine(layout, ec2).require_role("source-app")


def test_the_demos_machines_have_the_role_of_their_tag(tmp_path: Path, ec2: Metadata) -> None:
    machine = Machine(prepare(tmp_path, "", ["source-app"]), ec2)
    assert (machine.instance_id, machine.roles) == (OTHER, ("replica",))
    layout = prepare(tmp_path, "", ["source-app"])
    assert cli.main(ALL, ["own"], Machine(layout, ec2)) == 0
    assert json.loads(layout.configured_for.read_text()) == {"instance_id": OTHER, "mode": "source", "background": True}


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ({"node_id": HYBRID, "roles": []}, "roles"),
        ({"node_id": HYBRID, "roles": "source-app"}, "roles"),
        ({"node_id": HYBRID, "roles": ["source-app", "source-app"]}, "roles"),
        ({"node_id": HYBRID, "roles": ["target"]}, "role 'target'"),
        ({"node_id": "server-1", "roles": BOTH}, "node_id 'server-1'"),
        ({"node_id": "mi-0a1b", "roles": BOTH}, "node_id 'mi-0a1b'"),
        ({"roles": BOTH}, "node_id beside roles"),
        ({"node_id": HYBRID}, "'role'"),
    ],
)
def test_a_wrong_node_or_role_is_one_sentence(tmp_path: Path, named: dict[str, Any], problem: str) -> None:
    layout = prepare(tmp_path)
    layout.site_file.write_text(json.dumps({"site": "s", "region": "eu-west-1", **named}))
    with pytest.raises(NotConfigured, match=problem):
        _ = Machine(layout).config


def test_schemas_are_not_made_in_the_target_of_another_site(
    tmp_path: Path, nobody: Metadata, capsys: pytest.CaptureFixture[str]
) -> None:
    write_dmi(tmp_path, VMWARE)
    machine = Machine(prepare(tmp_path), nobody)
    assert cli.main(ALL, ["prepare-target-database", "--site", "wiki"], machine) == 1
    result = json.loads(capsys.readouterr().out)
    assert "this machine is prepared for the site s, not for wiki" in result["reason"]
    assert "release the migration of s first" in result["next"]


def test_schemas_are_not_made_for_a_replication_of_another_schema(
    tmp_path: Path, nobody: Metadata, capsys: pytest.CaptureFixture[str]
) -> None:
    write_dmi(tmp_path, VMWARE)
    machine = Machine(prepare(tmp_path), nobody)
    assert cli.main(ALL, ["prepare-target-database", "--primary-schema", "forge"], machine) == 1
    result = json.loads(capsys.readouterr().out)
    assert "has the schema gogs, but migration.toml has forge" in result["reason"]
    assert 'schema = "gogs"' in result["next"]


@pytest.mark.parametrize(("peer", "expected"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("", "")])
def test_a_hybrid_node_reports_the_address_that_its_routes_to_the_replica_begin_with(
    tmp_path: Path, nobody: Metadata, peer: str, expected: str
) -> None:
    write_dmi(tmp_path, VMWARE)
    machine = Machine(prepare(tmp_path), nobody)
    machine.layout.home.mkdir(parents=True)
    (tmp_path / "etc/ssh").mkdir(parents=True)
    (tmp_path / "etc/ssh/ssh_host_ed25519_key.pub").write_text("ssh-ed25519 AAAA host\n")
    key = "ssh-ed25519 " + "A" * 68
    machine.replication = {}
    assert delta_access.allow(machine, key, peer)["address"] == expected


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_keys_behind_a_link_to_a_file_of_another_user_are_neither_read_nor_written(
    tmp_path: Path, nobody: Metadata
) -> None:
    write_dmi(tmp_path, VMWARE)
    machine = Machine(prepare(tmp_path), nobody)
    # Given a link that the user of the application has made
    folder, secret = machine.layout.home / ".ssh", tmp_path / "shadow"
    folder.mkdir(parents=True)
    os.chown(machine.layout.home, 1234, 1234)
    secret.write_text("root:secret\n")
    (folder / "authorized_keys").symlink_to(secret)

    with pytest.raises(Refused, match="belongs to another user"):
        delta_access.allow(machine, "ssh-ed25519 " + "A" * 68)
    delta_access.remove_key(machine.layout)

    assert (folder / "authorized_keys").is_symlink()
    assert secret.read_text() == "root:secret\n"
