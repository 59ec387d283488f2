"""Reads a form with two parsers that nobody here wrote, and prints what each found as one JSON object.

The form stands on stdin as a whole MIME message: the lines `MIME-Version` and `Content-Type`, an empty line, the body.
"""

import email
import email.policy
import io
import json
import sys

import multipart


def by_email(message):
    """The standard library's parser of mail."""
    parsed = email.message_from_bytes(message, policy=email.policy.HTTP)
    for part in parsed.iter_parts():
        disposition = part["Content-Disposition"]
        assert disposition.content_disposition == "form-data" and not part.defects, part.items()
        yield {
            "name": disposition.params.get("name"),
            "file_name": disposition.params.get("filename"),
            "headers": [[name, value] for name, value in part.raw_items() if name != "Content-Disposition"],
            "content": part.get_payload(decode=True).hex(),
        }


def by_multipart(message):
    """PyPI's multipart, as strict as it can be."""
    head, body = message.split(b"\r\n\r\n", 1)
    content_type = email.message_from_bytes(head)["Content-Type"]
    boundary = multipart.parse_options_header(content_type)[1]["boundary"]
    for part in multipart.MultipartParser(io.BytesIO(body), boundary, content_length=len(body), strict=True):
        yield {
            "name": part.name,
            "file_name": part.filename,
            "headers": [[name, value] for name, value in part.headerlist if name != "Content-Disposition"],
            "content": part.raw.hex(),
        }


message = sys.stdin.buffer.read()
json.dump({"email": list(by_email(message)), "multipart": list(by_multipart(message))}, sys.stdout)
