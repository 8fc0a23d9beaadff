"""Hostile and odd requests, and the statuses that are right for each."""

HOST = b"Host: 127.0.0.1\r\n"
AUTH = b"Authorization: Bearer user-1\r\n"
JSON = b"Content-Type: application/json\r\n"
GOOD_BODY = b'{"content":"hi","conversationKey":"room"}'


def request(line=b"GET /healthz HTTP/1.1", headers=HOST, body=b""):
    return line + b"\r\n" + headers + b"\r\n" + body


def post(headers, body):
    return request(b"POST /v1/comments HTTP/1.1", HOST + AUTH + JSON + headers, body)


def length(body):
    return b"Content-Length: " + str(len(body)).encode() + b"\r\n"


SMUGGLED = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"


def framing():
    """(name, bytes, allowed statuses); the connection must end after the answer."""
    chunked_body = b"29\r\n" + GOOD_BODY + b"\r\n0\r\n\r\n"
    codings = [b"identity", b"chunked, chunked", b"chunked, identity", b"xchunked", b"chunked;q=1", b'"chunked"',
               b"chun\tked", b"", b"gzip", b"gzip, chunked", b"chunked,", b",chunked", b" chunked x", b"CHUNKED, gzip"]
    for coding in codings:
        yield (f"transfer coding {coding!r}",
               post(b"Transfer-Encoding: " + coding + b"\r\n", chunked_body + SMUGGLED), (400, 501))
    yield ("length and coding", post(length(GOOD_BODY) + b"Transfer-Encoding: chunked\r\n", chunked_body + SMUGGLED), (400,))
    yield ("coding and length", post(b"Transfer-Encoding: chunked\r\n" + length(GOOD_BODY), chunked_body + SMUGGLED), (400,))
    yield ("two codings", post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunked_body + SMUGGLED), (400, 501))
    yield ("chunked on 1.0", request(b"POST /v1/comments HTTP/1.0", HOST + AUTH + JSON + b"Transfer-Encoding: chunked\r\n",
                                     chunked_body + SMUGGLED), (400, 501))
    yield ("space before colon", post(b"Transfer-Encoding : chunked\r\n", chunked_body + SMUGGLED), (400,))
    for value in (b"+41", b"-1", b"0x29", b"4 1", b"", b"41, 41a", b"9223372036854775808", b"18446744073709551657",
                  b"1" * 40, b"41,", b"4e1", b"41;", b"\xb9", b"41, 42"):
        yield (f"content length {value!r}", post(b"Content-Length: " + value + b"\r\n", GOOD_BODY + SMUGGLED), (400, 413))
    yield ("two lengths", post(b"Content-Length: 41\r\nContent-Length: 42\r\n", GOOD_BODY + SMUGGLED), (400,))
    for size in (b"G", b"", b"+29", b"-29", b"0x29", b" 29", b"29 ", b"2\x009", b"2_9", b"1" * 17, b"8000000000000000",
                 b"ffffffffffffffff", b"29\n", b"29\r"):
        yield (f"chunk size {size!r}", post(b"Transfer-Encoding: chunked\r\n",
                                            size + b"\r\n" + GOOD_BODY + b"\r\n0\r\n\r\n" + SMUGGLED), (400, 413))
    yield ("chunk without its end", post(b"Transfer-Encoding: chunked\r\n", b"29\r\n" + GOOD_BODY + b"XX0\r\n\r\n"), (400,))
    yield ("last chunk and garbage", post(b"Transfer-Encoding: chunked\r\n", b"29\r\n" + GOOD_BODY + b"\r\n0\r\nXX\r\n\r\n"), (400,))
    yield ("bare LF in chunks", post(b"Transfer-Encoding: chunked\r\n", b"29\n" + GOOD_BODY + b"\n0\n\n"), (400,))
    yield ("LF in an extension", post(b"Transfer-Encoding: chunked\r\n", b"29;a\nb\r\n" + GOOD_BODY + b"\r\n0\r\n\r\n"), (400,))
    yield ("huge extension", post(b"Transfer-Encoding: chunked\r\n", b"29;" + b"a" * 100000 + b"\r\n" + GOOD_BODY + b"\r\n0\r\n\r\n"), (400, 413, 431))
    yield ("huge trailers", post(b"Transfer-Encoding: chunked\r\n",
                                 b"29\r\n" + GOOD_BODY + b"\r\n0\r\n" + b"X-T: aaaaaaaa\r\n" * 20000 + b"\r\n"), (400, 431))
    yield ("endless chunks", post(b"Transfer-Encoding: chunked\r\n", (b"1000\r\n" + b" " * 4096 + b"\r\n") * 64), (413,))


