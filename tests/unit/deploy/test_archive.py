"""A package is looked into before it is deployed, since Chalice succeeds with one that lacks a requirement."""

import marshal
import sys
import zipfile
from pathlib import Path

import pytest

from deploy import archive
from deploy.archive import BadPackage

REQUIREMENTS = "# what functions carry\nboto3==1.2.3\nPsycopg[binary]==3.0  # fast\n"
WHOLE = {
    "app.py": "",
    "chalicelib/bootstrap.py": "ONE = 1\n",
    "chalice/app.py": "",
    "boto3-1.2.3.dist-info/METADATA": "",
    "psycopg-3.0.dist-info/METADATA": "",
}


def package(path: Path, **changed: str | None) -> Path:
    files = {name: text for name, text in {**WHOLE, **changed}.items() if text is not None}
    with zipfile.ZipFile(path, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return path


def faults(path: Path, *, direct: bool = False) -> tuple[str, ...]:
    with pytest.raises(BadPackage) as refused:
        archive.check(path, REQUIREMENTS, direct=direct)
    return refused.value.faults


def test_a_whole_package_is_measured(tmp_path: Path) -> None:
    path = package(tmp_path / "a.zip")
    assert archive.check(path, REQUIREMENTS, direct=True) == archive.Size(path.stat().st_size, len("ONE = 1\n"))


def test_a_requirement_that_was_left_out_is_named(tmp_path: Path) -> None:
    path = package(tmp_path / "a.zip", **{"psycopg-3.0.dist-info/METADATA": None})
    assert faults(path) == ("the requirement psycopg==3.0 is missing: is there a wheel of it for this Python?",)


def test_another_version_of_a_requirement_is_named(tmp_path: Path) -> None:
    path = package(tmp_path / "a.zip", **{"boto3-1.2.3.dist-info/METADATA": None, "boto3-1.2.4.dist-info/METADATA": ""})
    assert faults(path) == ("boto3 is 1.2.4; required is 1.2.3",)


@pytest.mark.parametrize("name", ["tests/test_x.py", "local/house.py", "bench/api.py", "pip/__init__.py"])
def test_what_has_no_place_in_a_function_is_refused(tmp_path: Path, name: str) -> None:
    assert faults(package(tmp_path / "a.zip", **{name: ""})) == (f"1 files of {name.split('/', maxsplit=1)[0]}/",)


def test_a_package_without_the_application_is_refused(tmp_path: Path) -> None:
    assert faults(package(tmp_path / "a.zip", **{"app.py": None})) == ("app.py is missing",)


def test_a_package_too_large_for_lambda_is_refused(tmp_path: Path) -> None:
    path = package(tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr("big", b"\0" * (archive.MOST_UNPACKED_BYTES + 1))
    assert "Lambda takes" in faults(path)[0]


def test_a_package_too_large_for_a_request_may_come_from_a_bucket(tmp_path: Path) -> None:
    path = package(tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as made:
        made.writestr("big", b"\0" * archive.MOST_DIRECT_BYTES)
    assert "by the packaged road" in faults(path, direct=True)[0]
    assert archive.check(path, REQUIREMENTS, direct=False).packed > archive.MOST_DIRECT_BYTES


def test_bytecode_is_for_this_python_and_is_never_compared_with_its_source(tmp_path: Path) -> None:
    made = archive.compiled(package(tmp_path / "a.zip"), tmp_path / "b.zip")
    with zipfile.ZipFile(made) as found:
        bytecode = found.read(f"chalicelib/__pycache__/bootstrap.{sys.implementation.cache_tag}.pyc")
        assert set(WHOLE) <= set(found.namelist())
    assert int.from_bytes(bytecode[4:8], "little") == 1  # named by hash, and not checked: PEP 552
    code = marshal.loads(bytecode[16:])
    assert code.co_filename == "chalicelib/bootstrap.py"


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    one = archive.compiled(package(tmp_path / "a.zip"), tmp_path / "b.zip")
    other = archive.compiled(package(tmp_path / "c.zip"), tmp_path / "d.zip")
    assert one.read_bytes() == other.read_bytes()
    assert archive.digest(one) == archive.digest(other) != archive.digest(tmp_path / "a.zip")


def test_what_the_builder_does_besides_does_not_show_in_the_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "a_name_that_nothing_else_has"
    texts = {"chalicelib/bootstrap.py": f"def {name}(): pass\n"}
    one = archive.compiled(package(tmp_path / "a.zip", **texts), tmp_path / "b.zip").read_bytes()
    held = compile(f"{name} = 1", "", "exec")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "elsewhere"))
    assert archive.compiled(package(tmp_path / "c.zip", **texts), tmp_path / "d.zip").read_bytes() == one
    assert held.co_names == (name,)


def test_permissions_are_kept(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    with zipfile.ZipFile(archive.pack(tmp_path / "a.zip", [("bin/program", program)])) as made:
        assert made.getinfo("bin/program").external_attr >> 16 == 0o755
