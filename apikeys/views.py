"""Organisations, keys and how far a change has got, as JSON: the same over HTTP and at a terminal."""

from typing import Any

from publicgsb.apikeys.bulk import BulkRevocation
from publicgsb.apikeys.model import Application, Identity, IssuedKey, Key, Organisation, Owner, Revocation, Spread
from publicgsb.apikeys.moments import told
from publicgsb.apikeys.restricting import Restricted
from publicgsb.apikeys.restrictions import Restrictions
from publicgsb.platform.kernel.caller import Caller


def organisation(one: Organisation) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "plan": one.plan,
        "state": one.state,
    }


def application(one: Application) -> dict[str, Any]:
    return {"id": one.id, "name": one.name}


def key(one: Key) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind.name.lower(),
        "label": one.label,
        "hint": one.hint,
        "state": one.state,
        "applicationId": one.application_id,
        "createdAt": told(one.created_at),
        "expiresAt": told(one.expires_at),
        "retireAt": told(one.retire_at),
        "revokedAt": told(one.revoked_at),
        "revokedReason": one.revoked_reason,
        "lastUsedAt": told(one.last_used_at),
        "replacedAt": told(one.replaced_at),
        "line": one.line,
        **restrictions(one.restrictions),
    }


def restrictions(held: Restrictions) -> dict[str, Any]:
    """null: not restricted in this way."""
    return {
        "datasets": None if held.datasets is None else sorted(held.datasets),
        "levels": None if held.levels is None else sorted(held.levels),
        "addresses": None if held.networks is None else [str(network) for network in held.networks.networks],
    }


def issued(made: IssuedKey) -> dict[str, Any]:
    """The one answer that shows a secret."""
    return {**key(made.key), "secret": made.secret}


def revocation(revoked: Revocation) -> dict[str, Any]:
    return {
        "id": revoked.key.id,
        "status": "revoked",
        **spread(revoked.spread),
    }


def restricted(done: Restricted) -> dict[str, Any]:
    """`secrets`: the ids of all that are held to it, those that are being replaced included."""
    return {"key": key(done.key), "secrets": list(done.key_ids), **spread(done.spread)}


def bulk(revoked: BulkRevocation) -> dict[str, Any]:
    return {"status": "revoked", "keys": list(revoked.key_ids), **spread(revoked.spread)}


def spread(reached: Spread) -> dict[str, Any]:
    """`open`: how many of `workers` have not acknowledged it yet; they do within 2 s, or accept no key at all."""
    return {
        "effective": "everywhere" if reached.is_everywhere else "pending",
        "workers": reached.workers,
        "open": reached.open,
        "tookMs": reached.took_ms,
    }


def whoami_owner(owner: Owner) -> dict[str, Any]:
    return {
        "credential": "ownerToken",
        "person": {"id": owner.person_id, "name": owner.person_name, "role": owner.role.value},
        "organisation": organisation(owner.organisation),
        "expiresAt": told(owner.token_expires_at),
    }


def whoami_key(identity: Identity) -> dict[str, Any]:
    if identity.organisation is None or identity.application is None:
        return {
            "credential": "agencyKey",
            "key": key(identity.key),
            "agency": {"slug": identity.agency_slug},
            "person": {"name": identity.person_name},
        }
    return {
        "credential": "key",
        "key": key(identity.key),
        "organisation": organisation(identity.organisation),
        "application": application(identity.application),
    }


def whoami_token(of_key: dict[str, Any], caller: Caller) -> dict[str, Any]:
    only = None if caller.only is None else sorted(caller.only)
    return {**of_key, "credential": "token", "datasets": only}
