"""One side of a migration in the words of the wire API. Owns boto3's shapes; must not know which side it is on, or why.

Source: service model 2012-10-29.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.definition.encoding import from_api, to_api
from chalicelib.domain.definition.model import Definition, Findings, PipelineObject
from chalicelib.domain.values import UtcTime, parse_time, render_time
from penstock_migrate.errors import MigrationError, Refused, Unanswered

AT_ONCE = 25
"""Pipelines, or objects, that one call describes."""
GONE = frozenset({"PipelineDeletedException", "PipelineNotFoundException"})


@dataclass(frozen=True, slots=True)
class Described:
    """A pipeline's metadata; `fields` hold the last value of each."""

    id: str
    name: str
    description: str
    fields: Mapping[str, str]
    tags: Mapping[str, str]

    @property
    def state(self) -> str:
        """`@pipelineState`."""
        return self.fields.get("@pipelineState", "")

    def time(self, key: str) -> UtcTime | None:
        """A field that holds a time, if it does."""
        return read_time(self.fields.get(key))


@dataclass(frozen=True, slots=True)
class Account:
    """An account and region of a service with this API.

    side    how errors call it: source or target
    client  boto3's datapipeline client
    """

    side: str
    client: Any

    def pipelines(self) -> Iterator[tuple[str, str]]:
        """Id and name of each."""
        for page in self._pages("ListPipelines", self.client.list_pipelines):
            yield from ((item["id"], item["name"]) for item in page.get("pipelineIdList", ()))

    def described(self, ids: Sequence[str]) -> Sequence[Described]:
        """Metadata of those that exist, in order."""
        found: list[Described] = []
        for start in range(0, len(ids), AT_ONCE):
            found += self._described_some(ids[start : start + AT_ONCE])
        return found

    def definition(self, pipeline: str, version: str = "latest") -> Definition | None:
        """A version; None when there is none."""
        try:
            reply = self._call(
                "GetPipelineDefinition", self.client.get_pipeline_definition, pipelineId=pipeline, version=version
            )
        except Refused as error:
            if error.code != "InvalidRequestException":
                raise
            return None
        read = from_api(reply.get("pipelineObjects"), reply.get("parameterObjects"), reply.get("parameterValues"))
        return read if read.objects else None

    def query(self, pipeline: str, sphere: str, selectors: Sequence[Mapping[str, object]] = ()) -> Iterator[str]:
        """Ids of objects that fit all selectors."""
        query = {"query": {"selectors": list(selectors)}} if selectors else {}
        for page in self._pages(
            "QueryObjects", self.client.query_objects, pipelineId=pipeline, sphere=sphere, limit=100, **query
        ):
            yield from page.get("ids", ())

    def objects(self, pipeline: str, ids: Sequence[str]) -> Iterator[PipelineObject]:
        """Components, instances or attempts, with their runtime fields."""
        for start in range(0, len(ids), AT_ONCE):
            some = list(ids[start : start + AT_ONCE])
            for page in self._pages(
                "DescribeObjects", self.client.describe_objects, pipelineId=pipeline, objectIds=some
            ):
                yield from from_api(page.get("pipelineObjects")).objects

    def create(self, name: str, unique_id: str, description: str, tags: Mapping[str, str]) -> str:
        """The id of the pipeline of this name and unique id, made now or before."""
        given = {"description": description} if description else {}
        reply = self._call(
            "CreatePipeline", self.client.create_pipeline, name=name, uniqueId=unique_id, tags=_tags(tags), **given
        )
        return str(reply["pipelineId"])

    def put(self, pipeline: str, definition: Definition) -> Findings:
        """Save the definition; what is wrong with it."""
        reply = self._call(
            "PutPipelineDefinition", self.client.put_pipeline_definition, pipelineId=pipeline, **to_api(definition)
        )
        return Findings(
            errors={item["id"]: tuple(item["errors"]) for item in reply.get("validationErrors", ())},
            warnings={item["id"]: tuple(item["warnings"]) for item in reply.get("validationWarnings", ())},
        )

    def activate(self, pipeline: str, start: UtcTime | None) -> None:
        """Activate from `start` on, or where it stopped."""
        given = {"startTimestamp": start} if start is not None else {}
        self._call("ActivatePipeline", self.client.activate_pipeline, pipelineId=pipeline, **given)

    def deactivate(self, pipeline: str, *, cancel: bool) -> None:
        """Create nothing more; cancel what runs, or let it end."""
        self._call("DeactivatePipeline", self.client.deactivate_pipeline, pipelineId=pipeline, cancelActive=cancel)

    def cancel(self, pipeline: str, ids: Sequence[str]) -> None:
        """Try to cancel instances; one that has ended meanwhile is left as it is."""
        self._call("SetStatus", self.client.set_status, pipelineId=pipeline, objectIds=list(ids), status="TRY_CANCEL")

    def tag(self, pipeline: str, tags: Mapping[str, str]) -> None:
        """Set tags by key."""
        self._call("AddTags", self.client.add_tags, pipelineId=pipeline, tags=_tags(tags))

    def _described_some(self, ids: Sequence[str]) -> Sequence[Described]:
        """One that was deleted meanwhile must not hide the others."""
        try:
            reply = self._call("DescribePipelines", self.client.describe_pipelines, pipelineIds=list(ids))
        except Refused as error:
            if error.code not in GONE:
                raise
            return [found for each in ids for found in self._described_some([each])] if len(ids) > 1 else []
        return [_described(item) for item in reply.get("pipelineDescriptionList", ())]

    def _pages(self, operation: str, method: Any, **arguments: object) -> Iterator[Mapping[str, Any]]:
        marker: dict[str, object] = {}
        while True:
            page = self._call(operation, method, **arguments, **marker)
            yield page
            if not page.get("hasMoreResults") or not page.get("marker"):
                return
            marker = {"marker": page["marker"]}

    def _call(self, operation: str, method: Any, **arguments: object) -> Mapping[str, Any]:
        try:
            reply: Mapping[str, Any] = method(**arguments)
        except ClientError as error:
            raise self._told(operation, error) from error
        except BotoCoreError as error:
            raise Unanswered(self.side, operation, str(error)) from error
        return reply

    def _told(self, operation: str, error: ClientError) -> MigrationError:
        """The service names its errors; an answer without a name comes from something that lacks the operation."""
        code, message = (str(error.response["Error"].get(key, "")) for key in ("Code", "Message"))
        if not code or code.isdigit() or code.startswith("Unknown"):
            return Unanswered(self.side, operation, f"it said {code or 'nothing'}; it may not have this operation")
        return Refused(self.side, operation, code, message)


def selector(field: str, operator: str, *values: str) -> Mapping[str, object]:
    """One condition of a query."""
    return {"fieldName": field, "operator": {"type": operator, "values": list(values)}}


def since(moment: UtcTime) -> Mapping[str, object]:
    """Intervals that begin at `moment` or later."""
    return selector("@scheduledStartTime", "GE", render_time(moment))


def read_time(text: str | None) -> UtcTime | None:
    """A time as the service writes it; None for anything else."""
    try:
        return parse_time(text) if text else None
    except ValueError:
        return None


def _described(item: Mapping[str, Any]) -> Described:
    fields = {each["key"]: str(each.get("stringValue", each.get("refValue", ""))) for each in item.get("fields", ())}
    tags = {each["key"]: each["value"] for each in item.get("tags", ())}
    return Described(item["pipelineId"], item["name"], item.get("description", ""), fields, tags)


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
