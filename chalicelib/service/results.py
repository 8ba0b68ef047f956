"""What models answered about an activity's items, and the pictures of these items, under the pipeline's own role."""

from dataclasses import dataclass

from chalicelib.domain.definition.catalog import is_a
from chalicelib.domain.errors import NotPossible, ObjectNotFound
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Denied, Missing, Rejected
from chalicelib.service.access import Caller
from chalicelib.service.looking import Sight, sight_of
from chalicelib.service.previews import INFERENCE
from chalicelib.work.inference.pictures import NO_PICTURE, Picture, Pictures, pictures_of
from chalicelib.work.inference.reading import Asked, ResultPage, SeenResult, read_results


@dataclass(frozen=True, slots=True)
class ShownResults:
    """A page. `pictured` are the items that have a picture, as far as their addresses tell."""

    page: ResultPage
    pictured: frozenset[str]


def list_results(pipeline_id: PipelineId, name: str, asked: Asked, caller: Caller, ports: Ports) -> ShownResults:
    """A page of the results of one instance of an InferenceActivity.

    Raises   as `sight_of`; NotPossible for other instances; Throttled, Unavailable. What else keeps results from being
             shown is told in words
    """
    sight = _inference(pipeline_id, name, caller, ports)
    pictures = pictures_of(sight.task)
    page = _page(sight, asked, pictures)
    return ShownResults(page, frozenset(found.item for found in page.results if _has_picture(found, pictures)))


def picture_of(pipeline_id: PipelineId, name: str, item: str, caller: Caller, ports: Ports) -> Picture:
    """The picture of one item.

    Raises   as `list_results`; ObjectNotFound, which says why, when there is none
    """
    sight = _inference(pipeline_id, name, caller, ports)
    try:
        return pictures_of(sight.task).picture(item, sight.outside())
    except (Missing, Denied, Rejected) as error:
        raise ObjectNotFound(pipeline_id, f"picture of {item[:300]}: {error.reason}") from error


def _inference(pipeline_id: PipelineId, name: str, caller: Caller, ports: Ports) -> Sight:
    sight = sight_of(pipeline_id, name, caller, ports)
    if not is_a(sight.task.subject.type or "", INFERENCE):
        raise NotPossible(f"{name} is a {sight.task.subject.type}, which asks no models and has no results")
    return sight


def _page(sight: Sight, asked: Asked, pictures: Pictures) -> ResultPage:
    try:
        return read_results(sight.task, sight.outside(), asked, pictures.covers)
    except Denied as error:
        return ResultPage((), told=f"They may not be read under the role of this pipeline. {error}")
    except Missing as error:
        return ResultPage((), told=f"There is nothing yet. {error}")


def _has_picture(found: SeenResult, pictures: Pictures) -> bool:
    error = found.plain.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code not in NO_PICTURE and pictures.may_show(found.item)
