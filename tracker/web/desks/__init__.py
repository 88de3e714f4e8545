"""What all desks share: their frame, what a form brings from its scanner, what is in hand."""
