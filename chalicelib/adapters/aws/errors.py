"""What botocore raises, in the ports' vocabulary: one table for every adapter."""

import logging
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from chalicelib.domain.measures import Measure, Reading
from chalicelib.ports.errors import Conflict, Denied, Missing, PortError, Rejected, Throttled, Unavailable

log = logging.getLogger(__name__)

_BY_CODE: dict[str, type[PortError]] = {
    "ConditionalCheckFailedException": Conflict,
    "PreconditionFailed": Conflict,
    "OperationAborted": Conflict,
    "ConditionalRequestConflict": Conflict,
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
    "ThrottledException": Throttled,
    "RequestThrottled": Throttled,
    "TooManyRequestsException": Throttled,
    "ProvisionedThroughputExceededException": Throttled,
    "RequestLimitExceeded": Throttled,
    "ActiveStatementsExceededException": Throttled,
    "ActiveSessionsExceededException": Throttled,
    "ActiveWaitingRequestsExceededException": Throttled,
    "SlowDown": Throttled,
    "ClientLimitExceededException": Throttled,
    "ConnectionLimitExceededException": Throttled,
    "InsufficientInstanceCapacity": Throttled,
    "ConcurrentRunsExceededException": Throttled,
    "AccessDenied": Denied,
    "AccessDeniedException": Denied,
    "AuthorizationError": Denied,
    "NotAuthorizedException": Denied,
    "UnauthorizedOperation": Denied,
    "ExpiredToken": Denied,
    "InvalidAccessKeyId": Denied,
    "SignatureDoesNotMatch": Denied,
    "NoSuchBucket": Missing,
    "NoSuchKey": Missing,
    "NoSuchUpload": Missing,
    "NoSuchEntity": Missing,
    "NotFound": Missing,
    "NotFoundException": Missing,
    "ResourceNotFoundException": Missing,
    "EntityNotFoundException": Missing,
    "QueueDoesNotExist": Missing,
    "AWS.SimpleQueueService.NonExistentQueue": Missing,
    "InvalidInstanceID.NotFound": Missing,
    "TaskNotFoundException": Missing,
    "PipelineNotFoundException": Missing,
    "PipelineDeletedException": Missing,
}
_BY_STATUS: dict[int, type[PortError]] = {
    401: Denied,
    403: Denied,
    404: Missing,
    409: Conflict,
    412: Conflict,
    429: Throttled,
}


def port_error(operation: str, error: ClientError | BotoCoreError) -> PortError:
    """The port error that says what `error` says. One that throttles is counted.

    What reached nobody, and faults of the other side, are Unavailable; what botocore refused to send is Rejected.
    """
    if isinstance(error, ParamValidationError):
        return Rejected(operation, str(error))
    if not isinstance(error, ClientError):
        return Unavailable(operation, str(error))
    detail = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    reason = f"{detail.get('Code', status)}: {detail.get('Message', '')}"
    fallback = Unavailable if status >= 500 else _BY_STATUS.get(status, Rejected)
    found = _BY_CODE.get(detail.get("Code", ""), fallback)
    if found is Throttled:
        log.warning("throttled", extra={"operation": operation, "reading": Reading({Measure.THROTTLES: 1})})
    return found(operation, reason)


def call(operation: str, function: Callable[..., Any], **arguments: Any) -> Any:
    """Call a boto3 client's method; raise the PortError of whatever it raises."""
    try:
        return function(**arguments)
    except (ClientError, BotoCoreError) as error:
        raise port_error(operation, error) from error
