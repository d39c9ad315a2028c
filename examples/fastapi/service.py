"""A FastAPI service whose reports are paid. What LNTPay adds is between the two markers.

    LNTPAY_BASE_URL=…/v1 LNTPAY_API_KEY=lnt_test_… LNTPAY_GATE=gate_… uvicorn service:app
"""
import os

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request
from starlette.datastructures import Headers

app = FastAPI()

# LNTPay >
lntpay = httpx.AsyncClient(base_url=os.environ["LNTPAY_BASE_URL"], headers={"Authorization": "Bearer " + os.environ["LNTPAY_API_KEY"]})
async def paid(request: Request):
    ask = {"method": request.method, "path": request.scope["raw_path"].decode(), "authorization": request.headers.get("authorization")}
    seen = (await lntpay.post("/gates/" + os.environ["LNTPAY_GATE"] + "/verify", json=ask)).json()
    if not seen.get("allowed"):
        lines = [(b"www-authenticate", line.encode()) for line in seen.get("challenge", {}).get("www_authenticate", [])]
        raise HTTPException(seen.get("status", 400), seen.get("reason"), Headers(raw=lines))
    end = "release"
    try: yield; end = "commit"
    finally: await lntpay.post(f"/redemptions/{seen['redemption_id']}/{end}", json={"reservation": seen["reservation"]})
# < LNTPay


@app.get("/reports/{number}", dependencies=[Depends(paid)])
async def report(number: int):
    if number == 0:
        raise RuntimeError("Report 0 fails, and the payer keeps the use.")
    return {"report": number}
