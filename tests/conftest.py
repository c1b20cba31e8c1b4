"""What every worker of the tests needs before a module is read."""

import os

# Some servers start as another user, which forks; gRPC's own preparation for that (the SDK has loaded it by
# then) can end the child before it runs anything.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
