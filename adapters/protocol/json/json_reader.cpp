#include "adapters/protocol/json/json_reader.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/json.hpp>

#include "adapters/protocol/json/escapes.hpp"

// PEGTL's grammar of RFC 8259 reads the text. The actions below add what the grammar allows and RFC 7493 forbids (a
// name twice, a lone surrogate), bound the depth, and collect the members of the outermost object. The grammar is
// preferred to the SAX reader of nlohmann/json, which converts every number (and so refuses 1e999 where nobody asks for
// its value), reports no place of a value, skips a byte order mark and ends at a NUL.
namespace danwa::adapters {
namespace {

namespace pegtl = tao::pegtl;
namespace grammar = tao::pegtl::json;

using domain::DomainError;
using domain::ErrorKind;
using JsonInput = pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf_crlf, const char*>;

struct body_text : pegtl::must<pegtl::star<grammar::ws>, pegtl::at<pegtl::one<'{'>>, grammar::object,
                               pegtl::star<grammar::ws>, pegtl::eof> {};

struct JsonRefusal {
  const char* at;
  std::string reason;
};

struct JsonReading {
  const int max_depth;
  std::vector<JsonMember> members{};                        ///< of the outermost object
  std::vector<std::set<std::string, std::less<>>> names{};  ///< of each object that is open
  int depth = 0;
  std::string text{};  ///< the string that was read last, decoded
};

/// The reason to refuse a text if `Rule` does not match; null: another rule may match there.
template <class Rule>
inline constexpr const char* kExpected = nullptr;
template <>
inline constexpr const char* kExpected<pegtl::at<pegtl::one<'{'>>> = "a JSON object is expected";
template <>
inline constexpr const char* kExpected<grammar::end_object> = "a comma or } is expected";
template <>
inline constexpr const char* kExpected<grammar::end_array> = "a comma or ] is expected";
template <>
inline constexpr const char* kExpected<grammar::next_member> = "a name in quotes is expected";
template <>
inline constexpr const char* kExpected<grammar::name_separator> = "a colon is expected";
template <>
inline constexpr const char* kExpected<grammar::member_value> = "a value is expected";
template <>
inline constexpr const char* kExpected<grammar::next_array_element> = "a value is expected";
template <>
inline constexpr const char* kExpected<grammar::digits> = "a digit is expected";
template <>
inline constexpr const char* kExpected<grammar::xdigit> = "four hexadecimal digits are expected";
template <>
inline constexpr const char* kExpected<grammar::escaped> = "there is no such escape";
template <>
inline constexpr const char* kExpected<grammar::unescaped> = "a control character or invalid UTF-8 in a string";
template <>
inline constexpr const char* kExpected<pegtl::eof> = "nothing may follow the object";

template <class Rule>
struct JsonControl : pegtl::normal<Rule> {
  static void failure(const JsonInput& in, JsonReading&) noexcept(kExpected<Rule> == nullptr) {
    if constexpr (kExpected<Rule> != nullptr) {
      if (in.empty()) throw JsonRefusal{in.current(), "the text ends too early"};
      const bool behind_backslash = std::is_same_v<Rule, grammar::escaped>;
      throw JsonRefusal{in.current() - (behind_backslash ? 1 : 0), kExpected<Rule>};
    }
  }
  [[noreturn]] static void raise(const JsonInput& in, JsonReading&) {
    throw JsonRefusal{in.current(), "a JSON object is expected"};
  }
};

template <class Rule>
struct JsonAction : pegtl::nothing<Rule> {};

struct EnterNested {
  template <class Matched>
  static void apply(const Matched& in, JsonReading& reading) {
    if (++reading.depth > reading.max_depth) {
      const auto limit = std::to_string(reading.max_depth);
      throw JsonRefusal{in.begin(), "objects and arrays may lie at most " + limit + " deep"};
    }
    if (*in.begin() == '{') reading.names.emplace_back();
  }
};
template <>
struct JsonAction<grammar::begin_object> : EnterNested {};
template <>
struct JsonAction<grammar::begin_array> : EnterNested {};

template <>
struct JsonAction<grammar::end_object> {
  static void apply0(JsonReading& reading) {
    --reading.depth;
    reading.names.pop_back();
  }
};
template <>
struct JsonAction<grammar::end_array> {
  static void apply0(JsonReading& reading) { --reading.depth; }
};

struct DecodeText {
  template <class Matched>
  static void apply(const Matched& in, JsonReading& reading) {
    auto decoded = decode_escapes(in.string_view());
    if (!decoded) throw JsonRefusal{in.begin() + decoded.error(), "a lone surrogate is no character"};
    reading.text = std::move(*decoded);
  }
};
template <>
struct JsonAction<grammar::key_content> : DecodeText {};
template <>
struct JsonAction<grammar::string_content> : DecodeText {};

template <>
struct JsonAction<grammar::key> {
  template <class Matched>
  static void apply(const Matched& in, JsonReading& reading) {
    if (!reading.names.back().insert(reading.text).second) {
      throw JsonRefusal{in.begin(), "this name stands twice in one object"};
    }
    if (reading.depth == 1) reading.members.push_back({std::move(reading.text), JsonKind::null, {}, {}});
    reading.text.clear();
  }
};

JsonKind kind_of(char first) {
  switch (first) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      return JsonKind::number;
  }
}

template <>
struct JsonAction<grammar::value> {
  template <class Matched>
  static void apply(const Matched& in, JsonReading& reading) {
    if (reading.depth == 1) {
      auto& member = reading.members.back();
      member.kind = kind_of(*in.begin());
      member.source = in.string_view();
      if (member.kind == JsonKind::string) member.text = std::move(reading.text);
    }
    reading.text.clear();
  }
};

domain::Errors invalid_json(std::size_t offset, const std::string& reason) {
  return DomainError{ErrorKind::malformed, "invalid_json", "body",
                     "The body is not acceptable JSON at byte " + std::to_string(offset) + ": " + reason + "."};
}

domain::Errors field_error(std::string_view name, std::string_view code, std::string_view message) {
  const std::string field{name};
  return domain::validation_error(field + "-" + std::string{code}, field, field + " " + std::string{message});
}

}  // namespace

