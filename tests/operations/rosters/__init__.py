"""Rosters of schools: compared, applied, undone, on both engines."""
