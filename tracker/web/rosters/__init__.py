"""The files of the schools: preview, import, undo, and codes that nobody knows."""
