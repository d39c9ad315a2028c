"""LNTPay's API for Python: LNTPay, and AsyncLNTPay for asyncio. README.md shows the first paid request."""

from . import errors, models
from ._async.client import AsyncLNTPay
from ._async.lists import AsyncList
from ._async.paywalls import AsyncPaywall
from ._async.wallets import AsyncSandboxWallet, AsyncWallet
from ._sync.client import LNTPay
from ._sync.lists import List
from ._sync.paywalls import Paywall
from ._sync.wallets import SandboxWallet, Wallet
from ._version import __version__
from .bolt11 import Invoice
from .paying import Payer, PayingAuth
from .webhooks import verify_hex_signature, verify_webhook

__all__ = [
    "AsyncLNTPay",
    "AsyncList",
    "AsyncPaywall",
    "AsyncSandboxWallet",
    "AsyncWallet",
    "Invoice",
    "LNTPay",
    "List",
    "Payer",
    "PayingAuth",
    "Paywall",
    "SandboxWallet",
    "Wallet",
    "__version__",
    "errors",
    "models",
    "verify_hex_signature",
    "verify_webhook",
]
