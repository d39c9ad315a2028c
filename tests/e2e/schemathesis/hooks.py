# What a valid value is where the document has a format of LNTPay's own, and rules between query parameters, which OpenAPI cannot express.
import os

import schemathesis
from hypothesis import strategies as st

FORMATS = {
    "bolt11": st.just(os.environ["LNTPAY_BOLT11"]),
    "cidr": st.sampled_from(["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"]),
    "date-time": st.sampled_from(["2099-02-03T04:05:06Z", "2099-12-31T23:59:59.999Z"]),
    "http-method": st.sampled_from(["GET", "POST", "HEAD"]),
    "match-method": st.sampled_from(["GET", "POST", "*"]),
    "match-path": st.sampled_from(["/reports", "/reports/*", "/a/b-c/~d"]),
    "request-path": st.sampled_from(["/reports", "/reports/7?page=2"]),
    "service-url": st.sampled_from(["", "https://service.example/price"]),
    "uri": st.sampled_from(["https://shop.example/", "https://shop.example/hook?a=1"]),
}
for name, strategy in FORMATS.items():
    schemathesis.openapi.format(name, strategy)

# Of a response that the run did not get.
EARLIER = ("cursor", "resume")


@schemathesis.hook
def filter_query(ctx, query):
    return not query or not ({"after_seq", "before_seq"} <= set(query) or any(name in query for name in EARLIER))


# A proxy describes its client's request with one of two pairs of headers.
@schemathesis.hook
def before_call(ctx, case, kwargs):
    if case.operation.path.startswith("/gate/"):
        case.headers = {**(case.headers or {}), "X-Original-Method": "GET", "X-Original-Uri": "/reports/7"}
