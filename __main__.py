"""Settings, plan, resources, outputs; nothing is lost on the way unasked."""

from stacks import bootstrap
from stacks.deploy import deploy
from stacks.guard import Guard
from stacks.outputs import export_all

settings = bootstrap.settings()
guard = Guard(settings)
guard.install()
plan = bootstrap.plan(settings)
export_all(deploy(plan, bootstrap.secrets(plan)))
guard.verdict()
