"""Actions: what happens on success, failure or lateness of another object.

Source: developer guide, "Actions", and the page of each type.
"""

from typing import Annotated

from chalicelib.domain.definition.catalog.component import RUNNING, Component
from chalicelib.domain.definition.catalog.slot import Facts, Group, catalogued
from chalicelib.domain.values import Ref


@catalogued
class Action(Component):
    """What every action has."""

    node: Annotated[Ref | None, Facts("The object that triggered it.", group=Group.RUNTIME, to=RUNNING)] = None


@catalogued
class SnsAlarm(Action):
    """Publishes a message to an SNS topic."""

    topic_arn: Annotated[str, Facts("ARN of the topic.")]
    subject: Annotated[str, Facts("Subject of the message.")]
    message: Annotated[str, Facts("Body of the message.")]
    role: Annotated[str, Facts("Role under which it is published.")]


@catalogued
class Terminate(Action):
    """Cancels an object that is late and has not started."""
