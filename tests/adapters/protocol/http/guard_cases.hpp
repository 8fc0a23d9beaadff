#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace danwa::adapters::http {

/// Bytes of a head and the status that refuses it; 0: it passes.
struct GuardCase {
  std::string name;
  std::string head;
  int status;
};

inline std::string with_line(std::string_view line) { return std::string{line} + "\r\nHost: a.example\r\n\r\n"; }

/// `fields` between the host and the empty line, with their own line ends.
inline std::string with_fields(std::string_view fields) {
  return "POST /v1/comments HTTP/1.1\r\nHost: a.example\r\n" + std::string{fields} + "\r\n";
}
inline std::string with_host(std::string_view lines) { return "GET / HTTP/1.1\r\n" + std::string{lines} + "\r\n"; }

inline void add_request_lines(std::vector<GuardCase>& cases) {
  const std::string nul{"GET /\0 HTTP/1.1", 15};
  const std::pair<std::string, int> lines[] = {
      {"GET / HTTP/1.1", 0},
      {"GET /v1/comments?x=1 HTTP/1.1", 0},
      {"GET / HTTP/1.0", 0},
      {"HEAD / HTTP/1.1", 0},
      {"OPTIONS /v1 HTTP/1.1", 0},
      {"PATCH /a HTTP/1.1", 0},
      {"PUT /a HTTP/1.1", 0},
      {"DELETE /a HTTP/1.1", 0},
      {"GET http://a.example/ HTTP/1.1", 0},
      {"GET https://a.example/x HTTP/1.1", 0},
      {"GET HTTP://a.example/x HTTP/1.1", 0},
      {"GET /" + std::string(8191, 'a') + " HTTP/1.1", 0},
      {"GET /" + std::string(8192, 'a') + " HTTP/1.1", 414},
      {"GET /" + std::string(12000, 'a') + " HTTP/1.1", 414},
      {"GET /", 400},
      {"GET", 400},
      {"", 400},
      {" GET / HTTP/1.1", 400},
      {"GET  / HTTP/1.1", 400},
      {"GET /  HTTP/1.1", 400},
      {"GET / HTTP/1.1 ", 400},
      {"GET / x HTTP/1.1", 400},
      {"GET\t/ HTTP/1.1", 400},
      {"GET /\tHTTP/1.1", 400},
      {"GET /a\tb HTTP/1.1", 400},
      {"GET /a\rb HTTP/1.1", 400},
      {"GET / HTTP/1.1\r", 400},
      {nul, 400},
      {"GET /\x7f HTTP/1.1", 400},
      {"GET /\x01 HTTP/1.1", 400},
      {"GET /\xc3\xa4 HTTP/1.1", 400},
      {"GET /\xff HTTP/1.1", 400},
      {"G\xc3\xa4T / HTTP/1.1", 400},
      {"GET /a#b HTTP/1.1", 400},
      {"GET a HTTP/1.1", 400},
      {"GET * HTTP/1.1", 400},
      {"OPTIONS * HTTP/1.1", 0},
      {"GET a.example:80 HTTP/1.1", 400},
      {"GET ftp://a.example/ HTTP/1.1", 400},
      {"GET //", 400},
      {"GET file:///etc/passwd HTTP/1.1", 400},
      {"GET ../x HTTP/1.1", 400},
      {"CONNECT a.example:443 HTTP/1.1", 501},
      {"TRACE / HTTP/1.1", 501},
      {"get / HTTP/1.1", 501},
      {"Get / HTTP/1.1", 501},
      {"FOO / HTTP/1.1", 501},
      {"PROPFIND / HTTP/1.1", 501},
      {std::string(10000, 'A') + " / HTTP/1.1", 501},
      {"G(T / HTTP/1.1", 400},
      {"GET: / HTTP/1.1", 400},
      {"\"GET\" / HTTP/1.1", 400},
      {"GET / HTTP/0.9", 505},
      {"GET / HTTP/1.2", 505},
      {"GET / HTTP/2.0", 505},
      {"GET / HTTP/3.0", 505},
      {"GET / HTTP/9.9", 505},
      {"PRI * HTTP/2.0", 505},
      {"GET / HTTP/2", 400},
      {"GET / HTTP/1", 400},
      {"GET / HTTP/1.", 400},
      {"GET / HTTP/.1", 400},
      {"GET / HTTP/1.10", 400},
      {"GET / HTTP/01.1", 400},
      {"GET / HTTP/1.1.1", 400},
      {"GET / http/1.1", 400},
      {"GET / Http/1.1", 400},
      {"GET / HTTP/1,1", 400},
      {"GET / HTTP/a.b", 400},
      {"GET / HTTP/-1.1", 400},
      {"GET / HTTPS/1.1", 400},
      {"GET / HTTP 1.1", 400},
      {"GET / HTTP/1.1/", 400},
      {"GET / ICY/1.0", 400},
      {"SSH-2.0-OpenSSH_9.2", 400},
      {"EHLO mail", 400},
      {"\x16\x03\x01\x02", 400},
  };
  for (const auto& [line, status] : lines) cases.push_back({"line " + line.substr(0, 60), with_line(line), status});
}

