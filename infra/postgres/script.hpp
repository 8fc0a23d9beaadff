#pragma once

#include <libpq-fe.h>
#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/core/time.hpp"
#include "domain/core/uuid.hpp"

namespace danwa::postgres {

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

/// Statements that are sent together and answered together, in one round trip. After a failure, the statements up to
/// the next sync are not executed.
class Script {
 public:
  struct Step {
    const char* sql;  ///< a constant; its address names the prepared statement; null: a sync
    Values values;
  };

  Script& add(const char* sql, Values values = {}) {
    steps_.push_back({sql, std::move(values)});
    return *this;
  }
  Script& sync() {
    steps_.push_back({nullptr, {}});
    return *this;
  }
  Script& append(const Script& more) {
    steps_.insert(steps_.end(), more.steps_.begin(), more.steps_.end());
    return *this;
  }

  const std::vector<Step>& steps() const { return steps_; }

 private:
  std::vector<Step> steps_;
};

/// One row of an answer, read by column. Throws std::runtime_error if a value does not have the requested type. Valid
/// as long as its Rows.
class Row {
 public:
  Row(const PGresult* result, int number) : result_{result}, number_{number} {}

  bool is_null(int column) const { return PQgetisnull(result_, number_, column) != 0; }
  std::int64_t integer(int column) const;
  std::uint64_t number(int column) const;
  bool truth(int column) const { return view(column) == "t"; }
  std::string_view view(int column) const;  ///< valid as long as the answer; NULL: empty
  std::string text(int column) const { return std::string{view(column)}; }
  std::optional<std::string> optional_text(int column) const;
  domain::Uuid uuid(int column) const;
  domain::Timestamp time(int column) const { return domain::Timestamp{std::chrono::milliseconds{integer(column)}}; }

 private:
  const PGresult* result_;
  int number_;
};

/// The answer to one statement.
class Rows {
 public:
  explicit Rows(PGresult* result) : result_{result} {}

  std::size_t size() const { return static_cast<std::size_t>(PQntuples(result_.get())); }
  bool empty() const { return size() == 0; }
  Row operator[](std::size_t n) const { return Row{result_.get(), static_cast<int>(n)}; }

  /// Calls `take` with one row after the other, until it returns false.
  template <class Take>
  void each(Take take) const {
    for (std::size_t n = 0; n < size() && take((*this)[n]); ++n) continue;
  }

  /// The only row of an answer that cannot be empty. Throws std::runtime_error if it is.
  Row first() const;

  ExecStatusType status() const { return PQresultStatus(result_.get()); }
  bool good() const { return status() == PGRES_TUPLES_OK || status() == PGRES_COMMAND_OK; }
  bool is_nothing() const { return result_ == nullptr; }
  std::string field(int code) const;  ///< of an error, such as PG_DIAG_SQLSTATE

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

}  // namespace danwa::postgres
