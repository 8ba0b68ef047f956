"""Decode requests and events to frozen values, encode replies: the only place that knows wire shapes."""
