#pragma once

#include <array>
#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/core/time.hpp"
#include "domain/core/uuid.hpp"

namespace danwa::infra::pg {

inline std::int64_t to_milliseconds(domain::Timestamp time) {
  return static_cast<std::int64_t>(time.time_since_epoch().count());
}

/// A PostgreSQL array in text form, built value by value: one column of rows for `unnest`. It never holds NULL, whose
/// meaning in an array depends on a setting (`array_nulls`). In a column of optional texts, '' means absent, and a
/// present text begins with '='; `substr(nullif(column, ''), 2)` restores the text or NULL.
class Array {
 public:
  template <std::integral Integer>
  Array& add(Integer value) {
    return put(std::to_string(value));
  }
  Array& add(const std::string& text);
  Array& add(const std::string* text) { return add(text == nullptr ? std::string{} : '=' + *text); }
  Array& add(const std::optional<std::string>& text) { return add(text ? &*text : nullptr); }
  Array& add(const domain::Uuid& id) { return put(id.to_string()); }
  Array& add(domain::Timestamp time) { return add(to_milliseconds(time)); }

  bool empty() const { return text_.size() == 1; }
  std::string text() const { return text_ + '}'; }

 private:
  Array& put(const std::string& element);

  std::string text_{"{"};
};

/// The values of a statement's parameters `$1`, `$2` ..., in text form.
class Values {
 public:
  template <std::integral Integer>
  Values& add(Integer value) {
    return put(std::to_string(value));
  }
  Values& add(const std::string& text) { return put(text); }
  Values& add(const std::string* text) { return put(text == nullptr ? std::nullopt : std::optional{*text}); }
  Values& add(const domain::Uuid& id) { return put(id.to_string()); }
  Values& add(domain::Timestamp time) { return add(to_milliseconds(time)); }
  Values& add(const Array& array) { return put(array.text()); }

  int size() const { return static_cast<int>(texts_.size()); }

  /// In the form that libpq takes: one pointer each, null for NULL.
  std::vector<const char*> pointers() const;

 private:
  Values& put(std::optional<std::string> text) {
    texts_.push_back(std::move(text));
    return *this;
  }

  std::vector<std::optional<std::string>> texts_;
};

/// Rows for one statement, which takes an array per column.
template <std::size_t kColumns>
class Columns {
 public:
  template <class... Fields>
  void add(const Fields&... row) {
    static_assert(sizeof...(Fields) == kColumns);
    auto array = arrays_.begin();
    ((array++)->add(row), ...);
  }

  bool empty() const { return arrays_.front().empty(); }

  Values values() const {
    Values all;
    for (const auto& array : arrays_) all.add(array);
    return all;
  }

 private:
  std::array<Array, kColumns> arrays_;
};

}  // namespace danwa::infra::pg
