"""Who listens to a source, and to what part of it. Pure; where subscriptions are kept is the store's business."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.trigger.arrival import Arrival, Holder
from chalicelib.domain.values import PipelineId, UtcTime


@dataclass(frozen=True, slots=True)
class Subscription:
    """An armed trigger.

    trigger      id of the trigger object
    prefix, suffix          of an object's key
    least_bytes, most_bytes of an object's size, included
    newest_only  events of a subject that are older than one already heard of start nothing
    keys         ids of the API keys that may call; empty where the trigger names none
    stream, every, since    of a sweep: the video stream, the time between two turns, and where it begins
    """

    pipeline: PipelineId
    trigger: str
    source: str
    prefix: str = ""
    suffix: str = ""
    least_bytes: int = 0
    most_bytes: int | None = None
    newest_only: bool = False
    keys: tuple[str, ...] = ()
    stream: str = ""
    every: timedelta = timedelta(0)
    since: UtcTime | None = None


def accepts(subscription: Subscription, arrival: Arrival) -> bool:
    """Whether the event is what the trigger asks for; its order among others is not looked at."""
    if subscription.source != arrival.source or not _opens(arrival.holder, subscription):
        return False
    key, size = arrival.fields.get("@key", ""), int(arrival.fields.get("@size", "0"))
    if not (key.startswith(subscription.prefix) and key.endswith(subscription.suffix)):
        return False
    return subscription.least_bytes <= size and (subscription.most_bytes is None or size <= subscription.most_bytes)


def _opens(holder: Holder | None, subscription: Subscription) -> bool:
    """Whether the trigger lets this key in; one that names none leaves that to whoever knows the pipeline's owner."""
    return holder is None or not subscription.keys or holder.key_id in subscription.keys
