"""Settings, plan, resources, outputs."""

from model.plan import build_plan
from stacks import bootstrap
from stacks.deploy import deploy
from stacks.outputs import export_all

plan = build_plan(bootstrap.settings())
export_all(deploy(plan, bootstrap.secrets(plan)))
