"""Pure values and decisions: the standard library only; no clock, environment, randomness or I/O."""
