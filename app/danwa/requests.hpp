#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/danwa/commands.hpp"
#include "domain/channel/cursor.hpp"
#include "infra/client/node_client.hpp"

namespace danwa::tool {

/// Writes `danwa: what` to standard error. Gives up after a second if nothing reads it.
void complain(const std::string& what);

/// Sends the request to the nodes in order until one answers. The answer is at least as new as the position in
/// `access.position_file`. Throws NetworkError if no node answers.
client::HttpReply ask(const Access& access, client::HttpRequest request);

/// Writes a problem answer to standard error, one line for each failure. Returns kRefused.
int refused(int status, const std::string& body);

/// One line for people: time, author, text.
std::string to_line(const nlohmann::json& comment_or_frame);

/// `text` with control characters made visible, so that no comment can steer a terminal.
std::string for_terminal(const std::string& text);

/// The highest `Danwa-Position` of all answers, kept in a file from one command to the next. Reads that carry it show
/// nothing older, on any node. Not thread safe. If two commands run at once, the one that ends last wins.
///
///     PositionMemory memory{access.position_file};
///     if (const auto& seen = memory.latest()) request.headers.emplace_back("Danwa-Position", seen->to_string());
///     memory.saw(reply.header("danwa-position"));
class PositionMemory {
 public:
  /// `file` may be empty (nothing is kept) or absent (nothing was seen). Throws std::runtime_error with one line if its
  /// content is not a position.
  explicit PositionMemory(std::string file);

  const std::optional<domain::Position>& latest() const { return seen_.latest(); }

  /// Keeps `position`, the text of an answer's header, if it is higher. An empty text is ignored. Throws
  /// std::runtime_error if the file cannot be written.
  void saw(const std::string& position);

 private:
  void keep() const;

  std::string file_;
  domain::SeenPosition seen_;
};

}  // namespace danwa::tool
