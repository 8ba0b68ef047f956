"""How Lambda calls: the context object a handler is given."""

import time
import uuid


class Context:
    """What a handler sees of its invocation; time counts from construction."""

    memory_limit_in_mb = 512

    def __init__(self, function_name: str, timeout_seconds: float = 900) -> None:
        self.function_name = function_name
        self.function_version = "$LATEST"
        self.aws_request_id = str(uuid.uuid4())
        self.invoked_function_arn = f"arn:aws:lambda:us-east-1:123456789012:function:{function_name}"
        self.log_group_name = f"/aws/lambda/{function_name}"
        self.log_stream_name = "embedded"
        self._deadline = time.monotonic() + timeout_seconds

    def get_remaining_time_in_millis(self) -> int:
        """Time left before Lambda would end the invocation; never negative."""
        return max(0, round((self._deadline - time.monotonic()) * 1000))
