"""What the watcher does, one verb a file: plain functions over the ports, each inside one transaction."""
