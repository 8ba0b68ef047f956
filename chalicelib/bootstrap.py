"""Composition root: settings, clients, adapters, services."""
