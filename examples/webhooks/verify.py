import base64, hashlib, hmac, json, time


def verify_webhook(secrets, headers, body, now=None):
    """secrets: whsec_… of the endpoint, both during a rotation; body: the raw bytes. Raises ValueError unless it is ours."""
    id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split(" ")
    if not id or not (timestamp.isascii() and timestamp.isdigit()):
        raise ValueError("webhook headers are missing")
    if abs((time.time() if now is None else now) - int(timestamp)) > 300:
        raise ValueError("webhook-timestamp is not from the last five minutes")
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        mac = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        expected = b"v1," + base64.b64encode(mac)
        if any(hmac.compare_digest(each.encode(), expected) for each in given):
            return json.loads(body)
    raise ValueError("no webhook signature matches")
