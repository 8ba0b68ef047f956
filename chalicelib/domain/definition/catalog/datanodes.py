"""Data nodes: where data comes from and goes to.

Source: developer guide, "Data nodes", and the page of each type.
"""

from typing import Annotated, Literal

from chalicelib.domain.definition.catalog.component import RESOURCES, RUNNABLE, Scheduled
from chalicelib.domain.definition.catalog.slot import Facts, Group, catalogued
from chalicelib.domain.values import Ref, UtcTime


@catalogued
class DataNode(Scheduled):
    """What every data node has."""

    runs_on: Annotated[Ref | None, Facts("Resource that runs its preconditions.", to=RESOURCES)] = None
    worker_group: Annotated[str | None, Facts("Task runners for its preconditions; ignored beside `runsOn`.")] = None
    depends_on: Annotated[tuple[Ref, ...], Facts("Objects that must finish first.", to=RUNNABLE)] = ()
    precondition: Annotated[
        tuple[Ref, ...], Facts("Conditions that must hold before the data is ready.", to=("@precondition",))
    ] = ()


@catalogued
class S3DataNode(DataNode):
    """An object in S3, or everything below a folder."""

    file_path: Annotated[
        str | None, Facts("Address of one object, 's3://bucket/key'.", one_of="path", group=Group.OPTIONAL)
    ] = None
    directory_path: Annotated[
        str | None, Facts("Address of a folder, 's3://bucket/folder/'.", one_of="path", group=Group.OPTIONAL)
    ] = None
    data_format: Annotated[Ref | None, Facts("Format of the data.", to=("@dataformat",))] = None
    compression: Annotated[
        Literal["none", "gzip"] | None, Facts("Compression, for CopyActivity and RedshiftCopyActivity.", any_case=True)
    ] = None
    manifest_file_path: Annotated[str | None, Facts("Manifest for RedshiftCopyActivity, 's3://bucket/key'.")] = None
    catalog_table: Annotated[
        str | None,
        Facts("Penstock's own: table of the Glue Data Catalog, `database.table`, whose partition the output becomes."),
    ] = None
    catalog_partition: Annotated[
        tuple[str, ...],
        Facts("Penstock's own: `name=value` of each partition key; read from the path when none is given."),
    ] = ()
    s3_encryption_type: Annotated[
        Literal["SERVER_SIDE_ENCRYPTION", "NONE"], Facts("Whether S3 encrypts what is written.")
    ] = "SERVER_SIDE_ENCRYPTION"


@catalogued
class DynamoDBDataNode(DataNode):
    """A DynamoDB table."""

    table_name: Annotated[str, Facts("Name of the table.")]
    region: Annotated[str | None, Facts("Region of the table.", listed=())] = None
    data_format: Annotated[
        Ref | None,
        Facts("Format, for HiveActivity and HiveCopyActivity.", to=("DynamoDBDataFormat", "DynamoDBExportDataFormat")),
    ] = None
    read_throughput_percent: Annotated[
        float | None, Facts("Share of the table's read capacity to use.", least=0.1, most=1.0)
    ] = None
    write_throughput_percent: Annotated[
        float | None, Facts("Share of the table's write capacity to use.", least=0.1, most=1.0)
    ] = None


@catalogued
class TableNode(DataNode):
    """What the nodes for tables of an SQL database share."""

    table: Annotated[str, Facts("Name of the table.")]
    database: Annotated[Ref | None, Facts("Database of the table.", to=("@database",))] = None
    schema_name: Annotated[str | None, Facts("Schema of the table.")] = None
    create_table_sql: Annotated[str | None, Facts("Statement that creates the table where it is missing.")] = None
    select_query: Annotated[str | None, Facts("Query that reads the data.")] = None
    insert_query: Annotated[str | None, Facts("Prepared statement that writes one row, `?` for each column.")] = None
    username: Annotated[str | None, Facts("User, in the older form without `database`.")] = None
    password: Annotated[
        str | None, Facts("Password, in the older form without `database`.", wire="*password", secret=True)
    ] = None
    connection_string: Annotated[str | None, Facts("JDBC address, in the older form without `database`.")] = None


@catalogued
class SqlDataNode(TableNode):
    """A table of an SQL database."""


@catalogued
class MySqlDataNode(TableNode):
    """A table of a MySQL database."""


@catalogued
class RedshiftDataNode(DataNode):
    """A Redshift table."""

    database: Annotated[Ref, Facts("Database of the table.", to=("RedshiftDatabase",))]
    table_name: Annotated[str, Facts("Name of the table.")]
    schema_name: Annotated[str, Facts("Schema of the table.")] = "PUBLIC"
    create_table_sql: Annotated[str | None, Facts("Statement that creates the table where it is missing.")] = None
    primary_keys: Annotated[tuple[str, ...], Facts("Columns that tell rows apart, over the table's own key.")] = ()


@catalogued
class EventBatchDataNode(DataNode):
    """The events of the run, one JSON object a line. An extension of Penstock."""

    trigger: Annotated[Ref, Facts("Trigger whose events they are.", to=("@trigger",))]


@catalogued
class KinesisDataNode(DataNode):
    """Records of a Kinesis data stream. An extension of Penstock."""

    stream_name: Annotated[str, Facts("Name or ARN of the stream.")]
    region: Annotated[str | None, Facts("Region of the stream.", listed=())] = None
    start_time: Annotated[
        UtcTime | None, Facts("Of an input: records that arrived from then on; the oldest when none is given.")
    ] = None
    end_time: Annotated[
        UtcTime | None, Facts("Of an input: records that arrived before; all there are by now when none is given.")
    ] = None
    checkpoint: Annotated[
        str | None,
        Facts(
            "Of an input: S3 URI of an object that keeps how far runs have read. Each reads from where the last that "
            "finished stopped until `endTime`, or five seconds before its scheduled start; the first from `startTime`."
        ),
    ] = None


@catalogued
class SnsTopicDataNode(DataNode):
    """Messages to an SNS topic, one for each record written. An extension of Penstock."""

    topic_arn: Annotated[str, Facts("ARN of the topic.")]


@catalogued
class IotTopicDataNode(DataNode):
    """Messages to a topic of AWS IoT, one for each record written. An extension of Penstock."""

    topic: Annotated[str, Facts("Name of the topic, without wildcards.")]
    region: Annotated[str | None, Facts("Region of the broker.", listed=())] = None
