"""The second road: `chalice package`, then one CloudFormation stack of functions, roles, event sources and the API.

What Chalice's decorators cannot say is merged into its template, and the package is compiled. Both roads give functions
the same names, so that alarms and dashboards do not care which was taken. Roles bear the region in theirs: a stage may
stand in several regions of an account, and roles are the account's.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from chalice.utils import to_cfn_resource_name

from deploy import archive, chalice_command, front_door, methods, sources, stacks
from deploy.archive import Size
from deploy.cargo import Cargo, Say
from deploy.changes import ABSENT, Change, differences
from deploy.embedded import fitted
from deploy.gateway import check, template_fragments
from deploy.manifest import Manifest
from deploy.project import STARTS_MACHINES, WIRE, digest, merged
from deploy.site import API_FUNCTION, Site
from deploy.stacks import unreached_lines
from deploy.template import minified

Fragment = dict[str, Any]
_WIRE_ADDRESS = "https://${RestAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}/api/datapipeline"
TEMPLATE = "template.json"
_SAM_API = "APIHandler"
_TWICE_STAGED: Fragment = {"Globals": {"Api": {"OpenApiVersion": "2.0"}}}
"""Without it the serverless transform makes a stage called Stage besides the one that is wanted."""


@dataclass(frozen=True, slots=True)
class Package:
    """What one stack of functions is made from. `key` is where the archive goes in the code bucket."""

    archive: Path
    key: str
    template: dict[str, Any]
    size: Size


class PackageRoad:
    """One update that succeeds or is taken back, with functions that start faster."""

    name = "package"

    def bring(self, cargo: Cargo, say: Say) -> None:
        """Package, upload, and bring the stack there. Raises ChaliceFailed, BadPackage, BadSettings or StackFailed."""
        site = cargo.site
        made = build(cargo)
        say(f"  package: {made.size}, {'uploaded' if upload(site, made) else 'already uploaded'} as {made.key}")
        template, unreached = fitted(site, made.template)
        outcome = stacks.bring(site, site.stack("app"), template, {})
        say(f"  {site.stack('app')}: {outcome.value}{unreached_lines(unreached)}")
        for told in front_door.bring_beside_the_stack(site, cargo.settings):
            say(f"  {told}")

    def changes(self, cargo: Cargo) -> Iterator[Change]:
        """Differences of the stack's template."""
        name = cargo.site.stack("app")
        wanted, _ = fitted(cargo.site, build(cargo).template)
        present = stacks.standing(cargo.site, name)
        if present is None:
            yield Change(f"stack {name}", ABSENT, f"{len(wanted['Resources'])} resources")
            return
        yield from differences(f"{name}/Resources", present.template["Resources"], wanted["Resources"])

    def remove(self, cargo: Cargo, say: Say) -> None:
        """Delete the stack. Raises StackFailed."""
        name = cargo.site.stack("app")
        say(f"  {name}: {stacks.delete(cargo.site, name).value}")


def build(cargo: Cargo) -> Package:
    """Make the package of a stage. Raises ChaliceFailed, BadPackage or BadSettings."""
    site, project = cargo.site, cargo.project
    target = site.build / "package"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    additional = target / "merged.json"
    additional.write_text(json.dumps(merged(additions(site, cargo.declared), _gateway(cargo))))
    chalice_command.package(site, project, target, additional)
    requirements = (project / "requirements.txt").read_text()
    archive.check(target / "deployment.zip", requirements, direct=False)
    made = archive.compiled(target / "deployment.zip", target / "compiled.zip")
    found = archive.check(made, requirements, direct=False)
    key = f"packages/{digest(project)}.zip"
    template = placed(json.loads((target / "sam.json").read_text()), site.code_bucket, key)
    (target / TEMPLATE).write_text(minified(template))
    return Package(made, key, template, found)


def upload(site: Site, package: Package) -> bool:
    """Put the archive into the code bucket unless it is there; whether it was put."""
    s3 = site.client("s3")
    try:
        s3.head_object(Bucket=site.code_bucket, Key=package.key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        s3.upload_file(str(package.archive), site.code_bucket, package.key)
        return True
    return False


def additions(site: Site, declared: Manifest) -> Fragment:
    """What is merged into Chalice's template for the functions: their names, and options of their event sources."""
    resources: Fragment = {}
    for name in declared.functions:
        role = f"{to_cfn_resource_name(name)}Role"
        resources[role] = {"Properties": {"RoleName": f"{site.app}-{name}-{site.region}"}}
        resources[logical(name)] = {"Properties": {"FunctionName": site.function(name)}}
    for name in declared.queued:
        source = f"{logical(name)}SqsEventSource"
        resources[logical(name)]["Properties"]["Events"] = {source: {"Properties": dict(sources.OPTIONS)}}
    for name in declared.streamed:
        source = f"{logical(name)}KinesisEventSource"
        resources[logical(name)]["Properties"]["Events"] = {source: {"Properties": dict(sources.OPTIONS)}}
    wire = {"Environment": {"Variables": {WIRE: {"Fn::Sub": _WIRE_ADDRESS}}}}
    return merged(
        {"Resources": resources, **_TWICE_STAGED}, {"Resources": {logical(STARTS_MACHINES): {"Properties": wire}}}
    )


def logical(name: str) -> str:
    """The name that Chalice gives to a function in its template."""
    return _SAM_API if name == API_FUNCTION else str(to_cfn_resource_name(name))


def placed(template: Fragment, bucket: str, key: str) -> Fragment:
    """The template with its functions' code in a bucket."""
    code = {"CodeUri": {"Bucket": bucket, "Key": key}}
    functions = {
        name: merged(item, {"Properties": code})
        for name, item in template["Resources"].items()
        if item["Type"] == "AWS::Serverless::Function"
    }
    return {**template, "Resources": {**template["Resources"], **functions}}


def _gateway(cargo: Cargo) -> Mapping[str, Any]:
    served = methods.deployed()
    check(cargo.settings, served)
    return template_fragments(cargo.settings, served)
