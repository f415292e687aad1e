"""What each platform writes about its tables, read into the one vocabulary of facts: a file a source."""
