"""Every operation of the REST API, and every named shape, joined from the nouns' modules."""

from collections.abc import Mapping

from chalicelib.edge.rest import health, orders, pipelines, runs
from chalicelib.edge.rest.contract import Operation, Schema
from chalicelib.edge.rest.schemas import errors as error_shapes
from chalicelib.edge.rest.schemas import orders as order_shapes
from chalicelib.edge.rest.schemas import pipelines as pipeline_shapes
from chalicelib.edge.rest.schemas import runs as run_shapes

OPERATIONS: tuple[Operation, ...] = (
    *pipelines.OPERATIONS,
    *runs.OPERATIONS,
    *orders.OPERATIONS,
    *health.OPERATIONS,
)
SCHEMAS: Mapping[str, Schema] = {
    **error_shapes.SCHEMAS,
    **pipeline_shapes.SCHEMAS,
    **run_shapes.SCHEMAS,
    **order_shapes.SCHEMAS,
}
