"""What a person does: one function per intention, one transaction each."""
