"""Hive predicates over items: what `filterSql` of a HiveCopyActivity may say."""
