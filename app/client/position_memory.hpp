#pragma once

#include <string>

#include "domain/channel/position.hpp"

namespace danwa::app::client {

/// The highest `Danwa-Position` that any answer told, kept in a file from one command to the next: reads that carry
/// it show no less than was seen before, whichever node they ask. Not thread safe; of two commands at once the one
/// that ends last wins.
///
///     PositionMemory memory{access.position_file};
///     if (const auto& seen = memory.latest()) request.headers.emplace_back("Danwa-Position", seen->to_string());
///     memory.saw(reply.header("danwa-position"));
class PositionMemory {
 public:
  /// `file` may be empty (nothing is kept) or absent (nothing was seen). Throws std::runtime_error, with one line, when
  /// it holds something else.
  explicit PositionMemory(std::string file);

  const std::optional<domain::Position>& latest() const { return seen_.latest(); }

  /// Keeps `position`, the text of an answer's header, if it is higher; an empty one is none. Throws
  /// std::runtime_error when the file cannot be written.
  void saw(const std::string& position);

 private:
  void keep() const;

  std::string file_;
  domain::SeenPosition seen_;
};

}  // namespace danwa::app::client