def heads():
    for line in (b"GET /healthz", b"GET  /healthz HTTP/1.1", b"GET /healthz  HTTP/1.1", b"GET\t/healthz HTTP/1.1",
                 b" GET /healthz HTTP/1.1", b"GET /healthz HTTP/1.1 ", b"GET /healthz HTTP/1.10", b"GET /healthz http/1.1",
                 b"GET /healthz HTTP/9.9", b"GET /healthz HTTP/2.0", b"GET /healthz HTTP/0.9", b"GET /healthz HTTP/1",
                 b"GET /he\x00lthz HTTP/1.1", b"GET /he\rlthz HTTP/1.1", b"GET /h\xc3\xa9 HTTP/1.1", b"G\x00T /healthz HTTP/1.1",
                 b"GET /healthz HTTP/1.1x", b"GET healthz HTTP/1.1", b"(GET) /healthz HTTP/1.1", b"GET /a b HTTP/1.1"):
        yield (f"request line {line!r}", request(line), (400, 404, 505))
    yield ("unknown method", request(b"FROB /healthz HTTP/1.1"), (501,))
    yield ("long method", request(b"A" * 10000 + b" / HTTP/1.1"), (400, 414, 431, 501))
    yield ("TRACE", request(b"TRACE /healthz HTTP/1.1", HOST + b"X-Echo: me\r\n"), (405, 501))
    yield ("CONNECT", request(b"CONNECT 127.0.0.1:80 HTTP/1.1"), (400, 405, 501))
    yield ("preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505))
    for target in (b"*", b"127.0.0.1:80"):
        yield (f"target {target!r}", request(b"GET " + target + b" HTTP/1.1"), (400, 404))
    yield ("host absent", request(headers=b""), (400,))
    yield ("two hosts", request(headers=HOST + HOST), (400,))
    for host in (b"a b", b"a,b", b"127.0.0.1:port", b"127.0.0.1:99999999", b"a/b", b"user@127.0.0.1", b"[::1", b"a\\b", b"a?b", b"a#b"):
        yield (f"host {host!r}", request(headers=b"Host: " + host + b"\r\n"), (400, 421))
    for header in (b"X: a\r\n folded\r\n", b"X: a\r\n\tfolded\r\n", b"X: a\rb\r\n", b"X: a\nY: b\r\n", b"X: a\x00b\r\n", b"X: a\x01b\r\n",
                   b"X : a\r\n", b"X\t: a\r\n", b" X: a\r\n", b"X\r\n", b": a\r\n", b"X(: a\r\n", b"X y: a\r\n", b"X\xe9: a\r\n", b"X: a\x7fb\r\n"):
        yield (f"header {header!r}", request(headers=HOST + header), (400,))
    yield ("head of 20 kB", request(headers=HOST + b"X: " + b"a" * 20000 + b"\r\n"), (431,))
    yield ("10,000 headers", request(headers=HOST + b"X: a\r\n" * 10000), (431,))
    yield ("long target", request(b"GET /" + b"a" * 9000 + b" HTTP/1.1"), (404, 414, 431))


def plain():
    """Answered, and the connection stays in step: a second request on it is served."""
    yield ("wrong method", request(b"DELETE /v1/comments HTTP/1.1", HOST + AUTH), (405,))
    yield ("options of the server", request(b"OPTIONS * HTTP/1.1"), (204,))
    yield ("host with an empty port", request(headers=b"Host: 127.0.0.1:\r\n"), (200,))
    yield ("line feeds in a query", request(b"GET /graphql?query=%7B%0A%20me%20%7B%20userId%20%7D%0D%0A%7D HTTP/1.1"), (200,))
    for path in (b"/../etc/passwd", b"/..%2f..%2fetc%2fpasswd", b"/%2e%2e/%2e%2e/etc/passwd", b"/....//etc", b"/.%00./etc",
                 b"/%c0%ae%c0%ae/etc", b"/v1/comments/..%5c..%5c", b"//etc/passwd", b"/%0d%0aX-Injected:%20yes", b"/%zz", b"/%",
                 b"/%4", b"/v1/comments/" + b"a/" * 1500, b"/%ff%fe"):
        yield (f"path {path[:40]!r}", request(b"GET " + path + b" HTTP/1.1", HOST + AUTH), (400, 404))
    for query in (b"after=-1", b"after=x", b"limit=0", b"limit=-5", b"limit=abc", b"limit=99999999999999999999", b"after=%zz",
                  b"before=%00"):
        yield (f"query {query!r}", request(b"GET /v1/conversations/room/comments?" + query + b" HTTP/1.1", HOST + AUTH), (400, 422))
    for query in (b"after=-1", b"after=18446744073709551616", b"after=a:b:c", b"delivery=fast", b"wait=-1", b"wait=abc", b"wait=9999"):
        yield (f"updates query {query!r}", request(b"GET /v1/conversations/room/updates?" + query + b" HTTP/1.1", HOST + AUTH), (400, 422))


def bodies():
    """JSON bodies of POST /v1/comments; the connection stays in step."""
    def case(name, body, statuses):
        return name, post(length(body), body), statuses

    for body in (b"", b"{", b"[]", b"null", b'"x"', b"1", b"{}x", b"{} {}", b"{'content':'a'}", b'{"content":NaN}', b"/* c */{}",
                 b"\xff\xfe{\x00}\x00", b'{"content":"a",}', b'{"content":"a\x01b","conversationKey":"r"}',
                 b'{"content":"a" "conversationKey":"r"}', b'{"content":"a","content":"b","conversationKey":"r"}',
                 b'{"content":"a","c\\u006fntent":"b","conversationKey":"r"}', b'{"content":tru}', b'{"content":01}'):
        yield case(f"body {body[:50]!r}", body, (400,))
    for body in (b'{"content":"\xff","conversationKey":"r"}', b'{"content":"\xc0\xaf","conversationKey":"r"}',
                 b'{"content":"\xed\xa0\x80","conversationKey":"r"}', b'{"content":"\xf5\x80\x80\x80","conversationKey":"r"}',
                 b'{"content":"\xe2\x82","conversationKey":"r"}', b'{"content":"\\ud800","conversationKey":"r"}',
                 b'{"content":"\\udc00\\ud800","conversationKey":"r"}', b'{"content":"\\u0000","conversationKey":"r"}',
                 b'{"content":"a","conversationKey":"\\u0000"}', b'{"content":"a","conversationKey":"a\\nb"}'):
        yield case(f"text {body[:50]!r}", body, (400, 422))
    for value in (b"null", b"1", b"1e999999", b"1" * 10000, b"[]", b"{}", b"true", b'""'):
        yield case(f"content {value[:20]!r}", b'{"content":' + value + b',"conversationKey":"r"}', (400, 422))
        yield case(f"key {value[:20]!r}", b'{"content":"a","conversationKey":' + value + b"}", (400, 422))
    for key in (b".", b"..", b"k" * 255):
        yield case(f"key {key[:9]!r}", b'{"content":"a","conversationKey":"' + key + b'"}', (422,))
    yield case("content of 4,001", b'{"content":"' + b"a" * 4001 + b'","conversationKey":"r"}', (422,))
    yield case("nothing", b"{}", (422,))
    yield case("deep lists", b'{"content":' + b"[" * 20000 + b"]" * 20000 + b"}", (400,))
    yield case("deep objects", b'{"a":' * 10000 + b"1" + b"}" * 10000, (400,))
    yield case("just too deep", b'{"content":"a","conversationKey":"r","x":' + b"[" * 40 + b"]" * 40 + b"}", (400,))
    body = GOOD_BODY
    for kind in (b"text/plain", b"application/json, text/plain", b"application/x-www-form-urlencoded", b"application/jsonx",
                 b"application/json; charset=utf-16", b""):
        yield (f"content type {kind!r}", request(b"POST /v1/comments HTTP/1.1",
                                                 HOST + AUTH + b"Content-Type: " + kind + b"\r\n" + length(body), body), (415,))
    for kind in (b"application/json;", b"application/json; charset=utf8", b'application/json;;charset="UTF-8"'):
        yield (f"content type {kind!r}", request(b"POST /v1/comments HTTP/1.1",
                                                 HOST + AUTH + b"Content-Type: " + kind + b"\r\n" + length(body), body), (201,))
    yield ("no content type", request(b"POST /v1/comments HTTP/1.1", HOST + AUTH + length(body), body), (415,))
    yield ("gzip", post(b"Content-Encoding: gzip\r\n" + length(body), body), (415,))


def tokens():
    body = GOOD_BODY
    for header in (b"", b"Authorization: \r\n", b"Authorization: Basic dTpw\r\n", b"Authorization: Bearer\r\n",
                   b"Authorization: Bearer \r\n", AUTH + AUTH, b"Cookie: token=user-1\r\n",
                   b"Authorization: Bearer " + b"a" * 300 + b"\r\n"):
        yield (f"token {header[:40]!r}", request(b"POST /v1/comments HTTP/1.1", HOST + header + JSON + length(body), body), (401,))
