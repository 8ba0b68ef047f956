"""The command line. Must not know what it leads to. No option takes a secret."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from penstock_migrate.errors import Unusable

PROGRAM = "penstock_migrate"


@dataclass(frozen=True, slots=True)
class Side:
    """How to reach one side; None leaves it to the environment, as the AWS CLI does."""

    endpoint: str | None
    profile: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class Options:
    """One command. `pipelines`: ids at the source; empty means all."""

    command: str
    source: Side
    target: Side
    pipelines: tuple[str, ...] = ()
    json: bool = False
    dry_run: bool = False
    secrets: Path | None = None
    renew: bool = False
    state: Path = Path("penstock-migration")
    cancel: bool = False
    rerun_failed: bool = False
    without_failed: bool = False
    patience: timedelta = timedelta(minutes=60)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Unusable(message)


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; `--help` prints and exits. Raises Unusable."""
    given = _parser().parse_args(arguments)
    pipelines = tuple(getattr(given, "pipelines", ()))
    if given.command in ("create", "switch") and not pipelines and not given.all:
        raise Unusable(f"{given.command}: name the pipelines, or say --all")
    if getattr(given, "all", False) and pipelines:
        raise Unusable(f"{given.command}: name pipelines or say --all, not both")
    return Options(
        command=given.command,
        source=Side(given.source_endpoint, given.source_profile, given.source_region),
        target=Side(given.target_endpoint, given.target_profile, given.target_region),
        pipelines=pipelines,
        json=getattr(given, "json", False),
        dry_run=getattr(given, "dry_run", False),
        secrets=getattr(given, "secrets", None),
        renew=getattr(given, "renew_secrets", False),
        state=given.state,
        cancel=getattr(given, "cancel_running", False),
        rerun_failed=getattr(given, "rerun_failed", False),
        without_failed=getattr(given, "without_failed", False),
        patience=timedelta(minutes=getattr(given, "wait", 60)),
    )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=PROGRAM, allow_abbrev=False, description="Moves AWS Data Pipeline pipelines to Penstock.")
    for side, what in (("source", "AWS Data Pipeline in the region"), ("target", "$AWS_ENDPOINT_URL_DATA_PIPELINE")):
        parser.add_argument(f"--{side}-endpoint", help=f"address; default: {what}")
        parser.add_argument(f"--{side}-profile", help="profile of the AWS configuration")
        parser.add_argument(f"--{side}-region", help="region; default: the profile's or the environment's")
    parser.add_argument("--state", type=Path, default=Path("penstock-migration"), help="directory of checkpoints")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    report = _command(commands, "report", "say what would run here, and what would not")
    report.add_argument("--json", action="store_true", help="for programs")
    _command(commands, "secrets", "print a secrets file to fill in")
    create = _command(commands, "create", "make pipelines here, not activated")
    _making(create)
    plan = _command(commands, "plan", "print the steps of a switch-over, and do none")
    plan.add_argument("--json", action="store_true", help="for programs")
    switch = _command(commands, "switch", "stop pipelines there and let them go on here")
    _making(switch)
    switch.add_argument("--cancel-running", action="store_true", help="do not wait for what runs: run it here again")
    switch.add_argument("--rerun-failed", action="store_true", help="run here once more what failed there")
    switch.add_argument("--without-failed", action="store_true", help="go on though something depends on what failed")
    switch.add_argument("--wait", type=int, default=60, metavar="MINUTES", help="for what runs there; default: 60")
    _command(commands, "rollback", "stop pipelines here and let them go on there", "+")
    return parser


def _command(commands: "argparse._SubParsersAction[_Parser]", name: str, says: str, many: str = "*") -> _Parser:
    made = commands.add_parser(name, help=says, description=says, allow_abbrev=False)
    made.add_argument("pipelines", nargs=many, metavar="PIPELINE", help="id at the source")
    return made


def _making(command: _Parser) -> None:
    command.add_argument("--all", action="store_true", help="every pipeline of the source")
    command.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    command.add_argument("--secrets", type=Path, metavar="FILE", help="TOML file that says where secrets are")
    command.add_argument("--renew-secrets", action="store_true", help="put them again though nothing else changed")
