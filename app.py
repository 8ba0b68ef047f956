"""The manifest: every entry point of the deployed system, and nothing else.

A decorator says when; the body says who. Event handlers stay here and not in a blueprint: a blueprint's handler is
deployed under its own module, so that this file, and the wiring it does, would never run.
"""

from chalice.app import (
    Chalice,
    CloudWatchEvent,
    IAMAuthorizer,
    KinesisEvent,
    Rate,
    Response,
    SQSEvent,
)

from chalicelib import bootstrap
from chalicelib.edge import batch
from chalicelib.ports.queues import Queue

settings = bootstrap.settings()
# The API's name, by which the gateway's figures are told apart; functions have theirs from .chalice/config.json.
app = Chalice(app_name=f"penstock-{settings.stage}", configure_logs=False)
app.register_middleware(bootstrap.watch, "all")

if settings.serves_routes:  # the other functions start without what answers requests
    from chalicelib.edge import authorizers, console, cors, rest, rpc
    from chalicelib.edge import ingest as ingestion

    # The service's type is listed for the gateway; the others are let in so that they get the service's own error.
    WIRE_TYPES = [rpc.CONTENT_TYPE, "*/*"]
    iam = IAMAuthorizer()
    app.register_middleware(cors.allowing(settings.origins), "http")
    rest.register(app, bootstrap.ports, authorizers.tokens(settings.user_pool), iam)

    @app.route("/datapipeline", methods=["POST"], content_types=WIRE_TYPES, authorizer=iam)
    def datapipeline() -> Response:
        """The 19 operations, for the AWS CLI and SDKs."""
        return rpc.answer(app, bootstrap.ports())

    @app.route("/", methods=["POST"], content_types=WIRE_TYPES, authorizer=iam)
    def datapipeline_at_root() -> Response:
        """The same for SDKs that drop the path of an endpoint."""
        return rpc.answer(app, bootstrap.ports())

    @app.route("/v1/ingest/{pipeline}", methods=["POST"], content_types=["*/*"], api_key_required=True)
    def ingest(pipeline: str) -> Response:
        """A call that starts a run: HttpTrigger."""
        return ingestion.ingest(app, pipeline, bootstrap.ports())

    @app.route("/console", methods=["GET"])
    def console_page() -> Response:
        """The web console; routes are flat, since a path's parameter does not span slashes."""
        return console.to_page(app)

    @app.route("/console/{name}", methods=["GET"])
    def console_file(name: str) -> Response:
        """Its page, and what that has to know of the stage."""
        return console.file(name, bootstrap.sign_in())

    @app.route("/console/assets/{name}", methods=["GET"])
    def console_asset(name: str) -> Response:
        """Its scripts and styles."""
        return console.asset(name, bootstrap.sign_in())


@app.on_sqs_message(queue=settings.queue(Queue.CONTROL), batch_size=10)
def control(event: SQSEvent) -> batch.Failures:
    """Advance pipelines: the only writer of live state."""
    return batch.each_pipeline(event.to_dict(), bootstrap.engine().process)


@app.on_sqs_message(queue=settings.queue(Queue.TIMERS), batch_size=10)
def timers(event: SQSEvent) -> batch.Failures:
    """Wake the pipelines whose time has come."""
    return batch.each_record(event.to_dict(), bootstrap.wake)


@app.on_sqs_message(queue=settings.queue(Queue.ARRIVALS), batch_size=10)
def arrivals(event: SQSEvent) -> batch.Failures:
    """Take in what may start runs: S3's events, through EventBridge or as notifications."""
    return batch.all_arrivals(event.to_dict(), bootstrap.take_in)


if settings.results_stream:

    @app.on_kinesis_record(stream=settings.results_stream, batch_size=100, starting_position="TRIM_HORIZON")
    def results(event: KinesisEvent) -> batch.Failures:
        """Take in the known faces that stream processors find in video: VideoTrigger `matched`."""
        return batch.in_order(event.to_dict(), bootstrap.take_in, bootstrap.set_aside)


@app.on_sqs_message(queue=settings.queue(Queue.COMPLETIONS), batch_size=10)
def completions(event: SQSEvent) -> batch.Failures:
    """Let go on what waits for jobs elsewhere: what EventBridge and topics say of their ends."""
    return batch.each_record(event.to_dict(), bootstrap.complete)


@app.on_sqs_message(queue=settings.queue(Queue.TASKS), batch_size=1)
def tasks(event: SQSEvent) -> batch.Failures:
    """Work on serverless tasks."""
    return batch.each_record(event.to_dict(), bootstrap.perform(event.context))


@app.on_sqs_message(queue=settings.queue(Queue.CHUNKS), batch_size=1)
def chunks(event: SQSEvent) -> batch.Failures:
    """Work on parts of fanned-out tasks."""
    return batch.each_record(event.to_dict(), bootstrap.perform_chunk(event.context))


@app.schedule(Rate(1, unit=Rate.MINUTES))
def tick(_event: CloudWatchEvent) -> dict[str, int]:
    """Give every pipeline that is due within a minute its exact timer."""
    return {"due": bootstrap.tick()}


@app.schedule(Rate(1, unit=Rate.HOURS))
def sweep(_event: CloudWatchEvent) -> dict[str, int]:
    """End machines, clusters and topic rules that were left behind."""
    return {"ended": bootstrap.sweep()}


@app.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_video(_event: CloudWatchEvent) -> dict[str, int]:
    """Start runs for what video streams hold since the last turn."""
    return {"fragments": bootstrap.sweep_video()}
