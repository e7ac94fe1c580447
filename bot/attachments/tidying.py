"""Files that no conversation knows (any more) go: after the retention, after an erasure that was cut off, and those
that were taken in for a message that never came."""

import logging

from bot.attachments.vault import Vault, VaultUnavailable
from bot.store.protocol import Store

log = logging.getLogger(__name__)
GRACE_SECONDS = 3600.0  # a file is in the vault before its conversation knows it


async def tidy_files(vault: Vault, store: Store, grace: float = GRACE_SECONDS) -> int:
    """Look through the whole vault; returns how many files went. Raises StoreUnavailable: then nothing is known, and
    nothing goes."""
    gone = 0
    try:
        for conversation in await vault.conversations():
            known = {file.digest for file in await store.attachments(conversation) if file.digest}
            gone += await vault.keep_only(conversation, known, grace)
    except VaultUnavailable as error:
        log.error("files could not be looked through", extra={"reason": str(error)})
    if gone:
        log.info("files that no conversation knows went", extra={"count": gone})
    return gone
