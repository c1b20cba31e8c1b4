"""The secrets of a stack: those that a user gives, and those that it makes itself."""

import pulumi

from components.passwords import Passwords, PasswordsArgs
from components.secret_files import SecretValues
from model.slices import Plan
from stacks.providers import random_provider


def deploy_secrets(plan: Plan, given: SecretValues) -> SecretValues:
    """Make what is made, and put it beside what is given."""
    options = pulumi.ResourceOptions(providers=[random_provider()])
    made = Passwords("passwords", PasswordsArgs(wanted=plan.generated), options).values
    return {**given, **made}
