"""Where messages leave: webhooks, the event topic, and what guards the way out."""
