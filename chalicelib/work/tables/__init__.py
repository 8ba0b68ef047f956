"""Copies of DynamoDB tables: exports, imports, table to table."""
