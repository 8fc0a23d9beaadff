#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/core/time.hpp"
#include "domain/core/uuid.hpp"
#include "infra/sqlite/connection.hpp"

namespace danwa::infra {

/// One use of a prepared statement: bind the values in order, then read the rows. The destructor resets the statement,
/// so that no transaction stays open. Bound texts and ids must outlive the query. At most one query per statement at a
/// time. Throws SQLite::Exception.
///
///     Query query{connection, "SELECT head FROM channels WHERE id = ?"};
///     query.bind(id);
///     if (query.step()) head = query.integer(0);
class Query {
 public:
  Query(Connection& connection, const char* sql) : connection_{connection}, statement_{connection.prepared(sql)} {}
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& bind(std::int64_t value);
  Query& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(const std::string& text);
  Query& bind(const std::optional<std::string>& text);
  Query& bind(const std::string* text);  ///< null pointer: NULL
  Query& bind(const domain::Uuid& id);
  Query& bind(domain::Timestamp time) { return bind(static_cast<std::int64_t>(time.time_since_epoch().count())); }
  Query& bind_null();

  bool step();  ///< to the next row; false: there is none
  void run();   ///< for statements without rows

  bool is_null(int column) const { return statement_.isColumnNull(column); }
  std::int64_t integer(int column) const;
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  bool truth(int column) const { return integer(column) != 0; }
  std::string text(int column) const;
  std::string_view view(int column) const;  ///< valid until the next step; NULL: empty
  std::optional<std::string> optional_text(int column) const;
  domain::Uuid uuid(int column) const;
  domain::Timestamp time(int column) const;

 private:
  Connection& connection_;
  SQLite::Statement& statement_;
  int bound_ = 0;
};

}  // namespace danwa::infra
