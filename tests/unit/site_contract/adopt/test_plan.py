"""The plan of an adoption lists every change, and changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace

from applications.gogs.profile import PROFILE
from cutover_site.adopt.changes import FileChange, UnitChange
from cutover_site.layout import forget_site_file

from tests.unit.site.existing.server import Server
from tests.unit.site_contract.adopt.machine import IDENTITY, FakeUnits, create_adoption, read_everything


def test_the_record_of_a_machine_without_metadata_has_its_hardware(forge: Server, units: FakeUnits) -> None:
    changes, _ = create_adoption(forge, units).plan(replace(IDENTITY, hardware="uuid:1"), has_application=True)
    (record,) = [one for one in changes if isinstance(one, FileChange) and one.path.endswith("configured-for")]
    assert json.loads(record.content) == {
        "instance_id": "mi-0123456789abcdef0",
        "mode": "source",
        "background": True,
        "hardware": "uuid:1",
    }


def test_a_database_server_alone_gets_its_site_file_and_the_table_of_markers(forge: Server, units: FakeUnits) -> None:
    identity = type(IDENTITY)("forge", "us-east-1", "i-2", ("source-database",))
    changes, proposal = create_adoption(forge, units).plan(identity, has_application=False)
    assert proposal is None
    assert [change.name for change in changes] == [
        "/etc/cutover/site.json",
        "/var/lib/cutover/configured-for",
        "table cutover.marker",
    ]


def test_the_plan_names_no_secret_and_changes_nothing(forge: Server, units: FakeUnits) -> None:
    before = read_everything(forge.root)
    changes, _proposal = create_adoption(forge, units).plan(IDENTITY, has_application=True)
    assert "key-of-the-site" not in repr(changes)
    (settings,) = [one for one in changes if isinstance(one, FileChange) and one.is_settings]
    assert "[server] HTTP_PORT = (default)" in settings.before
    assert "3001" in settings.after
    assert all(change.why and change.before and change.after for change in changes)
    assert sum(isinstance(change, UnitChange) for change in changes) == 7 + 4
    assert read_everything(forge.root) == before
    assert PROFILE.title == "Gogs"
    forget_site_file()
