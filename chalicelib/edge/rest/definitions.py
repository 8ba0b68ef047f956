"""Definitions of pipelines: read, saved, judged, listed by version, compared."""

from collections.abc import Sequence
from typing import Any

from chalicelib.domain.definition.difference import Difference, Part
from chalicelib.domain.definition.encoding import from_file, to_file
from chalicelib.domain.definition.model import Findings, Value
from chalicelib.domain.definition.validate import validate
from chalicelib.domain.values import PipelineId, Ref
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.errors import findings
from chalicelib.edge.rest.etags import etag, matched
from chalicelib.edge.rest.paging import PAGING, listing, marker
from chalicelib.edge.rest.schemas.definitions import EXAMPLE, SCHEMAS
from chalicelib.edge.rest.schemas.pipelines import VERSION
from chalicelib.edge.rest.times import shown
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import PipelineRecord, SavedVersion
from chalicelib.service.access import live_pipeline
from chalicelib.service.creation import JUDGED
from chalicelib.service.definitions import PutDefinition, put_definition, validate_definition
from chalicelib.service.kept_versions import ListVersions, VersionName, compare_versions, list_versions, read_version

NOUN = "definitions"


def _pipeline(call: Call) -> PipelineId:
    return PipelineId(call.path["pipelineId"])


def rendered(found: Findings) -> list[dict[str, str]]:
    """Errors and warnings as the shape Finding; fatal faults are JUDGED's."""
    fatal = {JUDGED: found.fatal} if found.fatal else {}
    return [*findings(fatal, "error"), *findings(found.errors, "error"), *findings(found.warnings, "warning")]


def _judgement(found: Findings) -> dict[str, Any]:
    return {"valid": not found.fatal and not found.errors, "findings": rendered(found)}


def _get(call: Call, ports: Ports) -> Reply:
    found = read_version(VersionName(_pipeline(call), call.query["version"]), call.caller, ports)
    return Reply(to_file(found.definition), {"ETag": etag(found.version)})


def _put(call: Call, ports: Ports) -> Reply:
    request = PutDefinition(_pipeline(call), from_file(call.body), matched(call))
    found = put_definition(request, call.caller, ports)
    version = live_pipeline(ports.store, call.caller, _pipeline(call)).latest
    return Reply({"version": version} | _judgement(found), {"ETag": etag(version)})


def _validate(call: Call, ports: Ports) -> Reply:
    request = PutDefinition(_pipeline(call), from_file(call.body))
    return Reply(_judgement(validate_definition(request, call.caller, ports)))


def _validate_alone(call: Call, ports: Ports) -> Reply:
    return Reply(_judgement(validate(from_file(call.body), limits=ports.limits, now=ports.clock.now())))


def _versions(call: Call, ports: Ports) -> Reply:
    request = ListVersions(_pipeline(call), marker(call), call.query["limit"])
    found = list_versions(request, call.caller, ports)
    return listing(call, [_version(each, found.record) for each in found.page.items], found.page.marker)


def _version(saved: SavedVersion, record: PipelineRecord) -> dict[str, Any]:
    return {
        "version": saved.version,
        "savedAt": shown(saved.saved_at),
        "savedBy": saved.saved_by,
        "activated": saved.activated,
        "latest": saved.version == record.latest,
        "active": saved.version == record.active,
    }


def _diff(call: Call, ports: Ports) -> Reply:
    names = call.path["version"], call.path["other"]
    found = compare_versions(_pipeline(call), *names, call.caller, ports)
    return Reply({"before": found.before, "after": found.after} | _difference(found.difference))


def _difference(found: Difference) -> dict[str, Any]:
    return {"objects": _part(found.objects), "parameters": _part(found.parameters), "values": _part(found.values)}


def _part(part: Part) -> dict[str, Any]:
    changed = [
        {
            "id": change.id,
            "fields": [
                {"key": each.key, "before": _values(each.before), "after": _values(each.after)}
                for each in change.fields
            ],
        }
        for change in part.changed
    ]
    return {"added": list(part.added), "removed": list(part.removed), "changed": changed}


def _values(values: Sequence[Value]) -> list[Any]:
    return [{"ref": value.id} if isinstance(value, Ref) else value for value in values]


_SAVED = SCHEMAS["SavedDefinition"]["examples"][0]
_JUDGED = SCHEMAS["Judgement"]["examples"][0]
_VERSION_EXAMPLE = SCHEMAS["Version"]["examples"][0]
_NONE: dict[str, list[str]] = {"added": [], "removed": [], "changed": []}
_CHANGE = {"id": "SayHello", "fields": [{"key": "command", "before": ["echo hello"], "after": ["echo #{myGreeting}"]}]}

OPERATIONS = (
    Operation(
        id="getDefinition",
        method="GET",
        path="/pipelines/{pipelineId}/definition",
        noun=NOUN,
        scope=Scope.READ,
        summary="Read a definition",
        description="In the form of the CLI's definition files. Secret values are `*****`; sent back, they stay.",
        run=_get,
        query=(Query("version", VERSION, "Which one."),),
        reply=ref("Definition"),
        headers=("ETag",),
        answers=EXAMPLE,
    ),
    Operation(
        id="putDefinition",
        method="PUT",
        path="/pipelines/{pipelineId}/definition",
        noun=NOUN,
        scope=Scope.WRITE,
        summary="Save a definition",
        description="It becomes the latest version, also with errors, which only forbid activation. "
        "One with fatal faults is refused with InvalidDefinition and its findings. If-Match names the latest version.",
        run=_put,
        request=ref("Definition"),
        reply=ref("SavedDefinition"),
        if_match=True,
        headers=("ETag",),
        sends=EXAMPLE,
        answers=_SAVED,
    ),
    Operation(
        id="validatePipelineDefinition",
        method="POST",
        path="/pipelines/{pipelineId}/definition/validate",
        noun=NOUN,
        scope=Scope.READ,
        summary="Judge a definition for a pipeline",
        description="As saving it would, with the rules for edits of what was activated. Saves nothing.",
        run=_validate,
        request=ref("Definition"),
        reply=ref("Judgement"),
        sends=EXAMPLE,
        answers=_JUDGED,
    ),
    Operation(
        id="validateDefinition",
        method="POST",
        path="/definitions/validate",
        noun=NOUN,
        scope=Scope.READ,
        summary="Judge a definition by itself",
        run=_validate_alone,
        request=ref("Definition"),
        reply=ref("Judgement"),
        sends=EXAMPLE,
        answers=_JUDGED,
    ),
    Operation(
        id="listVersions",
        method="GET",
        path="/pipelines/{pipelineId}/versions",
        noun=NOUN,
        scope=Scope.READ,
        summary="List a definition's versions",
        description="The newest first. The last hundred are kept, and older ones that instances still run by.",
        run=_versions,
        query=PAGING,
        reply=ref("VersionPage"),
        answers={"items": [_VERSION_EXAMPLE]},
    ),
    Operation(
        id="diffVersions",
        method="GET",
        path="/pipelines/{pipelineId}/versions/{version}/diff/{other}",
        noun=NOUN,
        scope=Scope.READ,
        summary="Compare two versions",
        description="By object and field: what `other` changed.",
        run=_diff,
        reply=ref("Difference"),
        answers={
            "before": 1769841000000000,
            "after": 1769927400000000,
            "objects": {"added": ["Bell"], "removed": [], "changed": [_CHANGE]},
            "parameters": _NONE,
            "values": _NONE,
        },
    ),
)
