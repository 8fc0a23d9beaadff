#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/danwa/commands.hpp"
#include "domain/channel/cursor.hpp"
#include "infra/client/node_client.hpp"

namespace danwa::tool {

/// Says `danwa: what` on standard error, and gives up after a second when nobody reads that.
void complain(const std::string& what);

/// Sends the request to the nodes in order until one answers; what was seen before, whichever node showed it, is
/// seen again. Throws NetworkError when none answers.
client::HttpReply ask(const Access& access, client::HttpRequest request);

/// Writes a problem answer to standard error, one line a failure; kRefused.
int refused(int status, const std::string& body);

/// One line for people: when, who, what.
std::string to_line(const nlohmann::json& comment_or_frame);

/// `text` with control characters made visible, so that no comment can steer a terminal.
std::string for_terminal(const std::string& text);

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

}  // namespace danwa::tool
