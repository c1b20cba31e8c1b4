"""The pinned tools, one Go module each, and the bench."""