inline void add_hosts(std::vector<GuardCase>& cases) {
  const std::pair<std::string, int> hosts[] = {
      {"Host: a.example\r\n", 0},
      {"host: a.example\r\n", 0},
      {"HOST:a.example\r\n", 0},
      {"Host: a.example:8080\r\n", 0},
      {"Host:  \ta.example \t\r\n", 0},
      {"Host: 127.0.0.1:1\r\n", 0},
      {"Host: [::1]\r\n", 0},
      {"Host: [::1]:8080\r\n", 0},
      {"Host: [2001:db8::7]:65535\r\n", 0},
      {"Host: localhost\r\n", 0},
      {"Host: a_b.example\r\n", 0},
      {"", 400},
      {"Hos: a.example\r\n", 400},
      {"Host:\r\n", 400},
      {"Host: \r\n", 400},
      {"Host: a.example\r\nHost: a.example\r\n", 400},
      {"Host: a.example\r\nhost: b.example\r\n", 400},
      {"Host: a.example, b.example\r\n", 400},
      {"Host: a.example b.example\r\n", 400},
      {"Host: a.example/\r\n", 400},
      {"Host: a.example?x\r\n", 400},
      {"Host: a.example#x\r\n", 400},
      {"Host: user@a.example\r\n", 400},
      {"Host: http://a.example\r\n", 400},
      {"Host: a.example:\r\n", 0},
      {"Host: a.example:x\r\n", 400},
      {"Host: a.example:-1\r\n", 400},
      {"Host: a.example:+1\r\n", 400},
      {"Host: a.example:65536\r\n", 400},
      {"Host: a.example:000080\r\n", 400},
      {"Host: a.example:80:80\r\n", 400},
      {"Host: :80\r\n", 400},
      {"Host: ::1\r\n", 400},
      {"Host: [::1\r\n", 400},
      {"Host: [::1]x\r\n", 400},
      {"Host: [::1]:\r\n", 0},
      {"Host: [::ffff:127.0.0.1]:80\r\n", 0},
      {"Host: [1:2:3:4:5:6:7:8]\r\n", 0},
      {"Host: [1:2:3:4:5:6:7:8:9]\r\n", 400},
      {"Host: [1:2:3]\r\n", 400},
      {"Host: [::1::2]\r\n", 400},
      {"Host: [:::]\r\n", 400},
      {"Host: [::127.0.0.256]\r\n", 400},
      {"Host: [fe80::1%25eth0]\r\n", 400},
      {"Host: []\r\n", 400},
      {"Host: [g::1]\r\n", 400},
      {"Host: a%20b\r\n", 400},
      {"Host: \xc3\xa4.example\r\n", 400},
      {"Host: \"a.example\"\r\n", 400},
      {"Host: a\\b\r\n", 400},
      {"Host: <a>\r\n", 400},
  };
  for (const auto& [lines, status] : hosts) {
    cases.push_back({"host " + lines, with_host(lines), status});
  }
}

