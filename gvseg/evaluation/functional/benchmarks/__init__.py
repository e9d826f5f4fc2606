"""One module per benchmark: reads, counts by the rules, returns the numbers."""
