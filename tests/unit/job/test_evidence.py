"""The evidence can be written to a file and read from it."""

import json
from pathlib import Path

from rehearsal.client.overlap import Overlap
from rehearsal.job.comparison import Comparison
from rehearsal.job.evidence import Evidence
from rehearsal.job.secrecy import Secrecy
from rehearsal.job.secrecy.audit import Finding, Searched


def test_the_file_contains_every_part_of_the_evidence(tmp_path: Path) -> None:
    # Given evidence with counts and findings of all kinds
    comparison = Comparison(rows=3)
    comparison.add_newer("issue rows", 2)
    comparison.add_file("data/avatars")
    secrecy = Secrecy(places={"S3": Searched(1, 2)}, findings=[Finding("S3", "a.zip", "password", "plain")])
    Evidence(comparison=comparison, secrecy=secrecy, overlap=Overlap(1, 2, 3.0)).save(tmp_path / "evidence.json")
    # Then a reader of the file finds them
    read = json.loads((tmp_path / "evidence.json").read_text())
    assert read["comparison"]["since_commit"] == {"issue rows": 2}
    assert read["comparison"]["files"] == {"data/avatars": 1}
    assert read["secrecy"]["places"] == {"S3": {"items": 1, "bytes": 2}}
    assert read["secrecy"]["findings"][0]["secret"] == "password"
    assert read["overlap"] == {"source": 1, "target": 2, "apart": 3.0}
