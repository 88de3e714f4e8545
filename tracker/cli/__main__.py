"""`python -m tracker.cli`, where the command `tracker` is not on the path."""

from tracker.cli import main

main(prog_name="tracker")
