"""ports/store over DynamoDB. The keys of every table: docs/explanation/store.md."""
