#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/core/time.hpp"
#include "domain/core/uuid.hpp"

namespace danwa::infra::pg {

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

  /// The only row of an answer that cannot be empty. Throws std::runtime_error if it is.
  Row first() const;

  ExecStatusType status() const { return PQresultStatus(result_.get()); }
  bool good() const { return status() == PGRES_TUPLES_OK || status() == PGRES_COMMAND_OK; }
  bool is_nothing() const { return result_ == nullptr; }
  std::string field(int code) const;  ///< of an error, such as PG_DIAG_SQLSTATE

  /// Hands the result over to the caller.
  PGresult* release() { return result_.release(); }

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

}  // namespace danwa::infra::pg
