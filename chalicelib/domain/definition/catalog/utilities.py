"""Utilities: values that other objects are made of.

Source: developer guide, "Utilities", and the EBS example of the EmrCluster page.
"""

from typing import Annotated

from chalicelib.domain.definition.catalog.component import Component
from chalicelib.domain.definition.catalog.slot import Facts, catalogued
from chalicelib.domain.values import Ref


@catalogued
class ShellScriptConfig(Component):
    """A script to run before or after an activity."""

    script_uri: Annotated[str | None, Facts("Address of the script.")] = None
    script_argument: Annotated[tuple[str, ...], Facts("Arguments of the script, in order.")] = ()


@catalogued
class EmrConfiguration(Component):
    """Configuration of one application of an EMR cluster."""

    classification: Annotated[str, Facts("What is configured, as in `core-site`.")]
    property: Annotated[tuple[Ref, ...], Facts("Settings.", to=("Property",))] = ()
    configuration: Annotated[tuple[Ref, ...], Facts("Configurations inside it.", to=("EmrConfiguration",))] = ()


@catalogued
class Property(Component):
    """One setting of an EmrConfiguration."""

    key: Annotated[str, Facts("Name of the setting.")]
    value: Annotated[str, Facts("Value of the setting.")]


@catalogued
class EbsConfiguration(Component):
    """Volumes of the machines of an EMR node group."""

    ebs_optimized: Annotated[bool | None, Facts("Whether the machines are EBS-optimized.")] = None
    ebs_block_device_config: Annotated[tuple[Ref, ...], Facts("The volumes.", to=("EbsBlockDeviceConfig",))] = ()


@catalogued
class EbsBlockDeviceConfig(Component):
    """Volumes of one kind."""

    volumes_per_instance: Annotated[int | None, Facts("Volumes of each machine.", least=1)] = None
    volume_specification: Annotated[Ref | None, Facts("What the volumes are.", to=("VolumeSpecification",))] = None


@catalogued
class VolumeSpecification(Component):
    """What an EBS volume is."""

    size_in_gb: Annotated[int | None, Facts("Size in GB.", wire="sizeInGB", least=1)] = None
    volume_type: Annotated[str | None, Facts("Volume type, as in `gp2`.")] = None
    iops: Annotated[int | None, Facts("I/O operations per second, for `io1`.", least=1)] = None
