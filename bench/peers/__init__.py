"""The servers that are measured: ours, and those that it is compared with."""
