"""JDBC URLs. Must not know what is done with them.

Source: the drivers' own documentation of their URLs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from chalicelib.ports.databases import Endpoint, Engine

_PLAIN = re.compile(
    r"jdbc:(?P<kind>postgresql|mysql|mariadb)(?::aurora|:sequential|:failover)?:"
    r"(?://(?P<host>\[[^\]]+\]|[^/:?,]*)(?::(?P<port>\d+))?(?:/(?P<database>[^?]*))?|(?P<local>[^/?]+))"
    r"(?:\?(?P<properties>.*))?"
)
_ORACLE = re.compile(
    r"jdbc:oracle:thin:@(?:(?P<scheme>tcps?):)?(?://)?(?P<host>\[[^\]]+\]|[^/:?,()@]+)(?::(?P<port>\d+))?"
    r"(?:/(?P<service>[\w.$#-]+)|:(?P<sid>[\w$#]+))(?:\?(?P<properties>.*))?"
)
_SQLSERVER = re.compile(r"jdbc:sqlserver://(?P<host>\[[^\]]+\]|[^/:;?,\\]+)(?::(?P<port>\d+))?(?:;(?P<properties>.*))?")
_ENGINES = {"postgresql": Engine.POSTGRESQL, "mysql": Engine.MYSQL, "mariadb": Engine.MYSQL}
PORTS = {Engine.POSTGRESQL: 5432, Engine.MYSQL: 3306, Engine.ORACLE: 1521, Engine.SQLSERVER: 1433}
EXPECTED = (
    "jdbc:postgresql://host:port/database, jdbc:mysql://…, jdbc:mariadb://…, jdbc:oracle:thin:@//host:port/service "
    "or jdbc:sqlserver://host:port;databaseName=…"
)


@dataclass(frozen=True, slots=True)
class JdbcUrl:
    """Where it leads, and its properties, names as they are written."""

    endpoint: Endpoint
    properties: Mapping[str, str] = field(default_factory=dict)


def parse_url(url: str) -> JdbcUrl | None:
    """Read a URL of one host; None for anything else."""
    for pattern, read in ((_PLAIN, _plain), (_ORACLE, _oracle), (_SQLSERVER, _sqlserver)):
        match = pattern.fullmatch(url)
        if match is not None:
            return read(match)
    return None


def _plain(match: re.Match[str]) -> JdbcUrl | None:
    if match["host"] == "" and match["port"]:
        return None
    engine = _ENGINES[match["kind"]]
    database = unquote(match["database"] or match["local"] or "")
    return JdbcUrl(_endpoint(engine, match, database), _query(match["properties"]))


def _oracle(match: re.Match[str]) -> JdbcUrl:
    properties = _query(match["properties"])
    if match["scheme"] == "tcps":
        properties = {"ssl": "true", **properties}
    if match["sid"]:
        properties = {**properties, "sid": match["sid"]}
    return JdbcUrl(_endpoint(Engine.ORACLE, match, match["service"] or ""), properties)


def _sqlserver(match: re.Match[str]) -> JdbcUrl:
    pairs = [text.partition("=") for text in (match["properties"] or "").split(";") if text.strip()]
    properties = {key.strip(): value.strip().removeprefix("{").removesuffix("}") for key, _, value in pairs}
    known = {key.lower(): value for key, value in properties.items()}
    database = known.get("databasename") or known.get("database") or ""
    if "encrypt" in known:
        properties = {**properties, "ssl": "true" if known["encrypt"].lower() in ("true", "strict") else "false"}
    return JdbcUrl(_endpoint(Engine.SQLSERVER, match, database), properties)


def _endpoint(engine: Engine, match: re.Match[str], database: str) -> Endpoint:
    host = (match["host"] or "localhost").strip("[]")
    return Endpoint(engine, host, int(match["port"] or PORTS[engine]), database)


def _query(text: str | None) -> dict[str, str]:
    return dict(parse_qsl(text or "", keep_blank_values=True))
