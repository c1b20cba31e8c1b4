"""Look-ups of networks: what was made here is answered as it was made, what is given plausibly.

A network that a program takes as given is nowhere to be looked at: its answers are made of its
id, so they are the same each time. An id that AWS never gives is refused.
"""

import re
from collections.abc import Callable, Mapping

from local.plugins.aws_table import ACCOUNT, hexadecimal
from local.plugins.backend import Properties, Refused
from local.plugins.recorder import Recorder

_VPC = "aws:ec2/vpc:Vpc"
_SUBNET = "aws:ec2/subnet:Subnet"
# Ids are eight hexadecimal digits, or seventeen since 2018. Source: "Resource IDs", EC2 user guide.
_DIGITS = "(?:[0-9a-f]{8}|[0-9a-f]{17})"
# A range of the documentation (RFC 5737): nobody's addresses.
_RANGE = "203.0.113.0/24"
_ZONES = "abc"


def looked_up(token: str, arguments: Properties, region: str, records: Recorder) -> Properties | None:
    """The answer to a look-up of the network, or None if the function is no such look-up.

    Raises:
        Refused: an id is malformed, or there is nothing to tell what is looked for.
    """
    lookup = _LOOKUPS.get(token)
    return lookup(arguments, region, records) if lookup else None


def _zones(arguments: Properties, region: str, records: Recorder) -> Properties:
    names = [f"{region}{letter}" for letter in _ZONES]
    return {"id": region, "region": region, "names": names, "state": "available"}


def _vpc(arguments: Properties, region: str, records: Recorder) -> Properties:
    id = _identifier("vpc", "id", arguments)
    return _made(records, _VPC, id) or {
        "id": id,
        "arn": f"arn:aws:ec2:{region}:{ACCOUNT}:vpc/{id}",
        "cidrBlock": arguments.get("cidrBlock") or "10.0.0.0/16",
        "mainRouteTableId": f"rtb-{hexadecimal(id)}",
        "enableDnsSupport": True,
        "enableDnsHostnames": True,
        "instanceTenancy": "default",
        "ownerId": ACCOUNT,
        "state": "available",
        "tags": {},
    }


def _subnet(arguments: Properties, region: str, records: Recorder) -> Properties:
    id = _identifier("subnet", "id", arguments)
    number = int(hexadecimal(id), 16)
    return _made(records, _SUBNET, id) or {
        "id": id,
        "arn": f"arn:aws:ec2:{region}:{ACCOUNT}:subnet/{id}",
        "vpcId": arguments.get("vpcId") or f"vpc-{hexadecimal(id)}",
        "availabilityZone": arguments.get("availabilityZone") or f"{region}{_ZONES[number % len(_ZONES)]}",
        "cidrBlock": arguments.get("cidrBlock") or f"10.0.{number % 256}.0/24",
        "availableIpAddressCount": 251,
        "mapPublicIpOnLaunch": False,
        "ownerId": ACCOUNT,
        "state": "available",
        "tags": {},
    }


def _subnets(arguments: Properties, region: str, records: Recorder) -> Properties:
    """Those that were made in the VPC; of a given VPC, one a zone."""
    wanted = [
        value for one in arguments.get("filters") or [] if one["name"] == "vpc-id" for value in one["values"]
    ]
    if not wanted:
        raise Refused("getSubnets: the embedded target looks for subnets by the filter vpc-id only")
    for vpc in wanted:
        _identifier("vpc", "vpc-id", {"vpc-id": vpc})
    made = [
        record.id
        for record in records.all()
        if record.kind == _SUBNET and record.inputs.get("vpcId") in wanted
    ]
    given = [f"subnet-{hexadecimal(f'{vpc}{zone}')}" for vpc in wanted for zone in _ZONES]
    return {"id": region, "ids": sorted(made) or given}


def _prefix_list(arguments: Properties, region: str, records: Recorder) -> Properties:
    id, name = _list_identity(arguments, "prefixListId", region)
    return {"id": id, "prefixListId": id, "name": name, "cidrBlocks": [_RANGE]}


def _managed_prefix_list(arguments: Properties, region: str, records: Recorder) -> Properties:
    id, name = _list_identity(arguments, "id", region)
    return {
        "id": id,
        "name": name,
        "arn": f"arn:aws:ec2:{region}:aws:prefix-list/{id}",
        "addressFamily": "IPv4",
        "entries": [{"cidr": _RANGE, "description": ""}],
        "maxEntries": 1,
        "ownerId": "AWS",
        "version": 1,
        "tags": {},
    }


def _list_identity(arguments: Properties, key: str, region: str) -> tuple[str, str]:
    """Id and name of a prefix list, each made of the other where it is left out."""
    name = arguments.get("name")
    if name and not arguments.get(key):
        return f"pl-{hexadecimal(f'{region}/{name}')}", str(name)
    id = _identifier("pl", key, arguments)
    return id, str(name or f"com.amazonaws.{region}.{hexadecimal(id)}")


def _identifier(prefix: str, key: str, arguments: Properties) -> str:
    id = arguments.get(key)
    if not isinstance(id, str):
        raise Refused(f"the embedded target looks for a {prefix} by {key} only")
    if not re.fullmatch(f"{prefix}-{_DIGITS}", id):
        raise Refused(f"{key} {id}: AWS gives {prefix}- and 8 or 17 hexadecimal digits")
    return id


def _made(records: Recorder, kind: str, id: str) -> Properties | None:
    record = records.get(kind, id)
    return {**record.inputs, **record.outputs, "id": id, "state": "available"} if record else None


_LOOKUPS: Mapping[str, Callable[[Properties, str, Recorder], Properties]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _managed_prefix_list,
}
