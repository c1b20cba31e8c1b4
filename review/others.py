"""What is at risk with anything but the stack's own stores: losses, restarts, protection taken away."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.holders import holders
from review.kinds import HARMLESS, LOST, PODS, PROTECTS, RUNS
from review.level import Level, Risk
from review.meaning.tree import ABSENT, differences
from review.preview import State, Step
from review.quantities import at, whole

_WORLD = ("0.0.0.0/0", "::/0")
# Where an address is one that may come in; those that may be reached are no way in.
_WAYS_IN = {
    "aws:ec2/securityGroup:SecurityGroup": ("ingress",),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ("ingress",),
    "aws:ec2/securityGroupRule:SecurityGroupRule": (),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (),
    "aws:eks/cluster:Cluster": ("vpcConfig", "publicAccessCidrs"),
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": ("spec", "ingress"),
}
# What such a property becomes where it protects no more; not to be there is as good as false.
_WEAK: Mapping[str, bool] = {
    "atRestEncryptionEnabled": False,
    "blockPublicAcls": False,
    "blockPublicPolicy": False,
    "deletionProtection": False,
    "enableKeyRotation": False,
    "encrypted": False,
    "endpointPublicAccess": True,
    "forceDestroy": True,
    "ignorePublicAcls": False,
    "publiclyAccessible": True,
    "restrictPublicBuckets": False,
    "skipFinalSnapshot": True,
    "storageEncrypted": False,
    "transitEncryptionEnabled": False,
}


def lost(step: Step, *, gone: bool, along: bool) -> Iterator[Risk]:
    """What goes with a resource that is deleted or replaced; `along`: what it protects goes too."""
    state = step.state
    kind, kept = state.kind, state.inputs.get("skipDestroy") is True
    what = "deleted" if gone else f"replaced: {', '.join(step.replaced_for) or 'for reasons of the provider'}"
    by_type = holders().get(kind)
    if kind in LOST or by_type is not None:
        why = LOST.get(kind) or (f"what such a resource holds: {by_type.holds}" if by_type else "")
        if not kept:
            yield Risk(level=Level.DESTROYS, name=state.name, what=what, why=f"with it go {why}")
    elif kind in PROTECTS:
        if not along:
            yield Risk(level=Level.WEAKENS, name=state.name, what=what, why=PROTECTS[kind])
    elif kind in RUNS:
        if not gone:
            why = "it is deleted and made anew; it holds no data"
            yield Risk(level=Level.RESTARTS, name=state.name, what=what, why=why)
        elif kind in PODS:
            yield Risk(level=Level.RESTARTS, name=state.name, what=what, why="its pods end")
    elif kind not in HARMLESS:
        why = f"nobody wrote down what {kind.rsplit(':', 1)[-1]} holds: take it for lost"
        yield Risk(level=Level.DESTROYS, name=state.name, what=what, why=why, judged=False)
    elif not gone:
        why = "it is deleted and made anew; it holds no data"
        yield Risk(level=Level.REPLACES, name=state.name, what=what, why=why)


def restarted(step: Step) -> Iterator[Risk]:
    """Pods that restart, and those that come back no more."""
    state = step.state
    if state.kind not in PODS or step.old is None or step.new is None:
        return
    before, after = (whole(at(side.inputs, "spec", "replicas")) for side in (step.old, step.new))
    if after == 0 and before != 0:
        yield Risk(
            level=Level.RESTARTS,
            name=state.name,
            what=f"pods {before} → 0" if before else "no pods",
            why="its pods end, and none comes back",
        )
    elif at(step.old.inputs, "spec", "template") != at(step.new.inputs, "spec", "template"):
        how = "on every node, one after another" if state.kind.endswith(":DaemonSet") else "one after another"
        yield Risk(level=Level.RESTARTS, name=state.name, what="new pods", why=f"its pods restart {how}")


def weakened(step: Step) -> Iterator[Risk]:
    """What is opened to everybody, and what is protected or encrypted no more."""
    if step.new is None:
        return
    opened = _opened(step.new) - _opened(step.old)
    if opened and (step.old is not None or "ecurityGroup" in step.new.kind):
        why = "it may be reached from every address there is"
        what = f"opened to {', '.join(sorted(opened))}"
        yield Risk(level=Level.WEAKENS, name=step.new.name, what=what, why=why)
    if step.old is None:
        return
    if step.old.protect and not step.new.protect:
        why = "the engine would delete it without asking"
        yield Risk(level=Level.WEAKENS, name=step.new.name, what="protect true → false", why=why)
    for path, before, after in differences(step.old.inputs, step.new.inputs):
        weak = _WEAK.get(path.rpartition(".")[2])
        if (
            weak is not None
            and after in (weak, *([] if weak else [ABSENT, None]))
            and bool(before) is not weak
        ):
            what = f"{path} {_word(before)} → {_word(after)}"
            why = "what protected it does so no more"
            yield Risk(level=Level.WEAKENS, name=step.new.name, what=what, why=why)


def _word(value: Any) -> str:
    return "nothing" if value in (ABSENT, None) else str(value).lower()[:40]


def _opened(state: State | None) -> set[str]:
    """Addresses of everybody among those that may come in."""
    path = _WAYS_IN.get(state.kind) if state else None
    if state is None or path is None or state.inputs.get("type") == "egress":
        return set()
    found, pending = set(), [at(state.inputs, *path) if path else state.inputs]
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif value in _WORLD:
            found.add(str(value))
    return found
