"""The gateway's own signing key, by which receivers know its webhooks. Made when it is first asked for, and the same ever after."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.gateway.vault import Vault

_NAME = "webhook-ed25519"


async def signing_key(store: Store, vault: Vault, clock: Clock) -> Ed25519PrivateKey:
    """The key; `CannotUnseal` if it is there and the master key is another one. Of two that are made at once the first is kept."""
    sealed = await store.secret(_NAME)
    if sealed is None:
        new = Ed25519PrivateKey.generate().private_bytes_raw()
        sealed = await store.keep_secret(_NAME, vault.seal(new, _NAME), clock.now())
    return Ed25519PrivateKey.from_private_bytes(vault.open(sealed, _NAME))
