"""What the domain says can be performed where, against who performs it."""

from chalicelib.domain.run.abilities import CLUSTER, FUNCTION, MACHINE, can_run
from chalicelib.domain.run.effects import Placement
from chalicelib.work.registry import EVERYWHERE, ON_CLUSTER, SERVERLESS


def test_the_lists_are_those_of_the_executors():
    assert SERVERLESS.keys() == FUNCTION
    assert EVERYWHERE.keys() == MACHINE
    assert ON_CLUSTER.keys() == CLUSTER


def test_a_shell_command_needs_a_machine():
    assert not can_run("ShellCommandActivity", Placement.SERVERLESS)
    assert can_run("ShellCommandActivity", Placement.RESOURCE)


def test_a_copy_cannot_be_sent_to_a_cluster():
    assert not can_run("CopyActivity", Placement.RESOURCE, on_cluster=True)
