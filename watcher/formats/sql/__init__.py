"""SQL: the types of each platform, read into canonical ones."""
