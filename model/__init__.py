"""What a stack will be: pure functions of the settings, without Pulumi."""
