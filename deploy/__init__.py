"""Deployment: what a stage is set to, and how a deployed stage is brought there. Never part of the functions' zip."""
