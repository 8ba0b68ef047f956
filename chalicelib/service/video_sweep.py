"""Sweeps of video streams: every fragment since the last turn is an event, whether its stream notified of it or not.

    list fragments from the checkpoint on ── take them in ── move the checkpoint
                                  ▲                     ▲
         killed here: listed again           killed here: listed again, and known by their numbers

The checkpoint saves listing; that each fragment starts one run is the event store's promise. What a stream lists late
is found because each turn looks back a little.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.trigger.arrival import SWEEPS, Arrival, sweep_source, video_fragment
from chalicelib.domain.trigger.subscription import Subscription
from chalicelib.domain.values import UtcTime
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import PortError, failure
from chalicelib.ports.video import Fragment, Span, Stream, Timestamps, Videos
from chalicelib.service.intake import take

LOOK_BACK = timedelta(minutes=1)
"""Fragments are listed a second or so after they came, and the service's clock is not ours."""

_WINDOW = timedelta(hours=1)
_AT_ONCE = 100
_EARLY = timedelta(seconds=10)  # turns come a little early or late, and none should be left out for it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLI = timedelta(milliseconds=1)

log = logging.getLogger(__name__)


def begun(subscriptions: Sequence[Subscription], ports: Ports) -> tuple[Subscription, ...]:
    """The same, sweeps beginning now; or where they began, when the pipeline sweeps the stream already."""
    return tuple(_begun(item, ports) if item.source == SWEEPS else item for item in subscriptions)


def sweep_video(ports: Ports, videos: Videos) -> int:
    """Take in every fragment that came since the last turn, of every sweep that is due; how many were listed.

    A stream that cannot be listed now is left to the next turn, and no other waits for it.
    Raises   Throttled or Unavailable of the store or the queue: the next turn does it
    """
    return sum(_turn(item, ports, videos) for item in ports.store.listening(SWEEPS))


def _begun(fresh: Subscription, ports: Ports) -> Subscription:
    own = [item for item in ports.store.listening(SWEEPS) if item.pipeline == fresh.pipeline]
    since = next((item.since for item in own if item.stream == fresh.stream), None)
    return replace(fresh, since=since or ports.clock.now())


def _turn(sweep: Subscription, ports: Ports, videos: Videos) -> int:
    now, since = ports.clock.now(), sweep.since or _EPOCH
    checkpoint = ports.store.newest(sweep.pipeline, _subject(sweep))
    begin = _EPOCH + int(checkpoint) * _MILLI if checkpoint else since
    if checkpoint and now - begin < sweep.every - _EARLY:
        return 0
    count = 0
    while begin < now:
        end = min(begin + _WINDOW, now)
        found = _listed(sweep, Span(max(begin - LOOK_BACK, since), end, Timestamps.SERVER), videos)
        if found is None:
            return count
        for first in range(0, len(found), _AT_ONCE):
            take(found[first : first + _AT_ONCE], ports)
        ports.store.is_newest(sweep.pipeline, _subject(sweep), f"{(end - _EPOCH) // _MILLI:020d}")
        begin, count = end, count + len(found)
    return count


def _listed(sweep: Subscription, span: Span, videos: Videos) -> Sequence[Arrival] | None:
    """The fragments of a span as arrivals; None when the stream cannot be listed."""
    stream = Stream(sweep.stream)
    try:
        arn, found = videos.arn(stream), videos.fragments(stream, span)
    except PortError as error:
        log.warning("video.skipped", extra={"pipeline": sweep.pipeline, "stream": sweep.stream, **failure(error)})
        return None
    return [_arrival(sweep, arn, fragment) for fragment in found]


def _arrival(sweep: Subscription, arn: str, fragment: Fragment) -> Arrival:
    arrival = video_fragment(arn, fragment.number, fragment.producer_at, fragment.server_at, {})
    return replace(arrival, source=sweep_source(sweep.pipeline, sweep.trigger))


def _subject(sweep: Subscription) -> str:
    return f"sweep/{sweep.stream}/{_since(sweep.since or _EPOCH)}"


def _since(moment: UtcTime) -> int:
    return (moment - _EPOCH) // _MILLI
