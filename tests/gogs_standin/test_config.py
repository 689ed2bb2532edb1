"""The stand-in reads app.ini as Gogs 0.14 does."""

from __future__ import annotations

from pathlib import Path

import pytest
from gogs_standin.config.config import Config, ConfigError, load
from gogs_standin.config.ini import Ini
from gogs_standin.store.dsn import build_arguments


def _load(tmp_path: Path, text: str, **environ: str) -> Config:
    file = tmp_path / "app.ini"
    file.write_text(text)
    return load(str(file), Path("/opt/gogs/gogs"), {"HOME": "/home/git", **environ})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("plain", "plain"),
        ("with # and ; inside", "with # and ; inside"),
        ("`kept; as $it is`", "kept; as  is"),
        ('"quoted"', "quoted"),
        ("${SECRET}", "p$w#d"),
        ("$SECRET!", "p$w#d!"),
        ("a literal $dollar is destroyed", "a literal  is destroyed"),
        ("%(OTHER)s/x", "other/x"),
    ],
)
def test_a_value_is_read_as_gogs_reads_it(written: str, read: str) -> None:
    ini = Ini({"SECRET": "p$w#d"})
    ini.read(f"[s]\nOTHER = other\nKEY = {written}\n")
    assert ini.get("s", "KEY") == read


def test_setting_names_of_old_releases_are_ignored(tmp_path: Path) -> None:
    """Since release 0.13 DB_TYPE, PASSWD and ROOT_URL have no effect, and the default of TYPE is postgres."""
    config = _load(tmp_path, "[database]\nDB_TYPE = mysql\nPASSWD = x\n[server]\nROOT_URL = http://old/\n")
    assert (config.database_type, config.database_password, config.host) == ("postgres", "", "localhost")
    with pytest.raises(ConfigError, match="postgres"):
        build_arguments(config)


def test_paths_are_relative_to_the_work_directory_and_sessions_to_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = _load(tmp_path, "[session]\nPROVIDER_CONFIG = s\n", GOGS_WORK_DIR="/work")
    assert (config.app_data, config.lfs_objects) == (Path("/work/data"), Path("/work/data/lfs-objects"))
    assert config.session_path == tmp_path / "s"


def test_an_invalid_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"app.ini: line 2 .*nonsense"):
        _load(tmp_path, "[server]\nnonsense\n")


def test_a_database_name_can_contain_the_tls_parameter(tmp_path: Path) -> None:
    text = "[database]\nTYPE = mysql\nHOST = db:3307\nNAME = gogs?tls={}\n"
    assert build_arguments(_load(tmp_path, text.format("false")))["ssl_disabled"] is True
    found = build_arguments(_load(tmp_path, text.format("true")))
    assert (found["host"], found["port"], found["database"]) == ("db", 3307, "gogs")
    assert found["ssl"].check_hostname
    assert not build_arguments(_load(tmp_path, text.format("preferred")))["ssl"].check_hostname
    with pytest.raises(ConfigError, match="tls=sometimes"):
        build_arguments(_load(tmp_path, text.format("sometimes")))


def test_the_repr_of_the_settings_contains_no_secret(tmp_path: Path) -> None:
    config = _load(tmp_path, "[database]\nPASSWORD = hush\n[security]\nSECRET_KEY = quiet\n")
    assert not {"hush", "quiet"} & set(repr(config).replace("'", " ").split())
