"""The audit names a leak without its value, and reports every place that it did not search."""

import gzip
import io
import lzma
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.errors import RehearsalError
from rehearsal.job.secrecy import Secrecy, search_places
from rehearsal.job.secrecy.allowed import Allowance
from rehearsal.job.secrecy.places import Item, Place, make_text_item, read_journals, read_processes, read_tree
from rehearsal.job.secrecy.search import CHUNK, PROCESSORS

VALUE = "f3a1c0ffee-secret"


def sources() -> Iterator[tuple[str, str]]:
    yield "site: password", VALUE


def control() -> Iterator[Item]:
    return make_text_item("the disk", VALUE)


def run_audit(place: Place, *exceptions: Allowance) -> Secrecy:
    return search_places({"site": sources}, {"logs": place}, control=control, exceptions=exceptions)


def test_a_place_without_a_leak_is_counted() -> None:
    result = run_audit(lambda: make_text_item("log", "nothing"))
    assert (result.findings, result.unsearched, result.secrets) == ([], [], ["site: password"])
    assert (result.places["logs"].items, result.places["logs"].bytes) == (1, 7)


def test_a_leak_is_named_without_its_value() -> None:
    result = run_audit(lambda: make_text_item("log", f"password={VALUE}"))
    assert [str(one) for one in result.findings] == ["site: password (plain) in logs: log"]
    assert VALUE not in repr(result)


def test_an_allowed_finding_is_listed_separately() -> None:
    result = run_audit(lambda: make_text_item("log", VALUE), Allowance("logs", "l*", "site: *", "a reason"))
    assert (result.findings, len(result.allowed)) == ([], 1)
    assert (
        len(run_audit(lambda: make_text_item("other", VALUE), Allowance("logs", "l*", "site: *", "a reason")).findings)
        == 1
    )


def test_an_unreadable_place_is_reported_and_its_findings_are_kept() -> None:
    def place() -> Iterator[Item]:
        yield from make_text_item("log", VALUE)
        raise PermissionError("denied")

    result = run_audit(place)
    assert result.unsearched == ["logs after 1 items: PermissionError: denied"]
    assert len(result.findings) == 1


def test_an_empty_place_is_reported_as_not_searched() -> None:
    assert run_audit(lambda: iter(())).unsearched == ["logs: there is nothing in it"]


def test_secrets_that_are_unavailable_or_not_searchable_are_reported() -> None:
    def broken() -> Iterator[tuple[str, str]]:
        raise FileNotFoundError("app.ini")

    result = search_places(
        {"a": broken, "b": list, "c": lambda: [("pin", "1234")], "d": sources},
        {"logs": lambda: make_text_item("log", "")},
        control=control,
    )
    assert result.unsearched == [
        "the secrets of a: FileNotFoundError: app.ini",
        "the secrets of b: there are none",
        "pin is too short, or has several lines: it cannot be searched for",
    ]


@pytest.mark.parametrize("found", ["nothing", None])
def test_a_failed_control_search_is_reported(found: str | None) -> None:
    def place() -> Iterator[Item]:
        if found is None:
            raise FileNotFoundError("disk")
        return make_text_item("the disk", found)

    result = search_places({"site": sources}, {"logs": lambda: make_text_item("log", "x")}, control=place)
    assert len(result.unsearched) == 1
    assert result.unsearched[0].startswith("anything: ")


def test_the_control_is_read_only_as_far_as_the_first_value() -> None:
    read = []

    def control() -> Iterator[Item]:
        def read_pieces() -> Iterator[bytes]:
            for number in range(PROCESSORS + 3):
                read.append(number)
                yield VALUE.encode().ljust(CHUNK, b".")

        yield Item("the disk", read_pieces())

    result = search_places({"site": sources}, {"logs": lambda: make_text_item("log", "x")}, control=control)
    assert result.unsearched == []
    assert len(read) < PROCESSORS + 3


def test_an_empty_control_is_reported() -> None:
    result = search_places({"site": sources}, {"logs": lambda: make_text_item("log", "x")}, control=lambda: iter(()))
    assert result.unsearched == ["anything: there is nothing to show by that the search works"]


def test_a_missing_folder_is_reported_as_not_searched(tmp_path: Path) -> None:
    (reason,) = run_audit(lambda: read_tree(tmp_path / "cdk.out")).unsearched
    assert "FileNotFoundError" in reason


def test_a_machine_that_does_not_run_is_reported_as_not_searched() -> None:
    def read(machine: str) -> str:
        if machine == "i-2":
            raise RehearsalError("i-2 does not run")
        return "quiet"

    result = run_audit(lambda: read_journals(["i-1", "i-2"], read))
    assert result.unsearched == ["logs after 1 items: RehearsalError: i-2 does not run"]


def test_a_secret_in_the_environment_of_a_process_is_found() -> None:
    # Given a process with a secret in its environment, and one that has ended
    pipe, environment = subprocess.PIPE, {"PASSWORD": VALUE}
    with subprocess.Popen(["cat"], stdin=pipe, stdout=pipe, env=environment, bufsize=0) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"?")
        assert process.stdout.read(1) == b"?"  # it runs
        result = run_audit(lambda: read_processes([process.pid, 1 << 30]))
        process.communicate()
    assert [one.item for one in result.findings] == [f"{process.pid} (cat)"]


def test_a_secret_in_an_archive_is_found(tmp_path: Path) -> None:
    # Given an asset whose compressed bytes do not show the secret
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("settings.py", f"PASSWORD = '{VALUE}'\n" * 20)
    (tmp_path / "asset.zip").write_bytes(archive.getvalue())
    result = run_audit(lambda: read_tree(tmp_path))
    assert [one.item for one in result.findings] == ["asset.zip!settings.py"]


def create_tar(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def test_a_secret_in_a_nested_archive_is_found(tmp_path: Path) -> None:
    # Given an asset that is an archive of a folder with a rotated log
    log = gzip.compress(f"PASSWORD = '{VALUE}'\n".encode() * 20)
    for name, packed in (
        ("a.tar.gz", gzip.compress(create_tar("log.gz", log))),
        ("b.tar.xz", lzma.compress(create_tar("log.gz", log))),
    ):
        (tmp_path / name).write_bytes(packed)
    result = run_audit(lambda: read_tree(tmp_path))
    assert [one.item for one in result.findings] == ["a.tar.gz!!log.gz!", "b.tar.xz!!log.gz!"]
    assert result.unsearched == []


def test_a_damaged_archive_is_reported_as_not_searched(tmp_path: Path) -> None:
    (tmp_path / "log.gz").write_bytes(gzip.compress(b"x" * 1000)[:-10])
    (reason,) = run_audit(lambda: read_tree(tmp_path)).unsearched
    assert reason.startswith("logs after 1 items: ")
