"""The quickstart in Python, with the package of clients/python: GET /premium is paid per request.

    LNTPAY_API_KEY=lnt_test_… LNTPAY_WEBHOOK_SECRET=whsec_… uvicorn server:app --port 3000
"""

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from lntpay import AsyncLNTPay, verify_webhook
from lntpay.errors import WebhookVerificationError

app = FastAPI()
lntpay = AsyncLNTPay()
# Payment hashes, in memory; use your database instead.
pending: set[str] = set()
paid: set[str] = set()


@app.get("/premium")
async def premium(payment: str = "") -> Response:
    if payment in paid:
        paid.remove(payment)  # one payment, one response
        return JSONResponse({"content": "The paid content."})
    if payment in pending:
        return JSONResponse({"error": "not paid yet", "payment_hash": payment}, 402)
    charge = await lntpay.charges.create(amount_sats=21, description="GET /premium")
    pending.add(charge.payment_hash)
    offer = charge.model_dump(mode="json", include={"amount_sats", "bolt11", "payment_hash", "expires_at", "checkout_url"})
    return JSONResponse({"error": "payment required", **offer}, 402)


@app.post("/webhooks/lntpay")
async def webhook(request: Request) -> dict[str, bool]:
    try:
        event = verify_webhook(await request.body(), request.headers)
    except WebhookVerificationError as error:
        raise HTTPException(400, str(error)) from error
    hash = event.data.get("payment_hash", "")
    if event.type == "charge.paid" and hash in pending:
        pending.remove(hash)
        paid.add(hash)
    return {"received": True}
