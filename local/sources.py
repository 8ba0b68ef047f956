"""Which function of the application each queue and schedule feeds, read off the application as Chalice deploys it."""

from collections.abc import Mapping, Sequence

from chalice.app import Chalice, KinesisEventConfig, ScheduledEventConfig, SQSEventConfig

from chalicelib.ports.queues import Queue
from local.pump import Handler, Source
from local.stream_pump import StreamSource
from local.ticks import Scheduled, rate

WORKERS: Mapping[Queue, int] = {
    Queue.CONTROL: 4,
    Queue.TASKS: 8,
    Queue.CHUNKS: 8,
    Queue.TIMERS: 2,
    Queue.ARRIVALS: 2,
    Queue.COMPLETIONS: 2,
}


def queue_sources(app: Chalice) -> Sequence[Source]:
    """An event source for each `on_sqs_message`; raise ValueError for a queue that is none of ours."""
    configs = [item for item in app.event_sources if isinstance(item, SQSEventConfig)]
    return [_source(app, item) for item in configs]


def _source(app: Chalice, config: SQSEventConfig) -> Source:
    address = config.queue or config.queue_arn or ""
    queue = next((item for item in Queue if address.removesuffix(".fifo").endswith(f"-{item.value}")), None)
    if queue is None:
        raise ValueError(f"function {config.name} listens to an unknown queue: {address}")
    return Source(queue, config.name, app.handler_map[config.name], config.batch_size, WORKERS[queue])


def stream_sources(app: Chalice) -> Sequence[StreamSource]:
    """An event source for each `on_kinesis_record`."""
    configs = [item for item in app.event_sources if isinstance(item, KinesisEventConfig)]
    return [StreamSource(item.stream, item.name, app.handler_map[item.name], item.batch_size) for item in configs]


def scheduled_functions(app: Chalice) -> Sequence[Scheduled]:
    """Every `schedule`d function with its period."""
    configs = [item for item in app.event_sources if isinstance(item, ScheduledEventConfig)]
    return [Scheduled(item.name, app.handler_map[item.name], rate(_expression(item))) for item in configs]


def deployed_functions(app: Chalice) -> Mapping[str, Handler]:
    """Every function but the API's by the name it has when deployed."""
    return {f"{app.app_name}-{name}": handler for name, handler in app.handler_map.items()}


def _expression(config: ScheduledEventConfig) -> str:
    given = config.schedule_expression
    return given if isinstance(given, str) else given.to_string()
