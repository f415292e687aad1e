"""Hooks: what trackers and chats tell us, one file a service: verified on the raw bytes, and read as a wish to move."""
