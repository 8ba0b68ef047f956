"""The engine: pipeline state, events in, effects out; one transition table; no I/O."""
