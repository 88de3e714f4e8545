"""Installs what the program needs, before anything is installed: Python's standard library only."""
