"""The watcher's own HTTP interface: is it alive, is it ready, what does it count, and what would break."""
