"""The shapes of the REST API by noun, as JSON Schema. Each module's `SCHEMAS` are named in the document."""
