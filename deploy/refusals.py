"""What a refusal by AWS means for whoever deploys: which permission is missing, and what to do."""

import re

_REFUSED = re.compile(r"AccessDenied|Access Denied|UnauthorizedOperation|AuthorizationError|not authorized to perform")
_NAMED = re.compile(r"not authorized to perform:? ([a-z0-9-]+:\w+)")
_CALLED = re.compile(r"when calling the (\w+) operation")
ADVICE = (
    "Let these credentials do that (docs/howto/deploy.md, When it fails), then run the same command again: "
    "it goes on from what is there."
)


def explained(text: str) -> str:
    """`text`, and below it the permission to ask for, when AWS refused one."""
    plain = " ".join(text.split())  # Chalice wraps its messages
    if not _REFUSED.search(plain):
        return text
    missing = dict.fromkeys(_NAMED.findall(plain) or _CALLED.findall(plain))
    return f"{text}\n\nNot permitted: {', '.join(missing) or 'see above'}. {ADVICE}"
