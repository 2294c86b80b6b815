"""What the numbers mean: pure functions on polars frames; no I/O, no clock, no words."""
