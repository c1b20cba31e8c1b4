"""The embedded target: runs a Pulumi program with the real engine and no cloud."""
