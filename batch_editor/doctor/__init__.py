"""Looks at a set-up and says of each part whether it is well, or what to mend. It changes nothing and sends no edit."""
