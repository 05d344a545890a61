"""What is durable: the runs, their rows, and what became of each."""
