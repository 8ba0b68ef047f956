"""Names of what a stage's API brings with it in the account."""

API_STAGE = "api"
"""The stage of the API, as .chalice/config.json calls it: the first part of every path."""


def api_name(stage: str) -> str:
    """The API's name in the account, as app.py calls it: a dimension of the gateway's figures."""
    return f"penstock-{stage}"


def log_group(stage: str) -> str:
    """Where the access log is written."""
    return f"/penstock/{stage}/access"


def plan_name(stage: str, plan: str) -> str:
    """A usage plan's name in the account."""
    return f"penstock-{stage}-{plan}"


def key_name(stage: str, key: str) -> str:
    """An API key's name in the account."""
    return f"penstock-{stage}-{key}"


LOG_ROLE = "penstock-gateway-logs"
"""The role with which API Gateway writes the logs of every stage in the account."""


def logical(*parts: str) -> str:
    """A name that CloudFormation takes: letters and digits only."""
    return "".join(word[:1].upper() + word[1:] for part in parts for word in _words(part))


def _words(part: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in part).split()
