"""Letters: what people read, composed once from a message and rendered for each channel."""
