#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/core/result.hpp"

namespace danwa::adapters {

enum class JsonKind { null, boolean, number, string, array, object };

/// One member of a request's top-level object. Its value was checked down to the innermost one.
struct JsonMember {
  std::string name;
  JsonKind kind;
  std::string_view source;  ///< the value byte for byte, a part of the body, which must outlive the member
  std::string text;         ///< of a string, decoded; else empty
};

/// A request's body, read. It refers to the text it was read from.
class JsonObject {
 public:
  explicit JsonObject(std::vector<JsonMember> members) : members_{std::move(members)} {}

  const JsonMember* find(std::string_view name) const {
    for (const auto& member : members_) {
      if (member.name == name) return &member;
    }
    return nullptr;
  }
  const std::vector<JsonMember>& members() const { return members_; }

 private:
  std::vector<JsonMember> members_;
};

struct JsonLimits {
  std::size_t max_bytes = 64 * 1024;
  int max_depth = 32;  ///< of objects and arrays inside each other, the outermost included
};

/// Reads a JSON object strictly (RFC 8259 and RFC 7493): UTF-8 without byte order mark, nothing after the
/// object, no name twice in any object (however it is escaped), no lone surrogate. Builds no tree and
/// converts no number, so neither depth nor digits can hurt. Errors: `invalid_json` (malformed) with the
/// byte offset in its message.
domain::Result<JsonObject> read_json_object(std::string_view body, const JsonLimits& limits = {});

/// Reads a JSON object as strictly, into a tree. Errors: the same, and a number that no double can hold.
domain::Result<nlohmann::json> read_json_tree(std::string_view text, const JsonLimits& limits = {});

/// Reads typed fields of an object and gathers their faults (kind validation): `<field>-missing`, `<field>-wrong-type`.
class JsonFields {
 public:
  explicit JsonFields(const JsonObject& object) : object_{object} {}

  std::optional<std::string> required_text(std::string_view name);
  std::optional<std::string> optional_text(std::string_view name);  ///< null counts as absent

  bool optional_flag(std::string_view name);  ///< a boolean; absent and null count as false

  /// A field that may be absent or null, if the two mean different things.
  std::optional<std::optional<std::string>> nullable_text(std::string_view name);

  std::optional<JsonObject> required_object(std::string_view name);

  /// Adds the faults that were found inside one of the fields.
  void add_all(const std::optional<domain::Errors>& errors) {
    if (errors) add(*errors);
  }

  const std::optional<domain::Errors>& errors() const { return errors_; }

 private:
  const JsonMember* required(std::string_view name);
  void add(domain::Errors error);

  const JsonObject& object_;
  std::optional<domain::Errors> errors_;
};

}  // namespace danwa::adapters
