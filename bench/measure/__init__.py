"""What is measured, how it is repeated, and how it is told."""
