"""Periods, schedules and their intervals: calendar arithmetic in UTC, without a clock."""
