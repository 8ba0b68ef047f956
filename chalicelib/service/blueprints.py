"""Compiled definitions, kept per container: a definition version never changes once it is active."""

from collections import OrderedDict
from dataclasses import dataclass, field

from chalicelib.domain.run.assemble import Blueprint, blueprint
from chalicelib.domain.run.compile import compile_plan
from chalicelib.domain.values import PipelineId, UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Missing

KEPT = 256


@dataclass(slots=True)
class Blueprints:
    """A bounded cache, by pipeline, version and first activation."""

    _kept: "OrderedDict[tuple[PipelineId, int, UtcTime], Blueprint]" = field(default_factory=OrderedDict)

    def get(self, pipeline_id: PipelineId, version: int, first_activation: UtcTime, ports: Ports) -> Blueprint:
        """The blueprint of a stored version.

        Raises   Missing when the version is not stored, InvalidRequest when it does not compile
        """
        key = (pipeline_id, version, first_activation)
        found = self._kept.get(key)
        if found is None:
            found = _compiled(pipeline_id, version, first_activation, ports)
            self._kept[key] = found
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found


def _compiled(pipeline_id: PipelineId, version: int, first_activation: UtcTime, ports: Ports) -> Blueprint:
    definition = ports.store.definition(pipeline_id, version)
    if definition is None:
        raise Missing("definition", f"{pipeline_id} has no version {version}")
    plan = compile_plan(definition, ports.limits, first_activation, version)
    return blueprint(pipeline_id, definition, plan)
