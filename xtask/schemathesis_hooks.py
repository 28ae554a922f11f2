"""What schemathesis' own check `ignored_auth` holds, but with another bad key each time: who tries one ten times is made to wait."""

import secrets

import requests
import schemathesis

held = set()


@schemathesis.check
def strangers_are_refused(ctx, response, case):
    """An operation that answers a good key refuses nobody's and bad ones. Once is enough for each operation."""
    operation = case.operation
    everywhere = operation.schema.raw_schema["security"]
    is_open = {} in operation.definition.raw.get("security", everywhere)
    # Other methods are tried as well; of them OPTIONS is answered to everybody.
    is_other = response.request.method != operation.method.upper()
    if is_open or is_other or operation.label in held or not 200 <= response.status_code < 300:
        return
    bad = f"dm_{secrets.token_hex(6)}_{secrets.token_hex(16)}"
    for key in ({}, {"X-API-Key": bad}, {"Authorization": f"Bearer {bad}"}):
        request = response.request.copy()
        request.headers.pop("X-API-Key", None)
        request.headers.update(key)
        answer = requests.Session().send(request)
        if answer.status_code != 401:
            raise AssertionError(f"{operation.label} answers {answer.status_code} to who says {key or 'nothing'}")
    held.add(operation.label)
