"""The school years and their settings."""
