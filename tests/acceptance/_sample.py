"""A caller that has Python and nothing else: posts what its first argument says to https and prints what comes back."""

import http.client
import json
import sys

told = json.loads(sys.argv[1])
conn = http.client.HTTPSConnection(told["host"])
conn.request("POST", told["path"], json.dumps(told["body"]), told["headers"])
res = conn.getresponse()
data = res.read()
conn.close()
sys.stdout.write(data.decode("utf-8"))
