"""Everything that crosses the boundary of the program: files in, store, command line."""
