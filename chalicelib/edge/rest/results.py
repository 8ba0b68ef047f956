"""What models answered, and the pictures they were asked about."""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.inference.sightings import Sighting
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Query, Reply, ref
from chalicelib.edge.rest.paging import PAGING, listing, marker
from chalicelib.edge.rest.pipelines import pipeline_id
from chalicelib.edge.rest.previews import kept, render_picture
from chalicelib.edge.rest.schemas.results import RESULT_EXAMPLE
from chalicelib.edge.rest.times import shown
from chalicelib.ports.bundle import Ports
from chalicelib.service.results import list_results, picture_of
from chalicelib.work.inference.pictures import moment_of
from chalicelib.work.inference.reading import Asked, SeenResult, Wanted

NOUN = "results"
_PATH = "/pipelines/{pipelineId}/instances/{instanceId}/results"
_LONGEST_JSON = 16 * 1024
_MOST_SIGHTINGS = 200
_FAILED = {"answered": False, "failed": True}


def _list(call: Call, ports: Ports) -> Reply:
    query = call.query
    failed = _FAILED.get(query["standing"] or "")
    wanted = Wanted(query["label"] or "", query["minConfidence"], query["item"] or "", failed)
    asked = Asked(wanted, query["limit"], marker(call))
    found = list_results(pipeline_id(call), call.path["instanceId"], asked, call.caller, ports)
    page = found.page
    reply = listing(call, [_result(each, each.item in found.pictured) for each in page.results], page.marker)
    told = {"told": kept(page.told)} if page.told else {}
    return Reply({**reply.body, "complete": page.whole, **told})


def _result(found: SeenResult, pictured: bool) -> dict[str, Any]:
    plain = found.plain
    body: dict[str, Any] = {
        "item": kept(found.item),
        "model": kept(str(plain.get("model", ""))),
        "hasPicture": pictured,
        "sightings": [_sighting(seen) for seen in found.sightings[:_MOST_SIGHTINGS]],
    }
    if isinstance(plain.get("at"), str):
        body["at"] = kept(str(plain["at"]))
    at = moment_of(found.item)
    if at is not None:
        body["momentAt"] = shown(at)
    error = plain.get("error")
    if isinstance(error, Mapping):
        body["error"] = {name: kept(str(error.get(name, ""))) for name in ("code", "message")}
    return body | _texts(plain)


def _texts(plain: Mapping[str, object]) -> dict[str, str]:
    written = {
        name: json.dumps(plain[name], ensure_ascii=False) for name in ("output", "input") if plain.get(name) is not None
    }
    return {name: kept(text) for name, text in written.items() if len(text) <= _LONGEST_JSON}


def _sighting(seen: Sighting) -> dict[str, Any]:
    body: dict[str, Any] = {"label": kept(seen.label)}
    if seen.confidence is not None:
        body["confidence"] = seen.confidence
    box = seen.box
    if box is not None:
        body["box"] = {"left": box.left, "top": box.top, "width": box.width, "height": box.height}
    return body


def _picture(call: Call, ports: Ports) -> Reply:
    found = picture_of(pipeline_id(call), call.path["instanceId"], call.query["item"], call.caller, ports)
    return Reply(render_picture(found.content_type, found.content, "video" if found.made else "object"))


OPERATIONS = (
    Operation(
        id="listResults",
        method="GET",
        path=_PATH,
        noun=NOUN,
        scope=Scope.READ,
        summary="List what models answered about the items of an activity",
        description="In the order of the items; read under the pipeline's own role. While the activity works: so far.",
        run=_list,
        query=(
            Query(
                "label",
                {"type": "string", "minLength": 1, "maxLength": 256},
                "Only results with this label, in any case.",
            ),
            Query("minConfidence", {"type": "number"}, "Only results with a label of at least this confidence."),
            Query(
                "item",
                {"type": "string", "minLength": 1, "maxLength": 1024},
                "Only items that have this in their address.",
            ),
            Query(
                "standing",
                {"type": "string", "enum": ["answered", "failed"]},
                "Only results without, or with, an error.",
            ),
            *PAGING,
        ),
        reply=ref("ResultPage"),
        refusals=(409,),
        answers={"items": [RESULT_EXAMPLE], "complete": True},
    ),
    Operation(
        id="getResultPicture",
        method="GET",
        path=f"{_PATH}/picture",
        noun=NOUN,
        scope=Scope.READ,
        summary="Read the picture of an item",
        description="Only items of the activity's own input have one. Of video: a still, made anew by Kinesis Video.",
        run=_picture,
        query=(
            Query(
                "item",
                {"type": "string", "minLength": 1, "maxLength": 1200, "examples": ["s3://photos/in/door.jpg"]},
                "The item's address, as its result has it.",
                required=True,
            ),
        ),
        reply=ref("Picture"),
        refusals=(409,),
        answers={"contentType": "image/jpeg", "content": "/9j/4AAQSkZJRgABAQ==", "madeFrom": "object"},
    ),
)
