"""ports/databases over drivers, each imported where it is used."""
