"""Databases: how to reach one.

Source: developer guide, "Databases", and the page of each type.
"""

from typing import Annotated

from chalicelib.domain.definition.catalog.component import Component
from chalicelib.domain.definition.catalog.slot import Facts, catalogued


@catalogued
class Database(Component):
    """What every database has."""

    username: Annotated[str, Facts("User to connect as.")]
    password: Annotated[str, Facts("Password of the user.", wire="*password", secret=True)]
    database_name: Annotated[str | None, Facts("Name of the database on the server.")] = None
    jdbc_properties: Annotated[tuple[str, ...], Facts("Connection properties, `A=B` each.")] = ()


@catalogued
class JdbcDatabase(Database):
    """Any database with a JDBC address."""

    connection_string: Annotated[str, Facts("JDBC address.")]
    jdbc_driver_class: Annotated[str, Facts("Class of the driver.")]
    jdbc_driver_jar_uri: Annotated[str | None, Facts("S3 address of the driver.")] = None


@catalogued
class RdsDatabase(Database):
    """A database of Amazon RDS."""

    rds_instance_id: Annotated[str, Facts("Identifier of the DB instance.")]
    jdbc_driver_jar_uri: Annotated[
        str | None, Facts("S3 address of the driver; not needed for MySQL and PostgreSQL.")
    ] = None
    region: Annotated[str | None, Facts("Region of the DB instance.")] = None


@catalogued
class RedshiftDatabase(Database):
    """A database of Amazon Redshift."""

    cluster_id: Annotated[
        str | None, Facts("Identifier of the cluster.", one_of="cluster", excludes=("connectionString",))
    ] = None
    connection_string: Annotated[str | None, Facts("JDBC address.", one_of="cluster", excludes=("clusterId",))] = None
    region: Annotated[str | None, Facts("Region of the cluster.", listed=())] = None
    copy_role: Annotated[
        str | None,
        Facts("Penstock's own: ARN of the role that COPY and UNLOAD use; the cluster's default role if none."),
    ] = None
