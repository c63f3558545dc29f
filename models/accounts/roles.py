"""Roles: what somebody may do in one workspace. Each role may all that those below it may.

A viewer looks at everything; an admin also manages keys, prices, people below owners and settings; an owner also makes
and unmakes owners. Plan and allowance are the operator's, whatever the role.
"""

from models.errors import Forbidden

ROLES = ("viewer", "admin", "owner")  # the least first


def may(role: str, least: str) -> bool:
    """Whether that role is at least this one."""
    return ROLES.index(role) >= ROLES.index(least)


def require(role: str, least: str) -> None:
    if not may(role, least):
        raise Forbidden(f"Your role here is {role}: this needs {least}")
