"""Speed and memory, printed as ratios and never asserted as times."""
