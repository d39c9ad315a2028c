# Verifies webhooks with the libraries `standardwebhooks` and `svix`, unmodified, and with examples/webhooks/verify.py.
# Standard input: [{"secret", "headers", "body"}]; standard output: [{"standardwebhooks", "svix", "example"}], each true or false.
import importlib.util, json, sys
from pathlib import Path

path = Path(__file__).parents[3] / "examples/webhooks/verify.py"
spec = importlib.util.spec_from_file_location("verify", path)
example = importlib.util.module_from_spec(spec)
spec.loader.exec_module(example)

checks = {"example": lambda case: example.verify_webhook([case["secret"]], case["headers"], case["body"].encode())}
if "--example" not in sys.argv:
    import standardwebhooks, svix.webhooks

    checks["standardwebhooks"] = lambda case: standardwebhooks.Webhook(case["secret"]).verify(case["body"], case["headers"])
    checks["svix"] = lambda case: svix.webhooks.Webhook(case["secret"]).verify(case["body"], case["headers"])


def accepts(check, case):
    try:
        check(case)
        return True
    except Exception:
        return False


print(json.dumps([{name: accepts(check, case) for name, check in checks.items()} for case in json.load(sys.stdin)]))
