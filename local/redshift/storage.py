"""COPY and UNLOAD carried out between the embedded S3 or DynamoDB and a PostgreSQL connection."""

import bz2
import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import psycopg

from local.redshift.commands import Copy, Unload
from local.redshift.records import BadLine, Field, Row, rows

_SLICES = 2
"""Files that UNLOAD writes in parallel: the slices of the smallest cluster."""

_FIELDS = """SELECT a.attname, t.typcategory = 'S' FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
_KINDS = ((bool, "booleanValue"), (int, "longValue"), (float, "doubleValue"))
_OPENED: Mapping[str, Callable[[bytes], bytes]] = {"GZIP": gzip.decompress, "BZIP2": bz2.decompress}
Clients = Callable[[str], Any]


def copy(given: Copy, connection: "psycopg.Connection[Any]", clients: Clients) -> int:
    """Load, and return the rows. Raises ValueError with what stl_load_errors would say."""
    known = {str(name): Field(str(name), bool(text)) for name, text in connection.execute(_FIELDS, (given.table,))}
    strange = [column for column in given.columns if column not in known]
    if strange:
        raise ValueError(f"column {strange[0]} of {given.table} does not exist")
    fields = [known[column] for column in given.columns or known]
    names = ", ".join(f'"{item.name}"' for item in fields)
    loaded = 0
    for source, found in _found(given, fields, clients):
        statement = f"COPY {given.table} ({names}) FROM STDIN"
        loaded += _store(connection, statement, _good(source, found, given.options))
    return loaded


def _found(given: Copy, fields: Sequence[Field], clients: Clients) -> Iterator[tuple[str, Iterable[tuple[int, Any]]]]:
    scheme, _, rest = given.source.partition("://")
    if scheme == "dynamodb":
        yield given.source, enumerate(_items(rest, fields, clients("dynamodb")), 1)
        return
    if scheme != "s3":
        raise ValueError(f"the embedded Redshift cannot imitate COPY from {given.source}")
    s3 = clients("s3")
    for bucket, key in _keys(given, s3):
        content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        for option in given.options:
            content = _OPENED.get(option, bytes)(content)
        yield f"s3://{bucket}/{key}", rows(content.decode(), fields, given.options)


def _keys(given: Copy, s3: Any) -> list[tuple[str, str]]:
    bucket, key = _place(given.source)
    if "MANIFEST" in given.options:
        entries = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())["entries"]
        return [_place(entry["url"]) for entry in entries if entry.get("mandatory") or _has(s3, *_place(entry["url"]))]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    found = [(bucket, item["Key"]) for page in pages for item in page.get("Contents", ())]
    if not found:
        raise ValueError(f"The specified S3 prefix '{key}' does not exist")
    return found


def _has(s3: Any, bucket: str, key: str) -> bool:
    return any(item["Key"] == key for item in s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", ()))


def _place(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.partition("://")[2].partition("/")
    return bucket, key


def _items(table: str, fields: Sequence[Field], dynamodb: Any) -> Iterator[Row]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            given = {name.lower(): value for name, value in item.items()}
            yield tuple(_scalar(given.get(column.name, {})) for column in fields)


def _scalar(value: Mapping[str, str]) -> str | None:
    """COPY reads strings and numbers only; every other attribute is left out."""
    return value.get("S", value.get("N"))


def _good(source: str, found: Iterable[tuple[int, Row | BadLine]], options: Mapping[str, str]) -> Iterator[Row]:
    bearable = int(options.get("MAXERROR", "0"))
    for _, row in found:
        if isinstance(row, BadLine):
            bearable -= 1
            if bearable < 0:
                raise ValueError(f"Load failed: {source}, {row}")
        else:
            yield row


def _store(connection: "psycopg.Connection[Any]", statement: str, found: Iterator[Row]) -> int:
    with connection.cursor() as cursor:
        with cursor.copy(cast("Any", statement)) as stream:
            for row in found:
                stream.write_row(row)
        return max(cursor.rowcount, 0)


def unload(given: Unload, connection: "psycopg.Connection[Any]", clients: Clients) -> int:
    """Write the query's rows and return how many. Raises ValueError when the place is not empty."""
    s3, options = clients("s3"), given.options
    bucket, prefix = _place(given.target)
    _prepare(s3, bucket, prefix, options)
    with connection.cursor() as cursor:
        with cursor.copy(cast("Any", f"COPY ({given.query.rstrip().rstrip(';')}) TO STDOUT")) as stream:
            found = [tuple(cast("Iterable[str | None]", row)) for row in stream.rows()]
        names = _names(connection, given.query) if "HEADER" in options else None
    single = options.get("PARALLEL", "ON").upper() in ("OFF", "FALSE")
    parts = [("000", found)] if single else [(f"{n:04}_part_00", found[n::_SLICES]) for n in range(_SLICES)]
    written = []
    for suffix, part in parts:
        content = "".join(_line(row, options) for row in [*([names] if names else []), *part]).encode()
        key = f"{prefix}{suffix}" + ".gz" * ("GZIP" in options)
        s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(content) if "GZIP" in options else content)
        written.append({"url": f"s3://{bucket}/{key}", "meta": {"content_length": len(content)}})
    if "MANIFEST" in options:
        s3.put_object(Bucket=bucket, Key=f"{prefix}manifest", Body=json.dumps({"entries": written}))
    return len(found)


def _names(connection: "psycopg.Connection[Any]", query: str) -> Row:
    cursor = connection.execute(cast("Any", f"SELECT * FROM ({query.rstrip().rstrip(';')}) AS found LIMIT 0"))
    return tuple(column.name for column in cursor.description or ())


def _prepare(s3: Any, bucket: str, prefix: str, options: Mapping[str, str]) -> None:
    found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ())
    if "CLEANPATH" in options:
        for item in found:
            s3.delete_object(Bucket=bucket, Key=item["Key"])
    elif found and "ALLOWOVERWRITE" not in options:
        raise ValueError(f"Specified unload destination on S3 is not empty: s3://{bucket}/{prefix}")


def _line(row: Row, options: Mapping[str, str]) -> str:
    if "CSV" in options or options.get("FORMAT", "").upper() == "CSV":
        text = io.StringIO()
        null = options.get("NULL", "")
        values = [null if value is None else value for value in row]
        csv.writer(text, delimiter=options.get("DELIMITER", ","), lineterminator="\n").writerow(values)
        return text.getvalue()
    delimiter = options.get("DELIMITER", "|")
    return delimiter.join(_written(value, delimiter, options) for value in row) + "\n"


def _written(value: str | None, delimiter: str, options: Mapping[str, str]) -> str:
    if value is None:
        return options.get("NULL", "")
    if "ESCAPE" in options:
        for sign in dict.fromkeys(("\\", delimiter, "\n", "\r", '"', "'")):
            value = value.replace(sign, "\\" + sign)
    return f'"{value}"' if "ADDQUOTES" in options else value


def field(value: object) -> Mapping[str, object]:
    """A value of a result as the Data API shows it."""
    if value is None:
        return {"isNull": True}
    kind = next((kind for known, kind in _KINDS if isinstance(value, known)), None)
    if kind is not None:
        return {kind: value}
    return {"stringValue": json.dumps(value) if isinstance(value, dict | list) else str(value)}
