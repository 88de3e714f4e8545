"""Accounts: signing in, one's own account, and those of others for an administrator."""
