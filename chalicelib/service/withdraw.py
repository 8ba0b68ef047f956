"""Stopping what an attempt that nobody waits for any more has running elsewhere. Must not know how work is done."""

import logging

from chalicelib.domain.run.codec import decode_state
from chalicelib.domain.run.state import split_attempt_id
from chalicelib.domain.run.task import Task
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import PortError, failure
from chalicelib.ports.store import StateStore
from chalicelib.service.secrets import unseal
from chalicelib.service.worksite import Worksite
from chalicelib.work.clusters.emr import cancel_steps
from chalicelib.work.jobs import stop_job
from chalicelib.work.redshift.dialogue import abandon, series_of

log = logging.getLogger(__name__)


def withdraw(task: Task, ports: Ports, site: Worksite) -> None:
    """Cancel its steps on a cluster, its job elsewhere, and its statement unless the next attempt takes that over.

    task     secrets still sealed
    Raises   Throttled, Unavailable: let the message come again
    """
    if site.clusters is not None:
        cancel_steps(task, site.clusters)
    _stop_job(task, site)
    if task.checkpoint is None or _is_taken_over(ports.store, task):
        return
    try:
        stopped = abandon(unseal(task, ports.sealer), lambda role: site.reach.under(role).warehouses)
    except PortError as error:
        if error.retryable:
            raise
        log.warning("statement.left", extra=failure(error))
        return
    if stopped is not None:
        log.info("statement.ended", extra={"statement": stopped})


def _stop_job(task: Task, site: Worksite) -> None:
    """A job belongs to its attempt alone: no retry takes it over."""
    try:
        stopped = stop_job(task, site.reach)
    except PortError as error:
        if error.retryable:
            raise
        log.warning("job.left", extra=failure(error))
        return
    if stopped:
        log.info("job.ended")


def _is_taken_over(store: StateStore, task: Task) -> bool:
    """Whether a retry is under way: it goes on with what still runs. A rerun does not, it begins anew."""
    stored, split = store.load_state(task.pipeline), split_attempt_id(task.attempt)
    instance = (
        decode_state(stored.payload).instances.get(split[0]) if stored is not None and split is not None else None
    )
    if instance is None or instance.head is None or instance.head.status.ended:
        return False
    return len(instance.attempts) + instance.tries_left == series_of(task)
