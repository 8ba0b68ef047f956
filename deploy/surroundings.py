"""What functions are told of the account that they are in: what the foundation made, and where the API answers."""

from dataclasses import dataclass

from deploy import layer, stacks
from deploy.remembered import api_url, rest_api
from deploy.site import Site
from deploy.stage import Stage, load, parse


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A stage's settings, and what is found in its account.

    user_pool  ARN of the pool whose tokens the API takes; None where CloudFormation made none
    address    where the API answers; None while there is none
    sign_in    address of the pool's own pages, and the console's client of it; None where there are none
    video      ARN of the layer for functions that decode video; None where none was published
    """

    settings: Stage
    user_pool: str | None
    address: str | None
    video: str | None = None
    sign_in: tuple[str, str] | None = None


def find(site: Site) -> Surroundings:
    """Look around. Raises BadSettings for a stage file that is none."""
    settings = settings_of(site)
    foundation = stacks.find(site, site.stack("foundation"))
    made = foundation.outputs if foundation else {}
    pool = made.get("UserPoolArn", "")
    if not pool.startswith("arn:"):
        return Surroundings(settings, None, address(site, settings), layer.newest(site))
    sign_in = (made.get("SignInAddress", ""), made.get("ConsoleClientId", ""))
    return Surroundings(settings, pool, address(site, settings), layer.newest(site), sign_in)


def settings_of(site: Site) -> Stage:
    """The stage's settings; the defaults for a stage without a file. Raises BadSettings."""
    path = site.source / "infra" / "stages" / f"{site.stage}.toml"
    return load(path) if path.exists() else parse("", site.stage)


def address(site: Site, settings: Stage) -> str | None:
    """Where the API answers; None while there is none."""
    api = rest_api(site)
    if api is None:
        return None
    domain = settings.domain
    return api_url(site, api) if domain is None else f"https://{domain.name}/{domain.base_path}".rstrip("/")
