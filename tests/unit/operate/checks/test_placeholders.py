"""Values of the project's file that are placeholders are found before the deploy."""

from __future__ import annotations

from pathlib import Path

from settings import Settings

from operate.checks.placeholders import find_placeholders
from tests.unit.operate.checks.run import SETTINGS
from tests.unit.sources.tables import CONFIGURATION


def test_the_placeholders_of_the_projects_file_are_named_with_what_to_write(tmp_path: Path) -> None:
    digest, zone = find_placeholders(SETTINGS)

    assert digest.what.startswith("gogs.archive_sha256 is zeros")
    assert digest.next_action.endswith("gogs_0.14.3_linux_amd64.tar.gz | sha256sum")
    assert zone.what.startswith("site.hosted_zone is example.com, a reserved name")
    assert (digest.state, zone.state) == ("problem", "problem")
    text = CONFIGURATION.read_text().replace("0" * 64, "1" * 64)
    path = tmp_path / "site.toml"
    path.write_text(text.replace("example.com", "example.dev"))
    assert find_placeholders(Settings.load(path)) == []
    path.write_text(text.replace('# id = "Z0123456789ABCDEFGHIJ"', 'id = "Z0123456789ABCDEFGHIJ"'))
    assert find_placeholders(Settings.load(path)) == []
