"""Whose fault an error of a model's service is: the item's, the model's, or nobody's."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from chalicelib.adapters.aws.inference import AwsInference
from chalicelib.ports.errors import Denied, Missing, PortError, Throttled, Unavailable
from chalicelib.ports.inference import Analysis, Endpoint, ItemRefused, ModelFailed


class Refusing:
    """A client whose every call fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        def refuse(**_: Any) -> Any:
            raise self._error

        return refuse


def failing(code: str, status: int = 400, message: str = "told", **more: Any) -> ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(response, "Op")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (failing("ModelError", 424, OriginalStatusCode=400), ItemRefused),
        (failing("ModelError", 424, OriginalStatusCode=500), ModelFailed),
        (failing("ModelError", 424), ModelFailed),
        (failing("ValidationError", message="Endpoint e of account 1 not found."), Missing),
        (failing("ValidationError", message="body too long"), ItemRefused),
        (failing("ThrottlingException", 400), Throttled),
        (failing("ThrottlingException", 500), Throttled),
        (failing("ModelNotReadyException", 429), Throttled),
        (failing("ServiceUnavailable", 503), Unavailable),
        (failing("InternalFailure", 500), Unavailable),
        (failing("AccessDeniedException", 403), Denied),
        (ReadTimeoutError(endpoint_url="u"), Unavailable),
        (EndpointConnectionError(endpoint_url="u"), Unavailable),
    ],
    ids=str,
)
def test_an_endpoints_error_is_told_by_whose_fault_it_is(error: Exception, kind: type[PortError]) -> None:
    with pytest.raises(PortError) as raised:
        AwsInference(lambda service, region: Refusing(error)).invoke(Endpoint("e"), b"{}")
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InvalidImageFormatException", ItemRefused),
        ("ImageTooLargeException", ItemRefused),
        ("InvalidS3ObjectException", ItemRefused),
        ("InvalidParameterException", ItemRefused),
        ("ProvisionedThroughputExceededException", Throttled),
        ("ResourceNotReadyException", Missing),
        ("ResourceNotFoundException", Missing),
        ("AccessDeniedException", Denied),
    ],
)
def test_an_image_operations_error_is_told_by_whose_fault_it_is(code: str, kind: type[PortError]) -> None:
    with pytest.raises(PortError) as raised:
        AwsInference(lambda service, region: Refusing(failing(code))).analyse(Analysis("DetectFaces", {}), b"x")
    assert type(raised.value) is kind
