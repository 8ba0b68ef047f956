"""Compiled definitions, kept per container: a definition version never changes once it is active."""

from chalicelib.domain.run.assemble import Blueprint, blueprint
from chalicelib.domain.run.compile import compile_plan
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Missing


def blueprint_of(pipeline_id: PipelineId, version: int, first_activation: UtcTime, ports: Ports) -> Blueprint:
    """The blueprint of a stored version.

    Raises   Missing when the version is neither kept nor stored, InvalidRequest when it does not compile
    """
    key = (pipeline_id, version, first_activation)
    return ports.blueprints.get(key, lambda: _compiled(pipeline_id, version, first_activation, ports))


def _compiled(pipeline_id: PipelineId, version: int, first_activation: UtcTime, ports: Ports) -> Blueprint:
    definition = ports.store.definition(pipeline_id, version)
    if definition is None:
        raise Missing("definition", f"{pipeline_id} has no version {version}")
    plan = compile_plan(definition, ports.limits, first_activation, version)
    return blueprint(pipeline_id, definition, plan)
