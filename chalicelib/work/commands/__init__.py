"""Shell commands, on machines."""
