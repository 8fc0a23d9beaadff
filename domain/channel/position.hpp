#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/channel/cursor.hpp"

namespace danwa::domain {

/// How far the database had come: what was written up to here is to be seen. Text form
/// `<epoch>.<decimal number>`, opaque to clients, who hand back what they were given. Numbers grow with the
/// commits of one epoch; those of different epochs say nothing about each other.
struct Position {
  Epoch epoch{};
  std::uint64_t number = 0;

  /// Errors: `position-invalid` (kind malformed, resource "Danwa-Position").
  static Result<Position> parse(std::string_view text);
  std::string to_string() const;

  /// Whether who has come here has also come to `other`.
  bool covers(const Position& other) const { return epoch == other.epoch && number >= other.number; }

  friend bool operator==(const Position&, const Position&) = default;
};

/// The highest position that somebody was told: what their next read must show.
class SeenPosition {
 public:
  SeenPosition() = default;
  explicit SeenPosition(std::optional<Position> latest) : latest_{std::move(latest)} {}

  /// One of another epoch counts in place of all before: the database was replaced.
  void saw(const Position& position) {
    if (!latest_ || !latest_->covers(position)) latest_ = position;
  }

  const std::optional<Position>& latest() const { return latest_; }

 private:
  std::optional<Position> latest_;
};

}  // namespace danwa::domain
