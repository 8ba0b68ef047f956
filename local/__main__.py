"""`python -m local`: start the embedded run, show the samples, serve."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from chalicelib.adapters.log_lines import write_to
from local import show
from local.cli import AwsCli
from local.cognito.pool import PASSWORD
from local.event_samples.sample import Stage
from local.event_samples.show import show_event_samples
from local.house import API_PORT, AWS_PORT, GATEWAY_SETTINGS, STAGE, AlreadyRunning, House, Options
from local.inputs import BUCKET, DATA_SETS, put_inputs

INTERRUPTED = 130
LOOK_SECONDS = 1.0


def say(line: str) -> None:
    """Print at once, also into a pipe."""
    print(line, flush=True)


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m local", description="Penstock with an embedded AWS, on loopback.")
    parser.add_argument("--control", choices=("sqlite", "aws"), default="sqlite", help="where the control plane lives")
    parser.add_argument("--once", action="store_true", help="end after the samples; status 0 when every run finished")
    parser.add_argument("--no-samples", action="store_true", help="only serve")
    parser.add_argument("--home", type=Path, default=Path(".penstock"), help="state, logs and addresses")
    parser.add_argument("--port", type=int, default=API_PORT, help="wanted port of the API; 0 for any free one")
    parser.add_argument("--aws-port", type=int, default=AWS_PORT, help="wanted port of the embedded AWS")
    parser.add_argument("--gateway", type=Path, default=GATEWAY_SETTINGS, help="the stage file whose gateway is played")
    return parser.parse_args(given)


def introduce(house: House, control: str) -> None:
    """Say where everything is and how to reach it."""
    at = house.endpoints
    say(f"penstock: control plane on {control}")
    say(f"  Data Pipeline API  {at.wire}")
    say(f"  REST API           {at.api}")
    say(f"  embedded AWS       {at.aws}")
    built = (Path(__file__).parent.parent / "chalicelib" / "console" / "index.html").exists()
    say(f"  web console        {f'{at.api}/console' if built else 'not built: make console'}")
    say(f"  sign-in page       {at.sign_in}  users reader, writer, operator, admin; password {PASSWORD}")
    say(f"  MQTT               {at.mqtt}")
    say(f"  MQTT over TLS      {at.mqtts}  ca.pem, device.pem and device.key in {at.certificates}")
    say("Use it from another terminal; any name is a key, and its own secret:")
    say(
        f"  export AWS_ENDPOINT_URL={at.aws} AWS_ACCESS_KEY_ID=me AWS_SECRET_ACCESS_KEY=me AWS_DEFAULT_REGION=us-east-1"
    )
    say("  aws datapipeline list-pipelines")


def show_samples(house: House) -> bool:
    """Put input, run the samples, print the results; whether every run finished."""
    s3, sns, sqs = house.client("s3"), house.client("sns"), house.client("sqs")
    sizes = put_inputs(s3)
    say("\nInput (public data sets from the vega_datasets package):")
    for key, size in sizes.items():
        say(f"{size:>10}  s3://{BUCKET}/{key}  {DATA_SETS[Path(key).name]}")
    mailbox = show.listen(sns, sqs)
    say("")
    finished = show.Show(AwsCli(house.environment), say, house.home / "samples").run(house.client("datapipeline"))
    say("\nResults in S3:")
    for line in show.results(s3):
        say(line)
    if finished:
        say("\nWhat the shell command counted:")
        for line in show.counted(s3):
            say(line)
    say("\nHeard on the SNS topic:")
    for line in show.heard(sqs, mailbox):
        say(f"  {line}")
    finished = show_events(house) and finished
    say("\nEvery run FINISHED." if finished else "\nNot every run finished; see the tables above.")
    return finished


def show_events(house: House) -> bool:
    """Run the samples that events start; whether nothing was lost and nothing counted twice."""
    say("\nStarted by events:")
    cli = AwsCli(house.environment)
    stage = Stage(house.client, house.endpoints.mqtt, cli, say, house.home / "samples", house.watch)
    return show_event_samples(stage, house.sender())


def serve(options: argparse.Namespace) -> int:
    """Run until asked to end; the exit status."""
    home = options.home.resolve()
    told = Options(options.control, home, options.port, options.aws_port, settings=options.gateway)
    with House.open(told) as house:
        introduce(house, options.control)
        finished = True if options.no_samples else show_samples(house)
        if options.once:
            return 0 if finished else 1
        say("\nServing; Ctrl-C ends it.")
        wait_for_end()
        return 0


def wait_for_end() -> None:
    """Until Ctrl-C or SIGTERM. A signal that another thread hears wakes nobody: this one has to look by itself."""
    never = threading.Event()
    try:
        while not never.wait(LOOK_SECONDS):
            pass
    except KeyboardInterrupt:
        return


def interrupt(*_: object) -> None:
    """SIGTERM is taken as Ctrl-C."""
    raise KeyboardInterrupt


def main() -> int:
    """The exit status."""
    options = arguments(sys.argv[1:])
    logs = options.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    write_to((logs / "app.log").open("a"), STAGE)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        return serve(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (AlreadyRunning, RuntimeError) as error:
        print(f"penstock: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
