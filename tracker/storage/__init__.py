"""Files that are kept leave the program here: uploaded rosters, signed agreements, scanned pages."""
