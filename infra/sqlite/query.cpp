#include "infra/sqlite/query.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace danwa::infra {

Query& Query::bind(std::int64_t value) {
  statement_.bind(++bound_, value);
  return *this;
}

Query& Query::bind(const std::string& text) {
  statement_.bindNoCopy(++bound_, text);
  return *this;
}

Query& Query::bind(const std::optional<std::string>& text) { return text ? bind(*text) : bind_null(); }

Query& Query::bind(const std::string* text) { return text != nullptr ? bind(*text) : bind_null(); }

Query& Query::bind(const domain::Uuid& id) {
  statement_.bindNoCopy(++bound_, id.bytes().data(), static_cast<int>(id.bytes().size()));
  return *this;
}

Query& Query::bind_null() {
  statement_.bind(++bound_);
  return *this;
}

bool Query::step() {
  const int code = statement_.tryExecuteStep();
  if (code != SQLITE_ROW && code != SQLITE_DONE) throw SQLite::Exception{connection_.handle(), code};
  return code == SQLITE_ROW;
}

void Query::run() {
  while (step()) {
  }
}

std::int64_t Query::integer(int column) const { return statement_.getColumn(column).getInt64(); }

std::string Query::text(int column) const { return statement_.getColumn(column).getString(); }

std::string_view Query::view(int column) const {
  const auto value = statement_.getColumn(column);
  const char* text = value.getText();
  return {text, static_cast<std::size_t>(value.getBytes())};
}

std::optional<std::string> Query::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

domain::Uuid Query::uuid(int column) const {
  const auto value = statement_.getColumn(column);
  domain::Uuid::Bytes bytes{};
  if (value.getBytes() != static_cast<int>(bytes.size())) {
    throw SQLite::Exception{"an id in the database is not 16 bytes", SQLITE_CORRUPT};
  }
  const auto* stored = static_cast<const std::uint8_t*>(value.getBlob());
  std::copy_n(stored, bytes.size(), bytes.begin());
  return domain::Uuid{bytes};
}

domain::Timestamp Query::time(int column) const {
  return domain::Timestamp{std::chrono::milliseconds{integer(column)}};
}

}  // namespace danwa::infra
