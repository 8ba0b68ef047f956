"""What Redshift's catalogue has and PostgreSQL's has not, made in each new database. Must not know statements."""

SCHEMA = "redshift_catalog"
KEYS = f"{SCHEMA}.table_keys"
PATH = f'"$user", public, {SCHEMA}, pg_catalog'
"""Behind `public`: nothing is created in it; before PostgreSQL's own: its `pg_constraint` shows the keys."""

STATEMENTS = (
    f"CREATE SCHEMA {SCHEMA}",
    f"CREATE TABLE {KEYS} (relation oid, column_name text, primary_key int, distribution bool, sort int)",
    f"""CREATE VIEW {SCHEMA}.pg_constraint AS
    SELECT oid, conname, connamespace, contype, conrelid, conkey FROM pg_catalog.pg_constraint
    UNION ALL
    SELECT 0::oid, c.relname || '_pkey', c.relnamespace, 'p'::"char", c.oid,
           array_agg(a.attnum ORDER BY k.primary_key)
    FROM {KEYS} k JOIN pg_catalog.pg_class c ON c.oid = k.relation
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = k.column_name
    WHERE k.primary_key > 0 GROUP BY c.relname, c.relnamespace, c.oid""",
    f"""CREATE VIEW {SCHEMA}.svv_redshift_columns AS
    SELECT current_setting('redshift.database')::text AS database_name, n.nspname::text AS schema_name,
           c.relname::text AS table_name, a.attname::text AS column_name, a.attnum::int AS ordinal_position,
           CASE format_type(a.atttypid, NULL) WHEN 'jsonb' THEN 'super' ELSE format_type(a.atttypid, NULL) END
               AS data_type,
           CASE a.attidentity WHEN 'a' THEN '"identity"(1, 0, ''1,1''::text)'
               WHEN 'd' THEN '"default_identity"(1, 0, ''1,1''::text)'
               ELSE pg_get_expr(d.adbin, d.adrelid) END AS column_default,
           CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END AS is_nullable, 'none'::text AS encoding,
           coalesce(k.distribution, false) AS distkey, coalesce(k.sort, 0) AS sortkey
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN {KEYS} k ON k.relation = c.oid AND k.column_name = a.attname
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', '{SCHEMA}')""",
    f"CREATE FUNCTION {SCHEMA}.getdate() RETURNS timestamp LANGUAGE sql STABLE AS 'SELECT now()::timestamp(0)'",
    f"""CREATE FUNCTION {SCHEMA}.nvl(anycompatible, anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE
    AS 'SELECT coalesce($1, $2)'""",
)