domain::Result<JsonObject> read_json_object(std::string_view body, const JsonLimits& limits) {
  if (body.size() > limits.max_bytes) {
    return domain::fail(invalid_json(limits.max_bytes, "it is longer than allowed"));
  }
  JsonReading reading{limits.max_depth};
  JsonInput in{body.data(), body.data() + body.size(), ""};
  try {
    pegtl::parse<body_text, JsonAction, JsonControl>(in, reading);
  } catch (const JsonRefusal& refusal) {
    return domain::fail(invalid_json(static_cast<std::size_t>(refusal.at - body.data()), refusal.reason));
  }
  return JsonObject{std::move(reading.members)};
}

domain::Result<nlohmann::json> read_json_tree(std::string_view text, const JsonLimits& limits) {
  if (auto checked = read_json_object(text, limits); !checked) return domain::fail(std::move(checked).error());
  auto tree = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!tree.is_discarded()) return tree;
  return domain::fail(DomainError{ErrorKind::malformed, "invalid_json", "", "A number is too large."});
}

const JsonMember* JsonFields::required(std::string_view name) {
  const JsonMember* member = object_.find(name);
  if (!member) add(field_error(name, "missing", "is missing."));
  return member;
}

std::optional<std::string> JsonFields::required_text(std::string_view name) {
  const JsonMember* member = required(name);
  if (!member) return std::nullopt;
  if (member->kind == JsonKind::string) return member->text;
  add(field_error(name, "wrong-type", "must be a string."));
  return std::nullopt;
}

std::optional<std::string> JsonFields::optional_text(std::string_view name) {
  const JsonMember* member = object_.find(name);
  if (!member || member->kind == JsonKind::null) return std::nullopt;
  return required_text(name);
}

bool JsonFields::optional_flag(std::string_view name) {
  const JsonMember* member = object_.find(name);
  if (!member || member->kind == JsonKind::null) return false;
  if (member->kind != JsonKind::boolean) add(field_error(name, "wrong-type", "must be true or false."));
  return member->source == "true";
}

std::optional<std::optional<std::string>> JsonFields::nullable_text(std::string_view name) {
  const JsonMember* member = object_.find(name);
  if (!member) return std::nullopt;
  if (member->kind == JsonKind::null) return std::optional<std::string>{};
  auto text = required_text(name);
  if (!text) return std::nullopt;
  return text;
}

std::optional<JsonObject> JsonFields::required_object(std::string_view name) {
  const JsonMember* member = required(name);
  if (!member) return std::nullopt;
  if (member->kind != JsonKind::object) {
    add(field_error(name, "wrong-type", "must be an object."));
    return std::nullopt;
  }
  auto read = read_json_object(member->source);
  if (read) return std::move(*read);
  add(std::move(read).error());
  return std::nullopt;
}

void JsonFields::add(domain::Errors error) {
  if (errors_) {
    errors_->add(std::move(error));
  } else {
    errors_ = std::move(error);
  }
}

}  // namespace danwa::adapters
