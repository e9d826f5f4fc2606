"""One module per benchmark: reads files, counts by the benchmark's rules, returns the scores."""
