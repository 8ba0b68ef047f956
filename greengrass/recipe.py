"""The component's recipe, and what the format demands of any.

Numbers of the configuration are written as text: Greengrass may turn them into floats.
Source  AWS IoT Greengrass V2 developer guide, "Component recipe reference"
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

FORMAT = "2020-01-25"
NAME = "com.penstock.Inference"
ARCHIVE = "penstock-inference.pyz"
CONFIGURATION: Mapping[str, str] = {
    "endpoint": "",
    "port": "8883",
    "authority": "/greengrass/v2/rootCA.pem",
    "certificate": "/greengrass/v2/thingCert.crt",
    "key": "/greengrass/v2/privKey.key",
    "topic": "penstock/results",
    "items": "/var/lib/penstock/items",
    "model": "http://127.0.0.1:8080/invocations",
    "content-type": "application/json",
}
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
_NAME = re.compile(r"[a-zA-Z0-9-_.]{1,128}")
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_STAGES = frozenset(("Setenv", "install", "run", "startup", "shutdown", "recover", "bootstrap"))
_KEYS = frozenset(
    (
        "RecipeFormatVersion",
        "ComponentName",
        "ComponentVersion",
        "ComponentDescription",
        "ComponentPublisher",
        "ComponentConfiguration",
        "ComponentDependencies",
        "ComponentType",
        "Manifests",
    )
)
_REQUIRED = ("RecipeFormatVersion", "ComponentName", "ComponentVersion", "Manifests")


def recipe(version: str, folder: str) -> Mapping[str, Any]:
    """The recipe of a version whose archive lies under the s3:// address `folder`."""
    options = " ".join(f"--{name} '{{configuration:/{name}}}'" for name in CONFIGURATION)
    run = f"python3 -u '{{artifacts:path}}/{ARCHIVE}' --device '{{iot:thingName}}' {options}"
    return {
        "RecipeFormatVersion": FORMAT,
        "ComponentName": NAME,
        "ComponentVersion": version,
        "ComponentDescription": "Asks a model about items at the edge and publishes results to an MQTT topic.",
        "ComponentPublisher": "Penstock",
        "ComponentConfiguration": {"DefaultConfiguration": dict(CONFIGURATION)},
        "ComponentDependencies": {
            "aws.greengrass.Nucleus": {"VersionRequirement": ">=2.6.0", "DependencyType": "SOFT"}
        },
        "Manifests": [
            {
                "Platform": {"os": "linux"},
                "Lifecycle": {"run": {"Script": run}},
                "Artifacts": [
                    {
                        "Uri": f"{folder.rstrip('/')}/{NAME}/{version}/{ARCHIVE}",
                        "Unarchive": "NONE",
                        "Permission": {"Read": "ALL", "Execute": "ALL"},
                    }
                ],
            }
        ],
    }


def faults(given: Mapping[str, Any]) -> list[str]:
    """What the format does not allow; nothing for a recipe that Greengrass takes."""
    missing = [f"{key} is missing" for key in _REQUIRED if not given.get(key)]
    unknown = [f"{key} is unknown" for key in given if key not in _KEYS]
    return [
        *missing,
        *unknown,
        *_identity(given),
        *(fault for one in given.get("Manifests", ()) for fault in _one(one, given)),
    ]


def _identity(given: Mapping[str, Any]) -> Iterator[str]:
    if given.get("RecipeFormatVersion") != FORMAT:
        yield f"RecipeFormatVersion is not {FORMAT}"
    if not _NAME.fullmatch(str(given.get("ComponentName", ""))):
        yield "ComponentName is not 1 to 128 letters, digits, '-', '_' and '.'"
    if not _VERSION.fullmatch(str(given.get("ComponentVersion", ""))):
        yield "ComponentVersion is no semantic version"


def _one(manifest: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    lifecycle = manifest.get("Lifecycle", {})
    yield from (f"Lifecycle has no stage {stage}" for stage in lifecycle if stage not in _STAGES)
    if {"run", "startup"} <= lifecycle.keys():
        yield "Lifecycle has both run and startup"
    for artifact in manifest.get("Artifacts", ()):
        if not str(artifact.get("Uri", "")).startswith("s3://"):
            yield f"artifact {artifact.get('Uri')!r} is not in S3"
        if artifact.get("Unarchive", "NONE") not in ("NONE", "ZIP"):
            yield f"Unarchive is {artifact['Unarchive']!r}, NONE or ZIP expected"
    known = given.get("ComponentConfiguration", {}).get("DefaultConfiguration", {})
    for stage in lifecycle.values():
        yield from _variables(stage["Script"] if isinstance(stage, Mapping) else stage, known)


def _variables(script: str, known: Mapping[str, Any]) -> Iterator[str]:
    """Variables that nobody fills in would reach the shell as they are written."""
    for name in _VARIABLE.findall(script):
        space, _, key = name.partition(":")
        if space == "configuration" and key.lstrip("/") not in known:
            yield f"the script names {key}, which has no default"
        elif space not in ("configuration", "artifacts", "work", "iot", "kernel"):
            yield f"{{{name}}} is no variable of a recipe"
