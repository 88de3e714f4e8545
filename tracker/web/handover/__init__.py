"""The hand-over desk."""
