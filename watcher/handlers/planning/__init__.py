"""Planning: what nobody has registered yet: checked, announced, agreed on, and recognised when it comes."""
