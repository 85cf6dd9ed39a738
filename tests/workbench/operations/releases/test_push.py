"""Built services become a release: the same bytes for the same files, nothing twice, and no mistake goes through."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest

from tests.workbench.operations.releases.small import COMMIT, CREATED, SERVICES, Bucket, built, program
from workbench.errors import OperatorError
from workbench.operations.releases.manifest import id_of, parsed
from workbench.operations.releases.packing import pack
from workbench.operations.releases.push import PushPlan, plan_push, push


def planned(folder: Path, bucket: Bucket) -> PushPlan:
    return plan_push(
        folder, stack="staging", platform="shop", commit=COMMIT, created=CREATED, services=SERVICES, bucket=bucket
    )


def ignore(_line: str) -> None:
    pass


def test_same_files_make_the_same_release_whenever_and_wherever_they_were_built(tmp_path: Path) -> None:
    first, second = built(tmp_path / "one"), built(tmp_path / "elsewhere")
    for path in second.rglob("*"):
        os.utime(path, (1, 1))
    (second / "web" / "server.js").chmod(0o600)
    assert planned(first, Bucket()).manifest == planned(second, Bucket()).manifest
    (second / "web" / "server.js").chmod(0o700)
    assert planned(first, Bucket()).manifest.id != planned(second, Bucket()).manifest.id


def test_artefact_is_sorted_and_has_neither_owners_nor_times(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "b.js").write_text("b")
    (tmp_path / "a.js").symlink_to("lib/b.js")
    program(tmp_path / "start")
    content = pack(tmp_path, program="start").content
    assert content[4:8] == b"\0\0\0\0"
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(content))) as archive:
        members = archive.getmembers()
    assert [(each.name, each.mode) for each in members] == [
        ("a.js", 0o777),
        ("lib", 0o755),
        ("lib/b.js", 0o644),
        ("start", 0o755),
    ]
    assert {(each.uid, each.gid, each.mtime, each.uname) for each in members} == {(0, 0, 0, "")}


def test_manifest_is_written_last_and_names_what_is_there(tmp_path: Path) -> None:
    bucket, plan = Bucket(), planned(built(tmp_path, web="1", worker="2"), Bucket())
    push(plan, bucket, ignore)
    assert list(bucket.objects)[-1] == f"releases/{plan.manifest.id}.json"
    content = bucket.objects[plan.manifest.key]
    assert id_of(content) == plan.manifest.id
    assert parsed(content, release=plan.manifest.id, where="x") == plan.manifest
    assert {artefact.key for artefact in plan.manifest.artefacts.values()} < bucket.objects.keys()
    assert plan.manifest.migration_names == ("20261101_init",)


def test_pushing_again_has_nothing_to_do_and_an_interrupted_push_goes_on(tmp_path: Path) -> None:
    folder, bucket = built(tmp_path, web="1", worker="2"), Bucket()
    bucket.fails_after = 2
    with pytest.raises(KeyboardInterrupt):
        push(planned(folder, bucket), bucket, ignore)
    bucket.fails_after = None
    rest = planned(folder, bucket)
    assert (rest.missing, rest.is_there) == (("search", "migrations"), False)
    push(rest, bucket, ignore)
    again = planned(folder, bucket)
    assert (again.missing, again.is_there) == ((), True)
    assert again.lines()[-1] == "shop-releases has it already; there is nothing to do."


def test_ready_archives_are_taken_as_they_are(tmp_path: Path) -> None:
    folder = built(tmp_path / "dirs")
    wanted = planned(folder, Bucket()).manifest
    ready = tmp_path / "ready"
    ready.mkdir()
    for name, packed in planned(folder, Bucket()).parts.items():
        (ready / f"{name}.tar.gz").write_bytes(packed.content)
    with pytest.raises(OperatorError, match=r"migrations.txt: missing; migrations.tar.gz needs it"):
        planned(ready, Bucket())
    (ready / "migrations.txt").write_text("20261101_init\n")
    assert planned(ready, Bucket()).manifest == wanted


def test_what_is_missing_unknown_twice_or_cannot_start_is_refused_in_words(tmp_path: Path) -> None:
    folder = built(tmp_path)
    (folder / "web" / "start").chmod(0o644)
    with pytest.raises(OperatorError, match=r"/web: has no executable start, with which it is started$"):
        planned(folder, Bucket())
    (folder / "web" / "start").chmod(0o755)
    (folder / "strange").mkdir()
    with pytest.raises(OperatorError, match=r"came strange; allowed: web, worker, search, migrations$"):
        planned(folder, Bucket())
    (folder / "strange").rmdir()
    (folder / "web.tar.gz").write_bytes(b"")
    with pytest.raises(OperatorError, match=r"came web and web.tar.gz; allowed: one of the two$"):
        planned(folder, Bucket())
    (folder / "web.tar.gz").rename(tmp_path.parent / "search.tar.gz")
    (folder / "search" / "start").unlink()
    (folder / "search" / "server.js").unlink()
    (folder / "search").rmdir()
    with pytest.raises(OperatorError, match=r"search: missing; a release holds all 3 services"):
        planned(folder, Bucket())
    (tmp_path.parent / "search.tar.gz").rename(folder / "search.tar.gz")
    with pytest.raises(OperatorError, match=r"search.tar.gz: is no .tar.gz: "):
        planned(folder, Bucket())
