"""What functions ask of AWS under their own roles, as actions on resources: what a policy has to allow.

Calls under a definition's role carry other credentials and are left out: those are that role's matter.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore import handlers

from bench.deployed import ACCOUNT

Call = tuple[str, str]
"""An IAM action and the ARN of what it acts on; `*` where the action has no resource."""

PREFIXES = {
    "emr": "elasticmapreduce",
    "kinesis-video": "kinesisvideo",
    "kinesis-video-archived-media": "kinesisvideo",
    "secrets-manager": "secretsmanager",
}
ASSUMED = "ASIA"
"""What keys of an assumed role begin with."""
ACTIONS = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
}
"""Operations whose permission has another name."""


class Recorder:
    """Notes the calls of every client of this process. `who` says for which function; nothing is noted for none."""

    def __init__(self) -> None:
        self.who: Callable[[], str] = str
        self.calls: set[tuple[str, str, str]] = set()

    def install(self) -> None:
        """Note calls of clients that are made from now on."""
        handlers.BUILTIN_HANDLERS.append(("provide-client-params", self._given))
        handlers.BUILTIN_HANDLERS.append(("before-call", self._called))

    def _given(self, params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["given"] = dict(params)

    def _called(self, model: Any, request_signer: Any, context: Mapping[str, Any], **_: Any) -> None:
        credentials = request_signer._credentials  # botocore has no other way to ask whose call it is
        function = self.who()
        if not function or credentials is None or credentials.access_key.startswith(ASSUMED):
            return
        service = model.service_model.service_id.hyphenize()
        action = f"{PREFIXES.get(service, service)}:{model.name}"
        for resource in _resources(service, model.name, context.get("given", {})):
            self.calls.add((function, ACTIONS.get(action, action), resource))


def _resources(service: str, operation: str, given: Mapping[str, Any]) -> Iterator[str]:
    if service == "dynamodb" and "RequestItems" in given:
        yield from (_arn("dynamodb", f"table/{table}") for table in given["RequestItems"])
        return
    yield _FINDERS.get(service, _anything)(operation, given)


def _arn(service: str, resource: str, *, placed: bool = True) -> str:
    return f"arn:aws:{service}:{'us-east-1' if placed else ''}:{ACCOUNT}:{resource}"


def _anything(operation: str, given: Mapping[str, Any]) -> str:
    del operation, given
    return "*"


def _table(operation: str, given: Mapping[str, Any]) -> str:
    del operation
    index = f"/index/{given['IndexName']}" if "IndexName" in given else ""
    return _arn("dynamodb", f"table/{given['TableName']}{index}")


def _queue(operation: str, given: Mapping[str, Any]) -> str:
    del operation
    return _arn("sqs", given.get("QueueName") or given["QueueUrl"].rpartition("/")[2])


def _object(operation: str, given: Mapping[str, Any]) -> str:
    del operation
    return f"arn:aws:s3:::{given['Bucket']}" + (f"/{given['Key']}" if "Key" in given else "")


def _rule(operation: str, given: Mapping[str, Any]) -> str:
    del operation
    return _arn("iot", f"rule/{given['ruleName']}") if "ruleName" in given else "*"


def _role(operation: str, given: Mapping[str, Any]) -> str:
    del operation
    return str(given.get("RoleArn", "*"))


def _machine(operation: str, given: Mapping[str, Any]) -> str:
    ids = given.get("InstanceIds", [])
    return _arn("ec2", f"instance/{ids[0]}") if operation == "TerminateInstances" else "*"


def _cluster(operation: str, given: Mapping[str, Any]) -> str:
    found = given.get("ClusterId") or (given.get("JobFlowIds") or [None])[0] or given.get("JobFlowId")
    return _arn("elasticmapreduce", f"cluster/{found}") if found and operation != "RunJobFlow" else "*"


def _stream(operation: str, given: Mapping[str, Any]) -> str:
    del operation
    return str(given.get("StreamARN") or _arn("kinesisvideo", f"stream/{given.get('StreamName', 'any')}/1"))


def _database(operation: str, given: Mapping[str, Any]) -> str:
    del operation
    return _arn("rds", f"db:{given.get('DBInstanceIdentifier', '*')}")


def _secret(operation: str, given: Mapping[str, Any]) -> str:
    del operation
    name = str(given["SecretId"])
    return name if name.startswith("arn:") else _arn("secretsmanager", f"secret:{name}-AbCdEf")


def _key(operation: str, given: Mapping[str, Any]) -> str:
    del operation, given
    return _arn("kms", "key/any")


_FINDERS: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "dynamodb": _table,
    "sqs": _queue,
    "s3": _object,
    "iot": _rule,
    "sts": _role,
    "ec2": _machine,
    "emr": _cluster,
    "kinesis-video": _stream,
    "kinesis-video-archived-media": _stream,
    "rds": _database,
    "secrets-manager": _secret,
    "kms": _key,
}
