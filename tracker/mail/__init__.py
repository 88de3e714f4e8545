"""Mail leaves the program here: through a mail server, into files, or onto the console."""
