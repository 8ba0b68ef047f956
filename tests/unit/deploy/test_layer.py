"""The layer with PyAV: wheels that the runtime can load, a version for each content, and none left behind."""

import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from deploy import archive, layer
from deploy.archive import BadPackage
from deploy.site import Site


def package(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name in names:
            made.writestr(name, name)
    return path


def site() -> Site:
    def client(service: str) -> Any:
        return boto3.client(service, region_name="us-east-1")

    found = Site("qa", "123456789012", "aws", "us-east-1", embedded=False, client=client)
    client("s3").create_bucket(Bucket=found.code_bucket)
    return found


def test_an_old_runtime_gets_wheels_for_its_old_libraries() -> None:
    assert layer.wheels((3, 11)).requirement == "av==14.2.0"
    assert "manylinux_2_28_x86_64" not in layer.wheels((3, 11)).platforms
    assert layer.wheels((3, 13)).requirement == "av==18.1.0"
    assert "manylinux_2_28_x86_64" in layer.wheels((3, 13)).platforms


def test_a_layer_without_the_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPackage, match="PyAV is missing"):
        layer.checked(package(tmp_path / "a.zip", "python/other.py"))


def test_a_layer_that_leaves_no_room_is_refused(tmp_path: Path) -> None:
    path = package(tmp_path / "a.zip", "python/av/__init__.py")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr("python/big", b"\0" * (archive.MOST_UNPACKED_BYTES - layer.MOST_BESIDE_BYTES))
    with pytest.raises(BadPackage, match="beside the package there is room for"):
        layer.checked(path)


@mock_aws
def test_the_same_content_is_published_once(tmp_path: Path) -> None:
    qa = site()
    assert layer.newest(qa) is None
    first = layer.publish(qa, package(tmp_path / "a.zip", "python/av/__init__.py"))
    assert layer.publish(qa, tmp_path / "a.zip") == first == layer.newest(qa)
    second = layer.publish(qa, package(tmp_path / "b.zip", "python/av/__init__.py", "python/more"))
    assert second == layer.newest(qa) != first


@mock_aws
def test_every_version_is_taken_away(tmp_path: Path) -> None:
    qa = site()
    layer.publish(qa, package(tmp_path / "a.zip", "python/av/__init__.py"))
    layer.publish(qa, package(tmp_path / "b.zip", "python/av/__init__.py", "python/more"))
    assert len(list(layer.remove(qa))) == 2
    assert layer.newest(qa) is None
