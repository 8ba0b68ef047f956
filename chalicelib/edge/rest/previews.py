"""The first of what data nodes hold."""

import base64
from typing import Any

from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.check import UNKEPT
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.schemas.previews import PREVIEW_EXAMPLE
from chalicelib.edge.rest.times import shown
from chalicelib.ports.bundle import Ports
from chalicelib.service.previews import Shown, show_data
from chalicelib.transfer.glimpse import Glimpse, Kind
from chalicelib.work.previews import Preview


def kept(text: str) -> str:
    """Text of a file as answers have it: control characters are no part of JSON that everybody reads."""
    return UNKEPT.sub("\N{REPLACEMENT CHARACTER}", text)


def render_picture(content_type: str, content: bytes, made_from: str = "") -> dict[str, str]:
    """The shape Picture."""
    told = {"madeFrom": made_from} if made_from else {}
    return {"contentType": content_type, "content": base64.b64encode(content).decode()} | told


def _get(call: Call, ports: Ports) -> Reply:
    wanted = call.query["object"] or ""
    return Reply(_shown(show_data(pipeline_id(call), call.path["instanceId"], wanted, call.caller, ports)))


def _shown(found: Shown) -> dict[str, Any]:
    if found.data is not None:
        return _glimpse(found.data.glimpse) | _place(found.data)
    nodes = [
        {"side": node.side, "instanceId": node.instance, "componentId": node.component, "type": node.type}
        for node in found.nodes
    ]
    return {"kind": "nodes", "nodes": nodes, "hasResults": found.has_results}


def _glimpse(seen: Glimpse) -> dict[str, Any]:
    body: dict[str, Any] = {"kind": seen.kind.value, "more": seen.more}
    if seen.told:
        body["told"] = kept(seen.told)
    match seen.kind:
        case Kind.ROWS:
            rows = [[None if cell is None else kept(cell) for cell in row] for row in seen.rows]
            return body | {"columns": list(map(kept, seen.columns)), "rows": rows}
        case Kind.TEXT:
            return body | {"text": kept(seen.text)}
        case _:
            return body | ({"picture": render_picture(*seen.picture)} if seen.picture else {})


def _place(data: Preview) -> dict[str, Any]:
    objects = [
        {"name": kept(each.key), "sizeBytes": each.size, "modifiedAt": shown(each.modified)} for each in data.objects
    ]
    body: dict[str, Any] = {"place": kept(data.place)}
    if objects:
        body |= {"objects": objects, "moreObjects": data.others}
    return body | ({"object": kept(data.shown)} if data.shown else {})


OPERATIONS = (
    Operation(
        id="previewInstance",
        method="GET",
        path="/pipelines/{pipelineId}/instances/{instanceId}/preview",
        noun="results",
        scope=Scope.READ,
        summary="See the first rows of a data node",
        description="Read under the pipeline's own role, never more than 256 KB. Of an activity: its data nodes.",
        run=_get,
        query=(
            Query(
                "object",
                {"type": "string", "minLength": 1, "maxLength": 1024},
                "One object of a directory, by its name below it.",
            ),
        ),
        reply=ref("Preview"),
        answers=PREVIEW_EXAMPLE,
    ),
)
