"""What a screen shows: named, scoped by school, read only."""
