"""The documents in which people say what they rely on and what they own, read into the model."""
