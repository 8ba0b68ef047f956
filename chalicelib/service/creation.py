"""Pipelines made whole in one request: empty, with a definition, or as a copy of another one.

What is wrong with the definition is said before anything is made. A repeated request goes on where the last one
stopped: the pipeline is found by its unique id, and its definition is saved unless it has one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.definition.checks.finding import Code
from chalicelib.domain.definition.model import Definition, Findings
from chalicelib.domain.definition.validate import validate
from chalicelib.domain.errors import InvalidDefinition
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import GROUP_TAG, Caller, live_pipeline
from chalicelib.service.definitions import MOST_LISTED, PutDefinition, put_definition, refuse_fatal
from chalicelib.service.kept_versions import sealed_version
from chalicelib.service.overview import Overview, pipeline_overview
from chalicelib.service.pipelines import CreatePipeline, create_pipeline
from chalicelib.service.secrets import unseal_definition

_ABOUT_PARAMETERS = frozenset({Code.INVALID_PARAMETER.name, Code.MISSING_PARAMETER.name})
JUDGED = "Default"
"""What faults of a definition are listed under that has no pipeline yet."""


@dataclass(frozen=True, slots=True)
class MakePipeline:
    """A pipeline to make. `typed` refuses parameter values that are missing or not of their types, too."""

    create: CreatePipeline
    definition: Definition | None = None
    typed: bool = False


@dataclass(frozen=True, slots=True)
class ClonePipeline:
    """A pipeline to copy: definition, description and tags, but nothing of its runs.

    version      which definition, `latest`, `active` or a number
    description  and tags: None are the original's
    """

    source: PipelineId
    name: str
    unique_id: str
    version: str = "latest"
    description: str | None = None
    tags: Mapping[str, str] | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """The pipeline, and what was found in its definition."""

    overview: Overview
    findings: Findings


def make_pipeline(request: MakePipeline, caller: Caller, ports: Ports) -> Made:
    """Create it and save its definition.

    Raises   what create_pipeline raises; InvalidDefinition, before anything is made
    """
    findings = Findings()
    if request.definition is not None:
        findings = validate(request.definition, limits=ports.limits, now=ports.clock.now())
        _refuse(findings, request)
    pipeline_id = create_pipeline(request.create, caller, ports)
    record = live_pipeline(ports.store, caller, pipeline_id)
    if request.definition is not None and record.latest == 0:
        put_definition(PutDefinition(pipeline_id, request.definition), caller, ports)
    return Made(pipeline_overview(pipeline_id, caller, ports), findings)


def clone_pipeline(request: ClonePipeline, caller: Caller, ports: Ports) -> Made:
    """Make a pipeline with the definition of another one, its secrets included.

    Raises   PipelineNotFound, PipelineDeleted, ObjectNotFound for the original; what make_pipeline raises
    """
    source = live_pipeline(ports.store, caller, request.source)
    found = sealed_version(source, request.version, ports) if source.latest else None
    definition = unseal_definition(found, source.pipeline_id, ports.sealer) if found is not None else None
    tags = dict(source.tags if request.tags is None else request.tags)
    if request.group is not None:
        tags[GROUP_TAG] = request.group
    create = CreatePipeline(
        request.name,
        request.unique_id,
        source.description if request.description is None else request.description,
        tuple(tags.items()),
    )
    return make_pipeline(MakePipeline(create, definition), caller, ports)


def _refuse(findings: Findings, request: MakePipeline) -> None:
    refuse_fatal(findings, JUDGED)
    # A value that is missing is a warning where nothing uses it; whoever fills a template is told all the same.
    found = ((owner, _untyped(texts)) for part in (findings.errors, findings.warnings) for owner, texts in part.items())
    wrong = {owner: texts for owner, texts in found if texts}
    if request.typed and wrong:
        sentences = [f"{owner}: {text}" for owner, texts in wrong.items() for text in texts]
        raise InvalidDefinition("Parameter values do not fit. " + "; ".join(sentences[:MOST_LISTED]), wrong)


def _untyped(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Those about parameters and their values."""
    return tuple(sentence for sentence in sentences if sentence.partition(":")[0] in _ABOUT_PARAMETERS)
