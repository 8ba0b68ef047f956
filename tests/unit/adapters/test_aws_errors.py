"""Each kind of botocore error becomes one port error."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib.adapters.aws.errors import call, port_error
from chalicelib.ports.errors import Conflict, Denied, Missing, PortError, Rejected, Throttled, Unavailable


def client_error(code: str, status: int) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "why"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Op"
    )


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ConditionalCheckFailedException", 400, Conflict),
        ("SlowDown", 503, Throttled),
        ("NoSuchKey", 404, Missing),
        ("404", 404, Missing),
        ("403", 403, Denied),
        ("ValidationException", 400, Rejected),
        ("InternalError", 500, Unavailable),
    ],
)
def test_a_code_or_status_chooses_the_port_error(code: str, status: int, kind: type[PortError]) -> None:
    error = port_error("Op", client_error(code, status))
    assert type(error) is kind
    assert "why" in str(error)


def test_an_endpoint_that_does_not_answer_is_unavailable_and_retryable() -> None:
    def refuse() -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    with pytest.raises(Unavailable) as caught:
        call("Op", refuse)
    assert caught.value.retryable