inline void add_framing(std::vector<GuardCase>& cases) {
  const std::pair<std::string, int> fields[] = {
      {"Content-Length: 5\r\n", 0},
      {"content-length:5\r\n", 0},
      {"Content-Length: 005\r\n", 0},
      {"Content-Length: 18446744073709551615\r\n", 0},
      {"Content-Length: 18446744073709551616\r\n", 400},
      {"Content-Length: 18446744073709551621\r\n", 400},
      {"Content-Length: 1" + std::string(40, '0') + "\r\n", 400},
      {"Content-Length: \r\n", 400},
      {"Content-Length:\r\n", 400},
      {"Content-Length: +5\r\n", 400},
      {"Content-Length: -1\r\n", 400},
      {"Content-Length: -0\r\n", 400},
      {"Content-Length: 0x5\r\n", 400},
      {"Content-Length: 5 5\r\n", 400},
      {"Content-Length: 5,5\r\n", 400},
      {"Content-Length: 5, 6\r\n", 400},
      {"Content-Length: 5;\r\n", 400},
      {"Content-Length: 5.0\r\n", 400},
      {"Content-Length: 1e1\r\n", 400},
      {"Content-Length: five\r\n", 400},
      {"Content-Length: \"5\"\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
      {"Content-Length: 5\r\ncontent-length: 0\r\n", 400},
      {"Content-Length: 0\r\nContent-Length: 5\r\n", 400},
      {"Content-Length : 5\r\n", 400},
      {"Content-Length\t: 5\r\n", 400},
      {"Content-Length: 5\x0b\r\n", 400},
      {"Transfer-Encoding: chunked\r\n", 0},
      {"transfer-encoding:chunked\r\n", 0},
      {"Transfer-Encoding: CHUNKED\r\n", 0},
      {"Transfer-Encoding: \tchunked \r\n", 0},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Content-Length: 5\r\nTransfer-Encoding: identity\r\n", 501},
      {"Transfer-Encoding: identity\r\n", 501},
      {"Transfer-Encoding: gzip\r\n", 501},
      {"Transfer-Encoding: deflate\r\n", 501},
      {"Transfer-Encoding: xchunked\r\n", 501},
      {"Transfer-Encoding: chunkedx\r\n", 501},
      {"Transfer-Encoding: cow\r\n", 501},
      {"Transfer-Encoding: chunked, chunked\r\n", 400},
      {"Transfer-Encoding: chunked,identity\r\n", 400},
      {"Transfer-Encoding: identity, chunked\r\n", 400},
      {"Transfer-Encoding: gzip, chunked\r\n", 400},
      {"Transfer-Encoding: chunked, gzip\r\n", 400},
      {"Transfer-Encoding: ,chunked\r\n", 400},
      {"Transfer-Encoding: chunked,\r\n", 400},
      {"Transfer-Encoding: chunked;q=1\r\n", 400},
      {"Transfer-Encoding: \"chunked\"\r\n", 400},
      {"Transfer-Encoding: 'chunked'\r\n", 501},
      {"Transfer-Encoding: chun\tked\r\n", 400},
      {"Transfer-Encoding: chun ked\r\n", 400},
      {"Transfer-Encoding: chunked \x0b\r\n", 400},
      {"Transfer-Encoding: \xe2\x80\x8b"
       "chunked\r\n",
       400},
      {"Transfer-Encoding: \r\n", 400},
      {"Transfer-Encoding:\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
      {"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", 501},
      {"Transfer-Encoding: chunked\r\ntransfer-encoding:\r\n", 400},
      {"Transfer-Encoding : chunked\r\n", 400},
      {" Transfer-Encoding: chunked\r\n", 400},
      {"X: y\r\n Transfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding:\r\n chunked\r\n", 400},
      {"Transfer_Encoding: chunked\r\n", 0 /* another name: no framing */},
  };
  for (const auto& [lines, status] : fields) cases.push_back({"framing " + lines, with_fields(lines), status});
  cases.push_back({"chunked in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400});
  cases.push_back({"identity in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 400});
  cases.push_back({"no host in 1.0", "GET / HTTP/1.0\r\n\r\n", 0});
  cases.push_back({"two hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400});
}

inline void add_fields(std::vector<GuardCase>& cases) {
  const std::pair<std::string, int> fields[] = {
      {"X: y\r\n", 0},
      {"X:\r\n", 0},
      {"X: \r\n", 0},
      {"X: a\tb\r\n", 0},
      {"X: \xc3\xa4\xff\r\n", 0},
      {"!#$%&'*+-.^_`|~09azAZ: y\r\n", 0},
      {"X: a:b:c\r\n", 0},
      {"Expect: 100-continue\r\n", 0},
      {"Expect: something\r\n", 0},
      {"Connection: close, keep-alive\r\n", 0},
      {"X\r\n", 400},
      {": y\r\n", 400},
      {" : y\r\n", 400},
      {"X : y\r\n", 400},
      {"X\t: y\r\n", 400},
      {" X: y\r\n", 400},
      {"\tX: y\r\n", 400},
      {"X: a\r\n b\r\n", 400},
      {"X: a\r\n\tb\r\n", 400},
      {"X: a\r\n  \r\n", 400},
      {"X(: y\r\n", 400},
      {"X y: z\r\n", 400},
      {"X\"y\": z\r\n", 400},
      {"X/y: z\r\n", 400},
      {"X@: z\r\n", 400},
      {"[X]: z\r\n", 400},
      {"{X}: z\r\n", 400},
      {"X,y: z\r\n", 400},
      {"X;y: z\r\n", 400},
      {"X=y: z\r\n", 400},
      {"X\\y: z\r\n", 400},
      {"\xc3\xa4: z\r\n", 400},
      {"X\x01: z\r\n", 400},
      {"X\x7f: z\r\n", 400},
      {std::string{"X\0: z\r\n", 7}, 400},
      {std::string{"X: a\0b\r\n", 8}, 400},
      {"X: a\rb\r\n", 400},
      {"X: a\r\r\n", 400},
      {"X: \x01\r\n", 400},
      {"X: \x08\r\n", 400},
      {"X: \x0b\r\n", 400},
      {"X: \x0c\r\n", 400},
      {"X: \x1b\r\n", 400},
      {"X: \x1f\r\n", 400},
      {"X: \x7f\r\n", 400},
      {"\r\nX: y\r\n", 400},
      {"X: " + std::string(15000, 'y') + "\r\n", 0},
      {"X: " + std::string(16400, 'y') + "\r\n", 431},
  };
  for (const auto& [lines, status] : fields)
    cases.push_back({"field " + lines.substr(0, 60), with_fields(lines), status});
  std::string many;
  for (int i = 0; i < 99; ++i) many += "X: y\r\n";
  cases.push_back({"100 headers", with_fields(many), 0});
  cases.push_back({"101 headers", with_fields(many + "X: y\r\n"), 431});
  for (int i = 0; i < 10'000; ++i) many += "X: y\r\n";
  cases.push_back({"10,000 headers", with_fields(many), 431});
}

inline std::vector<GuardCase> guard_cases() {
  std::vector<GuardCase> cases;
  add_request_lines(cases);
  add_hosts(cases);
  add_framing(cases);
  add_fields(cases);
  return cases;
}

}  // namespace danwa::adapters::http
