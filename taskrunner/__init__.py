"""Task Runner: polls a worker group through the service's own API and does its tasks on this machine."""
