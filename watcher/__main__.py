"""`python -m watcher`: the same program as the `watcher` command."""

from watcher.cli import main

main()
