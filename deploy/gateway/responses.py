"""Answers that API Gateway gives by itself, in the API's one error shape.

`__type` and `message` stand beside `error` for SDK clients of the wire API, which look for the error's code there.
Source: API Gateway Developer Guide, "Gateway response types" and "Gateway responses to customize error responses"
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.stage import Cors

OWN_WORDS = "$context.error.messageString"
"""API Gateway's own sentence, already a JSON string with its quotes."""
ALLOW_ORIGIN = "gatewayresponse.header.Access-Control-Allow-Origin"


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """One kind of answer. `message` empty: API Gateway's own words, which say more. `status` None: as it comes."""

    status: int | None
    code: str
    wire: str
    message: str = ""

    def template(self) -> str:
        """The body, with API Gateway's variables in it."""
        message = json.dumps(self.message) if self.message else OWN_WORDS
        error = f'{{"code":"{self.code}","message":{message},"requestId":"$context.requestId"}}'
        return f'{{"error":{error},"__type":"{self.wire}","message":{message}}}'

    def body(self, request_id: str, words: str = "") -> bytes:
        """The body as a caller gets it; `words` are API Gateway's own."""
        text = self.template().replace(OWN_WORDS, json.dumps(words)).replace("$context.requestId", request_id)
        return text.encode()


RESPONSES: Mapping[str, GatewayResponse] = {
    "DEFAULT_4XX": GatewayResponse(None, "Refused", "InvalidRequestException"),
    "DEFAULT_5XX": GatewayResponse(None, "InternalError", "InternalServiceError"),
    "ACCESS_DENIED": GatewayResponse(403, "AccessDenied", "AccessDeniedException"),
    "API_CONFIGURATION_ERROR": GatewayResponse(
        500, "InternalError", "InternalServiceError", "The API is not set up as it must be"
    ),
    "AUTHORIZER_CONFIGURATION_ERROR": GatewayResponse(
        500, "InternalError", "InternalServiceError", "The API's authorizer is not set up as it must be"
    ),
    "AUTHORIZER_FAILURE": GatewayResponse(
        500, "InternalError", "InternalServiceError", "The API's authorizer did not answer; try again"
    ),
    "BAD_REQUEST_BODY": GatewayResponse(400, "InvalidRequest", "InvalidRequestException"),
    "BAD_REQUEST_PARAMETERS": GatewayResponse(400, "InvalidRequest", "InvalidRequestException"),
    "EXPIRED_TOKEN": GatewayResponse(403, "ExpiredToken", "ExpiredTokenException"),
    "INTEGRATION_FAILURE": GatewayResponse(
        502, "Unavailable", "InternalServiceError", "The function gave no answer that can be passed on; try again"
    ),
    "INTEGRATION_TIMEOUT": GatewayResponse(
        504, "Timeout", "InternalServiceError", "No answer within 29 seconds; the work may still be going on"
    ),
    "INVALID_API_KEY": GatewayResponse(
        403, "InvalidApiKey", "AccessDeniedException", "Header x-api-key: expected a key of one of the usage plans"
    ),
    "INVALID_SIGNATURE": GatewayResponse(403, "InvalidSignature", "InvalidSignatureException"),
    "MISSING_AUTHENTICATION_TOKEN": GatewayResponse(
        403, "MissingCredentials", "MissingAuthenticationTokenException", "Expected a request signed for execute-api"
    ),
    "QUOTA_EXCEEDED": GatewayResponse(
        429, "QuotaExceeded", "LimitExceededException", "The key's quota is used up for this period"
    ),
    "REQUEST_TOO_LARGE": GatewayResponse(
        413, "TooLarge", "InvalidRequestException", "The request is larger than the API takes"
    ),
    "RESOURCE_NOT_FOUND": GatewayResponse(404, "NotFound", "UnknownOperationException", "There is no such path"),
    "THROTTLED": GatewayResponse(
        429, "TooManyRequests", "ThrottlingException", "Too many requests; send fewer, and try again later"
    ),
    "UNAUTHORIZED": GatewayResponse(
        401, "Unauthenticated", "UnrecognizedClientException", "Expected a valid token of the user pool"
    ),
    "UNSUPPORTED_MEDIA_TYPE": GatewayResponse(
        415, "UnsupportedMediaType", "InvalidRequestException", "The content type or encoding is not supported"
    ),
    "WAF_FILTERED": GatewayResponse(403, "AccessDenied", "AccessDeniedException", "The request was filtered"),
}


def headers(cors: Cors | None) -> dict[str, str]:
    """Headers of every such answer. With several origins any page may read them: they say nothing but what is wrong."""
    if cors is None:
        return {}
    origin = cors.origins[0] if len(cors.origins) == 1 else "*"
    return {ALLOW_ORIGIN: f"'{origin}'"}
