// A GraphQL text from bytes to answer: whatever it is, it is refused with a code and a place inside the text, or
// validated, executed and projected, and none of it reads where it should not, throws or takes long.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "adapters/graphql/resolvers.hpp"
#include "adapters/protocol/graphql/execution.hpp"
#include "adapters/protocol/graphql/parser.hpp"
#include "adapters/protocol/graphql/subscription.hpp"
#include "adapters/protocol/graphql/validation.hpp"
#include "support/run_async.hpp"

namespace {

namespace graphql = danwa::adapters::graphql;
using Json = nlohmann::json;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Words of which whole queries come about more often than of bytes.
constexpr auto kWords = std::to_array<const char*>({"{",
                                                    "}",
                                                    "(",
                                                    ")",
                                                    "[",
                                                    "]",
                                                    ":",
                                                    "$",
                                                    "!",
                                                    "=",
                                                    "@",
                                                    "...",
                                                    "on",
                                                    "fragment",
                                                    "query",
                                                    "mutation",
                                                    "subscription",
                                                    "F",
                                                    "G",
                                                    "a",
                                                    "b",
                                                    "true",
                                                    "null",
                                                    "1",
                                                    "\"x\"",
                                                    "\"\"\"x\"\"\"",
                                                    "-1.5e3",
                                                    "@skip(if:",
                                                    "@include(if:",
                                                    "comments",
                                                    "conversationKey:",
                                                    "limit:",
                                                    "after:",
                                                    "{comments{id seq content}}",
                                                    "me",
                                                    "{userId stores}",
                                                    "sendComment",
                                                    "content:",
                                                    "onConversationUpdated",
                                                    "onNotificationReceived",
                                                    "userName:",
                                                    "{type seq cursor users}",
                                                    "__typename",
                                                    "__schema",
                                                    "{types{name}}",
                                                    "__type(name:",
                                                    "fields{type{",
                                                    "ofType{",
                                                    "String",
                                                    "Int",
                                                    "Seq",
                                                    "Boolean!",
                                                    "Query",
                                                    "Mutation",
                                                    "Subscription",
                                                    "Comment",
                                                    "__Type",
                                                    "...F",
                                                    "...G",
                                                    "fragment F on ",
                                                    "fragment G on ",
                                                    "$a",
                                                    "($a:Boolean!=true)",
                                                    "#\n"});

std::string words_of(const std::uint8_t* data, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += std::string{kWords[data[i] % kWords.size()]} + ' ';
  return text;
}

void check(const graphql::GraphqlErrors& errors, const std::string& text) {
  require(!errors.empty() && errors.size() <= 100);
  for (const auto& error : errors) {
    require(!error.message.empty() && error.code.starts_with("graphql-"));
    for (const auto& at : error.locations) require(at.line >= 1 && at.line + at.column <= text.size() + 2);
  }
}

const Json& value() {
  static const Json json =
      Json::parse(R"({"userId": "u", "stores": ["s"], "id": "1", "content": "c", "seq": 7, "headSeq": -1,
      "comments": [{"id": 5, "content": "c", "seq": 1}, null, {"id": true}], "type": "t", "cursor": "e:1", "users": "no list"})");
  return json;
}

const graphql::Resolvers& resolvers() {
  static const auto table = [] {
    graphql::Resolvers out;
    for (const auto* name : {"Query.me", "Query.comments", "Mutation.sendComment", "Query.conversation"}) {
      out[name] = [](const Json& arguments,
                     const graphql::Context&) -> danwa::usecase::Async<danwa::domain::Result<Json>> {
        require(arguments.is_object());
        co_return value();
      };
    }
    return out;
  }();
  return table;
}

void run(const std::shared_ptr<const graphql::Document>& document, const graphql::Operation& operation) {
  const auto& schema = graphql::danwa_schema();
  const auto variables = graphql::coerce_variables(schema, *document, operation, Json{{"a", true}, {"b", "x"}});
  if (!variables) return check(variables.error(), document->source);
  const graphql::Prepared prepared{schema, document, operation, *variables};
  if (prepared.type() == graphql::OperationType::subscription) {
    const auto subscription = graphql::prepare_subscription(prepared);
    if (!subscription) return check(subscription.error(), document->source);
    require(!subscription->fingerprint.empty());
    const auto answer = graphql::project(*subscription, value());
    require(answer.contains("data") && !answer.dump().empty());
    return;
  }
  static const graphql::Context context{{*danwa::domain::CompanyId::parse("demo"),
                                         *danwa::domain::UserId::parse("ann"),
                                         {},
                                         std::nullopt,
                                         std::nullopt,
                                         false}};
  const auto answer = danwa::usecase::run(graphql::execute(prepared, resolvers(), context));
  require(answer.contains("data") || answer.contains("errors"));
  require(answer.dump().size() < 16 * graphql::ExecutionLimits{}.max_answer_bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool as_words = data[0] % 2 == 1;
  const std::string text =
      as_words ? words_of(data + 1, size - 1) : std::string{reinterpret_cast<const char*>(data) + 1, size - 1};
  auto parsed = graphql::parse(text);
  if (!parsed) {
    check(parsed.error(), text);
    return 0;
  }
  const auto document = std::make_shared<const graphql::Document>(std::move(*parsed));
  require(document->operations.size() + document->fragments.size() > 0);
  if (const auto errors = graphql::validate(graphql::danwa_schema(), *document); !errors.empty()) {
    check(errors, text);
    return 0;
  }
  for (const auto& operation : document->operations) run(document, operation);
  return 0;
}
