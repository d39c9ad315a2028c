# What a valid value is where the document has a format of LNTPay's own, and the rules of a request that neither OpenAPI nor a format can
# express: those that two parameters, or a parameter and the state of an object, have with each other. Requests that are meant to be refused
# stay as they were generated.
import os

import schemathesis
from hypothesis import strategies as st

FORMATS = {
    "bolt11": st.just(os.environ["LNTPAY_BOLT11"]),
    "cidr": st.builds("10.{}.{}.0/24".format, st.integers(0, 255), st.integers(0, 255)),
    "destination": st.just("succeed@sandbox.example"),
    "date-time": st.sampled_from(["2099-02-03T04:05:06Z", "2099-12-31T23:59:59.999Z"]),
    "http-method": st.sampled_from(["GET", "POST", "HEAD"]),
    "match-method": st.sampled_from(["GET", "POST", "*"]),
    "match-path": st.sampled_from(["/reports", "/reports/*", "/a/b-c/~d"]),
    "request-path": st.sampled_from(["/reports", "/reports/7?page=2"]),
    "service-url": st.sampled_from(["", "https://service.example/price"]),
    "pay-name": st.sampled_from(["tips", "ann.b-c_d", "0"]),
    "uri": st.sampled_from(["https://shop.example/", "https://shop.example/hook?a=1"]),
}
for name, strategy in FORMATS.items():
    schemathesis.openapi.format(name, strategy)

# In a path that an operation's path begins with: members of its body that depend on others, or on the state of an object.
DEPENDENT = {
    "/v1/gates": ("uses", "ttl_seconds", "min_credit_msat", "max_price_msat", "price_url", "method", "path", "headers"),
    "/v1/charges": ("min_sats", "min_msat", "max_sats", "max_msat", "unhashed_description"),
    "/v1/pay_links": ("min_sats", "min_msat", "max_sats", "max_msat"),
    "/v1/api_keys": ("expires_at",),
    "/v1/workspace": ("default_success_url", "default_cancel_url", "logo_url"),
    "/v1/redemptions": ("price_msat",),
    "/v1/sandbox/charges": ("amount_msat",),
    "/v1/webhook_endpoints/{endpoint}/recover": ("until",),
}
ONE_REQUEST = {"method": "GET", "path": "/reports/7"}  # a gate for one request needs no description of it


def whole(value):
    """JSON has 1.0 beside 1, and JSON Schema takes both for an integer. Amounts are written one way."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:  # larger ones would get more digits than they had
        return int(value)
    if isinstance(value, float) and abs(value) > 1e15:  # the engine refuses large exponents, which JSON Schema cannot say
        return 1.5
    if isinstance(value, dict):
        return {name: whole(each) for name, each in value.items()}
    return [whole(each) for each in value] if isinstance(value, list) else value


def short(value):
    """The document counts characters, the engine the bytes of their UTF-8: at most four times as many. Names are one line."""
    if not isinstance(value, str) or (value.isascii() and value.isprintable()):
        return value
    return "".join(each for each in value if each.isprintable())[:25] or "é"


def body_of(path, body):
    body = whole(body)
    if not isinstance(body, dict):
        return body
    body = {name: short(value) for name, value in body.items()}
    for begin, names in DEPENDENT.items():
        if path.startswith(begin):
            body = {name: value for name, value in body.items() if name not in names}
    if path == "/v1/sandbox/clock/advance" and isinstance(body.get("ms"), int):
        body = {**body, "ms": min(body["ms"], 60_000)}  # all of them together are at most ten years
    if path == "/v1/sandbox/faults":
        body = {"faults": []}  # a fault would answer for every later request
    if path == "/v1/charges" and not body.get("amount_msat"):
        body = {**body, "amount_sats": body.get("amount_sats") or 21}  # the sandbox pays a charge without one only if told how much
    if "destination" in body and path.endswith(("/withdrawals", "/quote", "/refund")):  # in place of an invoice, with an amount
        body = {**body, "amount_sats": body.get("amount_sats") or 21}
        body = {name: value for name, value in body.items() if name not in ("bolt11", "amount_msat")}
    elif "comment" in body:
        body = {name: value for name, value in body.items() if name != "comment"}
    if path == "/v1/gates":
        body = {**body, "match": ONE_REQUEST}
    return body


def query_of(query):
    query = {name: value for name, value in query.items() if name not in ("cursor", "resume")}  # of a response of this list
    query = {name: value for name, value in query.items() if not (isinstance(value, str) and not value.isprintable())}
    query = {name: short(value) for name, value in query.items()}
    if "after_seq" in query:
        query.pop("before_seq", None)
        query.pop("order", None)
    if "wait" in query:
        wait = whole(query["wait"])
        query["wait"] = min(int(wait), 1) if isinstance(wait, int) or str(wait).isdigit() else wait
    if "before_seq" in query:
        query.pop("order", None)
    if "before_seq" in query or query.get("order") == "desc":
        query.pop("wait", None)
    return query


@schemathesis.hook
def before_call(ctx, case, kwargs):
    if case.meta is not None and not case.meta.generation.mode.is_positive:
        return
    path = case.operation.path
    if case.query:
        case.query = query_of(case.query)
    if path == "/v1/events/stream":
        case.query = {**(case.query or {}), "wait": 0}
    if path == "/v1/charges" and case.operation.method.upper() == "POST" and not isinstance(case.body, dict):
        case.body, case.media_type = {"amount_sats": 21}, "application/json"  # without a body, a charge without an amount
    if isinstance(case.body, (dict, list)):
        case.body = body_of(path, case.body)
    if path.startswith("/gate/"):  # a proxy describes its client's request, with one of two pairs of headers
        case.headers = {"X-Original-Method": ONE_REQUEST["method"], "X-Original-Uri": ONE_REQUEST["path"]}
