"""No topics and no machines, for use cases that must not ask for any."""

from chalicelib.ports.compute import LaunchRequest, ResourceStatus


class Nobody:
    """ports/notify.Notifier and ports/compute.Compute that fail the test when they are asked."""

    def publish(self, topic_arn: str, subject: str, message: str, role: str | None) -> None:
        raise AssertionError(topic_arn)

    def launch(self, request: LaunchRequest) -> str:
        raise AssertionError(request)

    def terminate(self, resource_id: str) -> None:
        raise AssertionError(resource_id)

    def reason(self, resource_id: str) -> str:
        raise AssertionError(resource_id)

    def find(self, token: str, region: str | None = None) -> str | None:
        raise AssertionError(token)

    def status(self, resource_id: str) -> ResourceStatus:
        raise AssertionError(resource_id)
