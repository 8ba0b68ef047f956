"""`python -m deploy up|foundation|diff|package|layer|status|backup|restore|down --stage NAME`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from deploy import archive, backup, layer
from deploy.archive import BadPackage
from deploy.cargo import load
from deploy.chalice_command import ChaliceFailed
from deploy.declared import BadSettings
from deploy.foundation import Orphaned
from deploy.inventory import inventory, shown
from deploy.package_road import TEMPLATE, build
from deploy.refusals import explained
from deploy.remembered import remember
from deploy.restore import restore
from deploy.site import REPOSITORY, BadStage, Site, site
from deploy.stacks import StackFailed
from deploy.up import ROADS, OtherRoad, difference, down, found, up

FAILED, DIFFERENT = 1, 2
EXPECTED = (
    BadStage,
    BadSettings,
    BadPackage,
    OtherRoad,
    StackFailed,
    Orphaned,
    ChaliceFailed,
    layer.NoWheels,
    backup.BadBackup,
    ClientError,
    BotoCoreError,
)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 0 when done, 1 for a failure told on standard error, and of `diff` 2 when there are changes."""
    given = _arguments().parse_args(words)
    try:
        return _run(site(given.stage, given.source), given)
    except EXPECTED as error:
        print(f"deploy: {explained(str(error))}", file=sys.stderr)
        return FAILED


def _run(place: Site, given: argparse.Namespace) -> int:
    match given.command:
        case "up":
            up(place, _say, given.road)
        case "foundation":
            found(place, _say)
        case "down":
            down(place, _say, data=given.data)
        case "package":
            loaded = load(place)
            package = build(loaded)
            # `chalice deploy` in the project goes on from what exists.
            remember(place, loaded.project, loaded.declared.functions)
            _say(f"{package.archive} {package.size}\n{package.archive.with_name(TEMPLATE)}")
        case "layer":
            made = layer.build(place.build / "layer" / "video.zip")
            _say(f"{made} {archive.size(made)}\n{layer.publish(place, made)}")
        case "backup" | "restore":
            _copy(place, given)
        case "status":
            _say(shown(inventory(place)))
        case _:
            return _compare(place, given.road)
    return 0


def _copy(place: Site, given: argparse.Namespace) -> None:
    if given.command == "restore":
        restore(place, backup.place(given.source_backup), _say)
    else:
        backup.back_up(place, backup.place(given.to), _say, backup.moment(given.at) if given.at else None)


def _compare(place: Site, road: str | None) -> int:
    changes = list(difference(place, road))
    for change in changes:
        _say(str(change))
    _say(f"{len(changes)} changes" if changes else "no changes")
    return DIFFERENT if changes else 0


def _say(text: str) -> None:
    print(text, flush=True)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, does in (
        ("up", "bring the stage to what this working copy says"),
        ("foundation", "bring only what outlives code: tables, queues, buckets, the user pool, alarms"),
        ("diff", "show what up would change"),
        ("package", "make and check the package and its template, and deploy nothing"),
        ("layer", "make and publish the layer for functions that decode video; up then gives it to them"),
        ("status", "show what exists"),
        ("backup", "export all tables, as they stood at one second, into a bucket"),
        ("restore", "make the foundation, in this region or another, and fill its tables from a backup"),
        ("down", "take the functions and the API away"),
    ):
        command = commands.add_parser(name, help=does, description=does)
        command.add_argument("--stage", required=True, help="name of the deployment")
        command.add_argument(
            "--source", type=Path, default=REPOSITORY, help="the working copy to deploy; default: this"
        )
        if name in ("up", "diff"):
            command.add_argument("--road", choices=sorted(ROADS), help="default: the one taken before, else package")
        if name == "backup":
            command.add_argument("--to", required=True, help="s3://bucket/prefix, in any region")
            command.add_argument("--at", help="the second to show; default: the newest that can be shown")
        if name == "restore":
            command.add_argument(
                "--from", dest="source_backup", required=True, help="s3://… as `backup` told it at its end"
            )
        if name == "down":
            command.add_argument("--data", action="store_true", help="take tables, buckets and the key away too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
