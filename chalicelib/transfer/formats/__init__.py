"""Bytes to records and back, in constant memory. Must not know where bytes come from or go."""
