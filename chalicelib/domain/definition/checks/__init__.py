"""What can be wrong with a definition, one module per concern; each check yields every fault it finds."""
