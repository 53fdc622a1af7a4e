"""What the analyst writes: places, policies and experiments as validated YAML."""
