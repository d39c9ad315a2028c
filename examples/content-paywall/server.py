"""The paywall in Python, with the package of clients/python: a reader pays once, and can read from then on.

    LNTPAY_API_KEY=lnt_test_… LNTPAY_WEBHOOK_SECRET=whsec_… uvicorn server:app --port 3000
"""

import html
import secrets

from fastapi import Cookie, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse
from lntpay import AsyncLNTPay, models, verify_webhook
from lntpay.errors import WebhookVerificationError

app = FastAPI()
lntpay = AsyncLNTPay()
# In memory; use your database instead.
offers: dict[str, models.Charge] = {}  # reader -> their charge
readers: dict[str, str] = {}  # id of an unpaid charge -> reader
unlocked: set[str] = set()


@app.get("/article")
async def article(request: Request, reader: str = Cookie("")) -> HTMLResponse:
    if reader in unlocked:
        return HTMLResponse("<h1>How a payment proves itself</h1><p>The invoice contains the hash of a number. That number is the receipt.</p>")
    known = reader if reader in offers else secrets.token_hex(16)
    charge = offers.get(known)
    if charge is None or (await lntpay.charges.get(charge.id)).status not in ("pending", "paid"):
        home = str(request.url)
        charge = await lntpay.charges.create(amount_sats=50, description="The article", success_url=home, cancel_url=home)
        offers[known], readers[charge.id] = charge, known
    page = HTMLResponse(f'<h1>How a payment proves itself</h1><a href="{html.escape(charge.checkout_url)}">Read on for 50 sat</a>', 402)
    page.set_cookie("reader", known, httponly=True, samesite="lax")
    return page


@app.post("/webhooks/lntpay")
async def webhook(request: Request) -> dict[str, bool]:
    try:
        event = verify_webhook(await request.body(), request.headers)
    except WebhookVerificationError as error:
        raise HTTPException(400, str(error)) from error
    reader = readers.pop(event.data.get("id", ""), "") if event.type == "charge.paid" else ""
    if reader:
        unlocked.add(reader)
    return {"received": True}
