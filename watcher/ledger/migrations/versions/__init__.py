"""The steps, oldest first; each says in its docstring whether old workers may still run beside it (pre) or not (post)."""
