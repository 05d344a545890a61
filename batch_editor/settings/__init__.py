"""What the settings say: read, checked and frozen."""
