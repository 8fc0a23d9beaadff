#include <gtest/gtest.h>

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/request_reader.hpp"
#include "adapters/protocol/http/fields.hpp"
#include "adapters/protocol/http/guard_cases.hpp"

// Every head of the guard's battery, read by Beast as well: both understand alike all that the guard lets pass, so a
// proxy built on either sees one and the same request. The rest shows why no request reaches Beast unguarded.

namespace danwa::beast {
namespace {

namespace http = adapters::http;
namespace beast_http = boost::beast::http;
using Fields = std::vector<std::pair<std::string, std::string>>;

struct BeastHead : beast_http::request_parser<beast_http::string_body> {
  explicit BeastHead(const std::string& head) {
    header_limit(32 * 1024);
    body_limit(std::numeric_limits<std::uint64_t>::max());  // boost::none is below every length in Beast 1.74
    put(boost::asio::buffer(head), error);
  }
  bool passes() const { return is_header_done(); }
  Fields fields() const {
    Fields all;
    for (const auto& field : get()) all.emplace_back(http::to_lower(field.name_string()), field.value());
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return all;
  }
  boost::system::error_code error;
};

TEST(HttpDifferential, BeastReadsWhatTheGuardLetsPassAlike) {
  for (const auto& [name, head, status] : http::guard_cases()) {
    if (status != 0) continue;
    const auto guarded = http::guard_head(head, http::ReadLimits{});
    ASSERT_TRUE(guarded) << name;
    const BeastHead theirs{head};
    ASSERT_TRUE(theirs.passes()) << name << ": " << theirs.error.message();
    EXPECT_EQ(theirs.get().method_string(), guarded->line.method) << name;
    EXPECT_EQ(theirs.get().target(), guarded->line.target) << name;
    EXPECT_EQ(theirs.get().version(), guarded->line.http_1_0 ? 10U : 11U) << name;
    EXPECT_EQ(theirs.chunked(), guarded->framing.chunked) << name;
    constexpr std::uint64_t kNone = 1'000'000'007;
    EXPECT_EQ(theirs.content_length().value_or(kNone), guarded->framing.content_length.value_or(kNone)) << name;
    if (guarded->line.target.front() != '/') continue;  // an absolute target may stand for the Host
    auto ours = http::parse_head(*guarded).request.headers;
    std::stable_sort(ours.begin(), ours.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    EXPECT_EQ(theirs.fields(), ours) << name;
  }
}

TEST(HttpDifferential, BeastAloneWouldLetPassWhatOthersReadOtherwise) {
  const auto cases = http::guard_cases();
  const auto let_pass = std::count_if(cases.begin(), cases.end(), [](const http::GuardCase& one) {
    return one.status != 0 && BeastHead{one.head}.passes();
  });
  EXPECT_GT(let_pass, 80) << "a version of Beast that refuses more may need less of a guard";
}

TEST(HttpDifferential, BeastRefusesConnectionListsThatWeIgnore) {
  for (const auto* value : {"keep-alive; timeout=5", "\"x\"", "a b, upgrade", "@"}) {
    const auto head = http::with_fields("Connection: " + std::string{value} + "\r\n");
    EXPECT_TRUE(http::guard_head(head, http::ReadLimits{})) << value;
    EXPECT_EQ(BeastHead{head}.error, beast_http::error::bad_value) << value;
  }
}

}  // namespace
}  // namespace danwa::beast
