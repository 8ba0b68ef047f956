"""Action objects: SnsAlarm. Terminate is the engine's own and never comes here."""

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.ports.errors import Rejected
from chalicelib.ports.notify import Notifier

LONGEST_SUBJECT = 100
"""Characters. Source: SNS API reference, Publish."""


def run_action(action: PipelineObject, notifier: Notifier) -> None:
    """Run an evaluated action object.

    Raises   Rejected for an action type that cannot be run or a missing field; what the notifier raises
    """
    if action.type != "SnsAlarm":
        raise Rejected("action", f"{action.id} is a {action.type}: expected an SnsAlarm")
    notifier.publish(
        _required(action, "topicArn"),
        " ".join(_required(action, "subject").split())[:LONGEST_SUBJECT],
        _required(action, "message"),
        action.text("role"),
    )


def _required(action: PipelineObject, key: str) -> str:
    value = action.text(key)
    if not value:
        raise Rejected("action", f"{action.id}: '{key}' is missing or empty")
    return value
