"""Jobs that one may apply for."""

OPEN = ["cook", "driver"]
