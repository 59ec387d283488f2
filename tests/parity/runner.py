"""Plays cases through Requests: one case per line on stdin, one result per line on stdout.

Bytes travel as text in which every character is one byte (Latin-1). The cases' words are explained in README.md
beside this file; the same words are played through reqs by `cargo xtask parity`.
"""

import codecs
import io
import json
import os
import sys
import time
import warnings

import requests
from requests.auth import HTTPDigestAuth
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

warnings.simplefilter("ignore")

# What a case's environment may hold; nothing of it is taken from the process.
CLEANED = ("NETRC", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "REQUEST_METHOD", "HTTP_PROXY", "HTTPS_PROXY",
           "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy")


class NoSeek:
    """A reader of unknown length that cannot go back."""

    def __init__(self, content):
        self.inner = io.BytesIO(content)

    def read(self, size=-1):
        return self.inner.read(size)

    def __iter__(self):
        return iter(lambda: self.inner.read(8192), b"")


def data_of(value):
    """Text, bytes or a list of them: what the case's word for bytes means."""
    if isinstance(value, dict) and set(value) == {"latin1"}:
        return value["latin1"].encode("latin-1")
    return value


def plain(value):
    if isinstance(value, dict):
        return data_of(value) if set(value) == {"latin1"} else {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def to_bytes(value):
    value = data_of(value)
    return value.encode("utf-8") if isinstance(value, str) else value


def pairs_of(value):
    """Pairs as tuples, for Requests tells a list of pairs from a dict."""
    value = plain(value)
    if isinstance(value, dict) and set(value) == {"dict"}:
        return dict(map(tuple, value["dict"]))
    if isinstance(value, list):
        return [tuple(pair) if isinstance(pair, list) else pair for pair in value]
    return value


def header_map(value):
    return dict(pairs_of(value).items() if isinstance(pairs_of(value), dict) else pairs_of(value))


def body_of(value, directory):
    if isinstance(value, dict) and len(value) == 1:
        word, inner = next(iter(value.items()))
        if word == "stream":
            return io.BytesIO(to_bytes(inner))
        if word == "reader":
            return NoSeek(to_bytes(inner))
        if word == "chunks":
            return (to_bytes(item) for item in list(inner))
        if word == "file":
            return file_of(inner, directory)
    if isinstance(value, dict) and set(value) == {"stream", "at"}:
        stream = io.BytesIO(to_bytes(value["stream"]))
        stream.seek(value["at"])
        return stream
    return pairs_of(value)


def file_of(spec, directory):
    path = os.path.join(directory, spec["name"])
    with open(path, "wb") as out:
        out.write(to_bytes(spec["content"]))
    opened = open(path, "rb")
    opened.seek(spec.get("at", 0))
    return opened


def file_part(spec, directory):
    if not isinstance(spec, dict) or set(spec) == {"latin1"}:
        return data_of(spec)
    if set(spec) == {"file"}:
        return file_of(spec["file"], directory)
    if set(spec) == {"stream"}:
        return io.BytesIO(to_bytes(spec["stream"]))
    content = spec["content"]
    content = file_part(content, directory) if isinstance(content, dict) else content
    if "headers" in spec:
        return (spec["name"], content, spec.get("type"), dict(map(tuple, spec["headers"])))
    if "type" in spec:
        return (spec["name"], content, spec["type"])
    return (spec["name"], content)


class Bearer(requests.auth.AuthBase):
    def __init__(self, token):
        self.token = token

    def __call__(self, request):
        request.headers["Authorization"] = "Bearer " + self.token
        return request


class SetHeader(requests.auth.AuthBase):
    def __init__(self, name, value):
        self.name, self.value = name, value

    def __call__(self, request):
        request.headers[self.name] = self.value
        return request


class SetBody(requests.auth.AuthBase):
    def __init__(self, body):
        self.body = body

    def __call__(self, request):
        request.body = self.body
        return request


def auth_of(value):
    if isinstance(value, list):
        return tuple(map(data_of, value))
    word, inner = next(iter(value.items()))
    if word == "digest":
        return HTTPDigestAuth(*inner)
    if word == "bearer":
        return Bearer(inner)
    if word == "header":
        return SetHeader(*inner)
    if word == "body":
        return SetBody(to_bytes(inner))
    if word == "nobody":
        return ()
    raise ValueError("unknown auth " + word)


def timeout_of(value):
    return tuple(value) if isinstance(value, list) else value


def session_of(spec, auths):
    session = requests.Session()
    spec = spec or {}
    if "only_headers" in spec:
        session.headers = CaseInsensitiveDict(header_map(spec["only_headers"]))
    for name, value in header_map(spec.get("headers", [])).items():
        session.headers[name] = value
    if "params" in spec:
        session.params = pairs_of(spec["params"])
    if "auth" in spec:
        session.auth = shared_auth(spec["auth"], auths)
    for cookie in spec.get("cookies", []):
        session.cookies.set(cookie["name"], cookie["value"], domain=cookie["domain"], path=cookie.get("path", "/"))
    if "proxies" in spec:
        session.proxies = spec["proxies"]
    if "verify" in spec:
        session.verify = spec["verify"]
    if "max_redirects" in spec:
        session.max_redirects = spec["max_redirects"]
    if "trust_env" in spec:
        session.trust_env = spec["trust_env"]
    return session


def shared_auth(value, auths):
    """Digest keeps state: the same words are the same object throughout a case."""
    key = json.dumps(value, sort_keys=True)
    if key not in auths:
        auths[key] = auth_of(value)
    return auths[key]


def arguments_of(step, directory, auths):
    arguments = {}
    if "params" in step:
        arguments["params"] = pairs_of(step["params"])
    if "headers" in step:
        arguments["headers"] = header_map(step["headers"])
    if "cookies" in step:
        arguments["cookies"] = header_map(step["cookies"])
    if "data" in step:
        arguments["data"] = body_of(step["data"], directory)
    if "json" in step:
        arguments["json"] = json_of(step["json"])
    if "files" in step:
        arguments["files"] = [(field, file_part(spec, directory)) for field, spec in step["files"]]
    if "auth" in step:
        arguments["auth"] = shared_auth(step["auth"], auths)
    return arguments


def json_of(value):
    if value == {"float": "nan"}:
        return float("nan")
    return value


def settings_of(step):
    settings = {"timeout": timeout_of(step.get("timeout", [5, 5]))}
    for name in ("allow_redirects", "proxies", "verify"):
        if name in step:
            settings[name] = step[name]
    return settings


def text_of_bytes(value):
    return value.decode("latin-1")


def wire_text(value):
    """A header's value as the bytes that came: http.client reads Latin-1."""
    return value if isinstance(value, str) else value.decode("latin-1")


def cookies_of(jar):
    found = [[c.name, c.value, (c.domain or "").lstrip("."), c.path] for c in jar]
    return sorted(found, key=lambda cookie: [str(part) for part in cookie])


def head_of(response):
    raw = response.raw.headers if response.raw is not None else response.headers
    told = {
        "status": response.status_code,
        "reason": response.reason,
        "url": response.url,
        "ok": response.ok,
        "headers": [[name, wire_text(value)] for name, value in raw.items()],
        "header_values": {name.lower(): value for name, value in response.headers.items()},
        "history": [[earlier.status_code, earlier.url] for earlier in response.history],
        "cookies": cookies_of(response.cookies),
        "encoding": response.encoding,
        "is_redirect": response.is_redirect,
        "is_permanent_redirect": response.is_permanent_redirect,
        "next": [response.next.method, response.next.url] if response.next is not None else None,
    }
    if "link" in response.headers:
        told["links"] = {key: dict(link) for key, link in response.links.items()}
    return told


def read(response, how, told):
    word, inner = next(iter(how.items()))
    if word == "iter_content":
        told["pieces"] = [text_of_bytes(piece) for piece in response.iter_content(inner)]
    elif word == "iter_text":
        pieces = response.iter_content(inner, decode_unicode=True)
        told["pieces"] = [piece if isinstance(piece, str) else text_of_bytes(piece) for piece in pieces]
    elif word == "iter_lines":
        options = {key: to_bytes(value) if key == "delimiter" else value for key, value in inner.items()}
        told["lines"] = [text_of_bytes(line) for line in response.iter_lines(**options)]
    elif word == "iter_lines_text":
        lines = response.iter_lines(decode_unicode=True, **inner)
        told["lines"] = [line if isinstance(line, str) else text_of_bytes(line) for line in lines]
    elif word == "raw":
        told["raw"] = text_of_bytes(response.raw.read(inner) if inner else response.raw.read())
    elif word == "close":
        response.close()
    elif word == "twice":
        told["pieces"] = [text_of_bytes(piece) for piece in response.iter_content(inner)]
        told["again"] = attempt(lambda: [text_of_bytes(piece) for piece in response.iter_content(inner)])
    elif word == "after_content":
        told["content"] = text_of_bytes(response.content)
        told["pieces"] = [text_of_bytes(piece) for piece in response.iter_content(inner)]
    else:
        raise ValueError("unknown way to read " + word)


def attempt(call):
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - every exception is a result here
        return {"error": type(error).__name__}


def canonical(value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # Half a surrogate pair cannot travel.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def finish(response, step):
    told = head_of(response)
    if "set_encoding" in step:
        response.encoding = step["set_encoding"]
    if "read" in step:
        read(response, step["read"], told)
    else:
        told["content"] = text_of_bytes(response.content)
        told["text"] = response.text
    if step.get("read_json"):
        told["json"] = attempt(lambda: canonical(response.json()))
    if step.get("raise_for_status"):
        try:
            response.raise_for_status()
            told["raised"] = None
        except requests.RequestException as error:
            told["raised"] = [type(error).__name__, str(error)]
    return told


def prepared_of(prepared):
    body = prepared.body
    if body is None:
        body = ""
    elif isinstance(body, str):
        body = body.encode("utf-8").decode("latin-1")
    elif isinstance(body, bytes):
        body = text_of_bytes(body)
    else:
        body = {"stream": True}
    headers = [[wire_text(name), wire_text(value)] for name, value in prepared.headers.items()]
    return {"method": prepared.method, "url": prepared.url, "path_url": prepared.path_url, "headers": headers, "body": body}


def play(session, step, directory, auths):
    time.sleep(step.get("wait", 0) / 1000)
    arguments = arguments_of(step, directory, auths)
    method, url = step.get("method", "GET"), data_of(step["url"])
    if step.get("prepare"):
        request = requests.Request(method, url, **arguments)
        return prepared_of(session.prepare_request(request))
    settings = settings_of(step)
    stream = "read" in step
    if "send_prepared" in step:
        changes = step["send_prepared"]
        prepared = session.prepare_request(requests.Request(method, url, **arguments))
        for name, value in changes.get("headers", []):
            if value is None:
                del prepared.headers[name]
            else:
                prepared.headers[name] = value
        if "body" in changes:
            prepared.body = to_bytes(changes["body"])
        if "method" in changes:
            prepared.method = changes["method"]
        return finish(session.send(prepared, stream=stream, **settings), step)
    if "function" in step:
        name = step["function"]
        target = session if step.get("on_session", True) else requests
        if name in ("post", "put", "patch"):
            response = getattr(target, name)(url, stream=stream, **arguments, **settings)
        else:
            response = getattr(target, name)(url, stream=stream, **arguments, **settings)
        return finish(response, step)
    response = session.request(method, url, stream=stream, **arguments, **settings)
    told = finish(response, step)
    if step.get("follow_next"):
        following = session.send(response.next, allow_redirects=False, timeout=5)
        told["followed"] = head_of(following)
    return told


def failed(error):
    told = {"error": type(error).__name__}
    response = getattr(error, "response", None)
    if response is not None and isinstance(error, (requests.HTTPError, requests.TooManyRedirects)):
        told["error_response"] = [response.status_code, len(response.history)]
    return told


def run(case):
    for name in CLEANED:
        os.environ.pop(name, None)
    os.environ.update(case["environment"])
    # A codec or a resolver may not be loaded under a case's own environment.
    codecs.lookup("utf-8")
    auths = {}
    session = session_of(case.get("session"), auths)
    steps = []
    for step in case["steps"]:
        try:
            steps.append(play(session, step, case["directory"], auths))
        except Exception as error:  # noqa: BLE001 - every exception is a result here
            steps.append(failed(error))
    jar = cookies_of(session.cookies) if isinstance(session.cookies, RequestsCookieJar) else None
    session.close()
    return {"steps": steps, "jar": jar}


def main():
    out = sys.stdout
    facts = {
        "requests": requests.__version__,
        "user_agent": requests.utils.default_user_agent(),
        "accept_encoding": requests.utils.default_headers()["Accept-Encoding"],
    }
    print(json.dumps(facts), file=out, flush=True)
    for line in sys.stdin:
        case = json.loads(line)
        try:
            result = run(case)
        except Exception as error:  # noqa: BLE001 - the case itself is wrong, which must be told
            result = {"broken": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), file=out, flush=True)


if __name__ == "__main__":
    main()
