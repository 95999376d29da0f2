import datetime
import json
import sys

from standardwebhooks.webhooks import Webhook

told = json.load(sys.stdin)
webhook, body = Webhook(told["secret"]), bytes(told["body"])
if "sign" in told:
    at = datetime.datetime.fromtimestamp(told["sign"]["timestamp"], datetime.timezone.utc)
    print(webhook.sign(told["sign"]["id"], at, body.decode()))
else:
    print(webhook.verify(body, told["headers"])["type"])
