"""The loan agreement: sent, signed on paper, filed, validated, counted; its text."""
