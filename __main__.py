"""Settings, plan, resources, outputs; nothing is lost on the way unasked."""

from stacks import bootstrap
from stacks.deploy import deploy
from stacks.guard import Guard
from stacks.outputs import export_all

settings = bootstrap.settings()
guard = Guard(settings)
guard.install()
plan = bootstrap.plan(settings)
secrets = bootstrap.secrets(plan)
bootstrap.check_reach(plan)
export_all(deploy(plan, secrets))
guard.verdict()
