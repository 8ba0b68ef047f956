"""Hadoop's activities: as steps of an EMR cluster, or on a host that has the programs."""
