"""What may be asked under a definition's role for somebody who only looks: the session policy of AssumeRole.

A session may do what both the role and this policy allow. So whatever a role permits, a look changes nothing.
Source: IAM User Guide, "Session policies"
"""

import json

_ALLOWED = (
    "s3:GetObject",
    "s3:ListBucket",
    "dynamodb:DescribeTable",
    "dynamodb:Scan",
    "kinesisvideo:DescribeStream",
    "kinesisvideo:GetDataEndpoint",
    "kinesisvideo:GetImages",
    "kinesisvideo:GetMediaForFragmentList",
    "kinesisvideo:ListFragments",
    "kms:Decrypt",  # what is stored encrypted
)
READING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(_ALLOWED), "Resource": "*"}]},
    separators=(",", ":"),
)
"""At most 2,048 characters."""
