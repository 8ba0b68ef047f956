"""Every operation of the REST API, and every named shape, joined from the nouns' modules."""

from collections.abc import Mapping

from chalicelib.edge.rest import (
    backfills,
    catalogue,
    consequences,
    definitions,
    evaluation,
    events,
    health,
    live,
    logs,
    making,
    objects,
    operations,
    orders,
    outlook,
    pipelines,
    previews,
    results,
    runners,
    runs,
    templates,
    timeline,
)
from chalicelib.edge.rest.contract import Operation, Schema
from chalicelib.edge.rest.schemas import backfills as backfill_shapes
from chalicelib.edge.rest.schemas import catalogue as catalogue_shapes
from chalicelib.edge.rest.schemas import consequences as consequence_shapes
from chalicelib.edge.rest.schemas import definitions as definition_shapes
from chalicelib.edge.rest.schemas import errors as error_shapes
from chalicelib.edge.rest.schemas import evaluation as evaluation_shapes
from chalicelib.edge.rest.schemas import events as event_shapes
from chalicelib.edge.rest.schemas import live as live_shapes
from chalicelib.edge.rest.schemas import logs as log_shapes
from chalicelib.edge.rest.schemas import objects as object_shapes
from chalicelib.edge.rest.schemas import operations as operation_shapes
from chalicelib.edge.rest.schemas import orders as order_shapes
from chalicelib.edge.rest.schemas import outlook as outlook_shapes
from chalicelib.edge.rest.schemas import pipelines as pipeline_shapes
from chalicelib.edge.rest.schemas import previews as preview_shapes
from chalicelib.edge.rest.schemas import results as result_shapes
from chalicelib.edge.rest.schemas import runners as runner_shapes
from chalicelib.edge.rest.schemas import runs as run_shapes
from chalicelib.edge.rest.schemas import templates as template_shapes
from chalicelib.edge.rest.schemas import timeline as timeline_shapes

OPERATIONS: tuple[Operation, ...] = (
    *pipelines.OPERATIONS,
    *making.OPERATIONS,
    *definitions.OPERATIONS,
    *evaluation.OPERATIONS,
    *catalogue.OPERATIONS,
    *templates.OPERATIONS,
    *runs.OPERATIONS,
    *outlook.OPERATIONS,
    *live.OPERATIONS,
    *logs.OPERATIONS,
    *timeline.OPERATIONS,
    *objects.OPERATIONS,
    *consequences.OPERATIONS,
    *previews.OPERATIONS,
    *results.OPERATIONS,
    *orders.OPERATIONS,
    *backfills.OPERATIONS,
    *events.OPERATIONS,
    *runners.OPERATIONS,
    *operations.OPERATIONS,
    *health.OPERATIONS,
)
SCHEMAS: Mapping[str, Schema] = {
    **error_shapes.SCHEMAS,
    **pipeline_shapes.SCHEMAS,
    **definition_shapes.SCHEMAS,
    **evaluation_shapes.SCHEMAS,
    **catalogue_shapes.SCHEMAS,
    **template_shapes.SCHEMAS,
    **run_shapes.SCHEMAS,
    **outlook_shapes.SCHEMAS,
    **live_shapes.SCHEMAS,
    **log_shapes.SCHEMAS,
    **timeline_shapes.SCHEMAS,
    **object_shapes.SCHEMAS,
    **consequence_shapes.SCHEMAS,
    **preview_shapes.SCHEMAS,
    **result_shapes.SCHEMAS,
    **order_shapes.SCHEMAS,
    **backfill_shapes.SCHEMAS,
    **event_shapes.SCHEMAS,
    **runner_shapes.SCHEMAS,
    **operation_shapes.SCHEMAS,
}
