"""Small definitions, as the API takes them."""

from typing import Any

DEFAULT = {"id": "Default", "name": "Default", "fields": [{"key": "scheduleType", "stringValue": "ondemand"}]}
SHELL = {
    "id": "Shell",
    "name": "Say it",
    "fields": [
        {"key": "type", "stringValue": "ShellCommandActivity"},
        {"key": "command", "stringValue": "echo #{mySecretFree}"},
        {"key": "workerGroup", "stringValue": "g"},
    ],
}
DATABASE = {
    "id": "Db",
    "name": "Db",
    "fields": [
        {"key": "type", "stringValue": "JdbcDatabase"},
        {"key": "connectionString", "stringValue": "jdbc:mysql://db/x"},
        {"key": "jdbcDriverClass", "stringValue": "com.mysql.jdbc.Driver"},
        {"key": "username", "stringValue": "u"},
        {"key": "*password", "stringValue": "hunter2"},
    ],
}
PARAMETER = {"id": "mySecretFree", "attributes": [{"key": "type", "stringValue": "String"}]}
VALUE = {"id": "mySecretFree", "stringValue": "hello"}


def put(client: Any, pipeline: str, *objects: Any) -> Any:
    return client.put_pipeline_definition(
        pipelineId=pipeline,
        pipelineObjects=[DEFAULT, SHELL, *objects],
        parameterObjects=[PARAMETER],
        parameterValues=[VALUE],
    )


def once(start: str) -> list[Any]:
    """A definition whose schedule has one interval, beginning at `start`."""
    schedule = {
        "id": "Once",
        "name": "Once",
        "fields": [
            {"key": "type", "stringValue": "Schedule"},
            {"key": "period", "stringValue": "1 hour"},
            {"key": "startDateTime", "stringValue": start},
            {"key": "occurrences", "stringValue": "1"},
        ],
    }
    cron = [{"key": "scheduleType", "stringValue": "cron"}, {"key": "schedule", "refValue": "Once"}]
    return [{**DEFAULT, "fields": cron}, schedule, SHELL]
