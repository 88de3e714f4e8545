"""What families reach by a personal link, with no account: signing, returning, declaring."""
