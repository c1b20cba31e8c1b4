"""`aws.iam.get_policy_document`: statements as arguments, rendered as IAM reads them."""

import hashlib
import json
from typing import Any

from local.plugins.backend import Properties, Refused


def policy_document(arguments: Properties) -> Properties:
    """The document of `statements`; merging in other documents is not known here.

    Raises:
        Refused: an argument that would change the document has no meaning here.
    """
    unknown = sorted(arguments.keys() - {"statements", "version", "policyId"})
    if unknown:
        raise Refused(f"getPolicyDocument: the embedded target does not know {', '.join(unknown)}")
    statements = [_statement(statement) for statement in arguments.get("statements") or []]
    document = {"Version": arguments.get("version") or "2012-10-17", "Statement": statements}
    text = json.dumps(document, sort_keys=True, indent=2)
    identity = hashlib.sha256(text.encode()).hexdigest()[:17]
    return {"id": identity, "json": text, "minifiedJson": json.dumps(document, sort_keys=True)}


def _statement(statement: Properties) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": statement.get("effect") or "Allow"}
    made |= {"Sid": statement["sid"]} if statement.get("sid") else {}
    for key, word in (("actions", "Action"), ("notActions", "NotAction"),
                      ("resources", "Resource"), ("notResources", "NotResource")):  # fmt: skip
        if statement.get(key):
            made[word] = sorted(statement[key])
    for key, word in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if statement.get(key):
            made[word] = {who["type"]: sorted(who["identifiers"]) for who in statement[key]}
    for condition in statement.get("conditions") or []:
        tests = made.setdefault("Condition", {}).setdefault(condition["test"], {})
        tests[condition["variable"]] = sorted(condition["values"])
    return made
