"""Database objects to addresses: JDBC URLs, RDS instances, connection properties. Must not know how to connect.

Source: developer guide, "JdbcDatabase", "RdsDatabase"; the drivers' own documentation of their URLs and properties.
"""

import re
from collections.abc import Mapping

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.databases import Address, Databases, Endpoint, Engine, Tls
from chalicelib.ports.errors import Rejected
from chalicelib.work.sql.jdbc import EXPECTED, parse_url

_WHAT = "read database"
_MODES = {
    "disable": Tls.DISABLED,
    "disabled": Tls.DISABLED,
    "allow": Tls.PREFERRED,
    "prefer": Tls.PREFERRED,
    "preferred": Tls.PREFERRED,
    "require": Tls.REQUIRED,
    "required": Tls.REQUIRED,
    "trust": Tls.REQUIRED,
    "verify-ca": Tls.VERIFY_CA,
    "verify_ca": Tls.VERIFY_CA,
    "verify-full": Tls.VERIFY_IDENTITY,
    "verify_identity": Tls.VERIFY_IDENTITY,
}
_SECRET = re.compile(r"arn:[^:]+:secretsmanager:[^:]+:\d*:secret:.")
_ROOTS = ("sslrootcert", "serversslcert", "sslca")


def address_of(task: Task, holder: PipelineObject, databases: Databases) -> Address:
    """How to reach the database of a data node or an activity.

    holder   refers to it by `database`, or has the connection's fields itself, as old definitions do
    Raises   Rejected naming the object, the field, what was given and what was expected; what the RDS API raises
    """
    linked = task.linked(holder, "database")
    found = linked[0] if linked else holder
    if found.type == "RdsDatabase":
        instance = _required(found, "rdsInstanceId")
        return _address(found, databases.find(instance, found.text("region")), {}, databases)
    if found.type not in ("JdbcDatabase", holder.type):
        raise Rejected(_WHAT, f"{found.name} is a {found.type}: JdbcDatabase or RdsDatabase expected")
    if found.text("connectionString") is None and found is holder:
        raise Rejected(_WHAT, f"{holder.name} has no database: a reference to a JdbcDatabase or RdsDatabase expected")
    return _of_url(found, databases)


def _of_url(found: PipelineObject, databases: Databases) -> Address:
    url = _required(found, "connectionString")
    read = parse_url(url)
    if read is None:
        raise Rejected(_WHAT, f"connectionString of {found.name} is '{_shown(url)}': {EXPECTED} expected")
    if {"password", "user", "username"} & {key.lower() for key in read.properties}:
        raise Rejected(_WHAT, f"connectionString of {found.name} names a user: username and *password expected")
    return _address(found, read.endpoint, read.properties, databases)


def _address(found: PipelineObject, endpoint: Endpoint, properties: Mapping[str, str], databases: Databases) -> Address:
    engine = endpoint.engine
    database = found.text("databaseName") or endpoint.database
    user = _required(found, "username")
    given = {key.lower(): value for key, value in {**properties, **_properties(found)}.items()}
    return Address(
        engine=engine,
        host=endpoint.host,
        port=endpoint.port,
        database=database or (user if engine is Engine.POSTGRESQL else ""),
        user=user,
        password=_password(found, databases),
        tls=_tls(found, engine, given),
        root=next((given[key] for key in _ROOTS if key in given), None),
        connect_seconds=_seconds(found, engine, given.get("connecttimeout")),
        settings=_settings(given),
    )


def _settings(given: Mapping[str, str]) -> Mapping[str, str]:
    known = {"currentschema": "search_path", "sid": "sid"}
    return {name: given[key] for key, name in known.items() if key in given}


def _password(found: PipelineObject, databases: Databases) -> str:
    given = found.text("*password") or ""
    return databases.secret(given) if is_secret_arn(given) else given


def is_secret_arn(text: str) -> bool:
    """Whether a `*password` says where the password is, rather than what it is."""
    return _SECRET.match(text) is not None


def _properties(found: PipelineObject) -> Mapping[str, str]:
    pairs = [text.partition("=") for text in found.texts("jdbcProperties")]
    for key, mark, _ in pairs:
        if not mark or not key.strip():
            raise Rejected(_WHAT, f"jdbcProperties of {found.name} has '{key}': 'A=B' expected")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _tls(found: PipelineObject, engine: Engine, given: Mapping[str, str]) -> Tls:
    """`ssl=true` means what the drivers mean: PostgreSQL's then verifies all, MySQL's nothing unless told."""
    mode = given.get("sslmode") or given.get("ssl-mode")
    if mode is not None:
        if mode.lower() not in _MODES:
            raise Rejected(_WHAT, f"sslmode of {found.name} is '{mode}': one of {', '.join(_MODES)} expected")
        return _MODES[mode.lower()]
    wanted = given.get("ssl") or given.get("usessl")
    if wanted is None:
        return Tls.PREFERRED
    if wanted.lower() not in ("true", "1", ""):
        return Tls.DISABLED
    if engine in (Engine.ORACLE, Engine.SQLSERVER):
        trusted = given.get("trustservercertificate", "").lower() == "true"
        return Tls.REQUIRED if trusted else Tls.VERIFY_IDENTITY
    if engine is Engine.POSTGRESQL:
        return Tls.REQUIRED if "nonvalidating" in given.get("sslfactory", "").lower() else Tls.VERIFY_IDENTITY
    return Tls.VERIFY_CA if given.get("verifyservercertificate", "").lower() == "true" else Tls.REQUIRED


def _seconds(found: PipelineObject, engine: Engine, given: str | None) -> int:
    """`connectTimeout` is in seconds for PostgreSQL's driver and in milliseconds for MySQL's."""
    if given is None or given == "0":
        return 10
    if not given.isdecimal():
        raise Rejected(_WHAT, f"connectTimeout of {found.name} is '{given}': a whole number expected")
    return max(1, int(given) // (1 if engine is Engine.POSTGRESQL else 1000))


def _required(found: PipelineObject, field: str) -> str:
    given = found.text(field)
    if not given:
        raise Rejected(_WHAT, f"{found.name} has no {field}")
    return given


def _shown(url: str) -> str:
    """Without its properties, which may hold a password, and without a user before the host."""
    return re.sub(r"[^/:]*@(?=//|\w)", "@", re.split("[?;]", url)[0])
