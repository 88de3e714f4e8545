"""The programme's decisions: values in, verdict out; no I/O, no clock, no framework."""
