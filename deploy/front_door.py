"""The stage's gateway settings on the API that a road has brought: shown, set, and taken away again."""

from collections.abc import Iterator, Sequence

from deploy import methods
from deploy.changes import Change
from deploy.gateway import Step, plan, plan_beside_the_stack, removal
from deploy.gateway.naming import API_STAGE
from deploy.remembered import rest_api
from deploy.site import Site
from deploy.stage import Stage


def bring(site: Site, settings: Stage) -> Sequence[str]:
    """Set what differs; return what was set, and what the embedded AWS cannot set. Raises BadSettings."""
    steps = _steps(site, settings)
    reached = _reached(site, steps)
    for step in reached:
        step.apply()
    told = [str(each) for step in reached for each in step.differences]
    return told + [f"not set here: {each}" for step in steps if step not in reached for each in step.differences]


def bring_beside_the_stack(site: Site, settings: Stage) -> Sequence[str]:
    """Set what differs of what a stack cannot hold; return what was set."""
    api = _served(site)
    steps = () if api is None else plan_beside_the_stack(settings, methods.deployed(), site.client, api)
    for step in steps:
        step.apply()
    return [str(each) for step in steps for each in step.differences]


def changes(site: Site, settings: Stage) -> Iterator[Change]:
    """What `bring` would set. Raises BadSettings."""
    for step in _reached(site, _steps(site, settings)):
        yield from step.differences


def remove(site: Site, settings: Stage) -> Sequence[str]:
    """Take away what stands beside the API; return what it was."""
    api = _served(site)
    steps = () if api is None else removal(settings, site.client, api)
    for step in steps:
        step.apply()
    return [str(step) for step in steps]


def _steps(site: Site, settings: Stage) -> tuple[Step, ...]:
    api = _served(site)
    return () if api is None else plan(settings, methods.deployed(), site.client, api)


def _reached(site: Site, steps: Sequence[Step]) -> Sequence[Step]:
    """The steps that the site's API Gateway can take; it is not deployed anew for what it could not be told."""
    if not site.embedded:
        return steps
    found = [step for step in steps if not step.unreached]
    return found if any(step.definition for step in found) else [step for step in found if not _deploys(step)]


def _deploys(step: Step) -> bool:
    return any(call.operation == "create_deployment" for call in step.calls)


def _served(site: Site) -> str | None:
    """The stage's API, if there is one that is deployed; an interrupted deployment leaves one that is not."""
    api = rest_api(site)
    if api is None:
        return None
    stages = site.client("apigateway").get_stages(restApiId=api)["item"]
    return api if any(each["stageName"] == API_STAGE for each in stages) else None
