#include "app/danwa/requests.hpp"

#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "infra/log/steady_output.hpp"

// The shared parts of the tool's commands. `ask` tries the nodes in order, so one dead node does not stop a command.
// Every text of a server passes `for_terminal`, because a comment could otherwise send control sequences to the
// terminal. PositionMemory keeps the highest position in a file, so that a later command never shows an older state, on
// whatever node it lands. The file is replaced as a whole, since two commands may run at once.

namespace danwa::tool {

using nlohmann::json;

void complain(const std::string& what) { log::say_on_stderr("danwa: " + what); }

client::HttpReply ask(const Access& access, client::HttpRequest request) {
  request.token = access.token;
  PositionMemory memory{access.position_file};
  if (const auto& seen = memory.latest()) request.headers.emplace_back("Danwa-Position", seen->to_string());
  std::string why = "no node is named";
  for (const auto& node : access.nodes) {
    try {
      client::HttpClient client{client::Endpoint::parse(node)};
      auto reply = client.send(request);
      memory.saw(std::string{reply.header("danwa-position")});
      return reply;
    } catch (const client::NetworkError& error) {
      why = error.what();
      if (&node != &access.nodes.back()) complain(error.what());
    }
  }
  throw client::NetworkError{why};
}

int refused(int status, const std::string& body) {
  const auto problem = json::parse(body, nullptr, false);
  if (!problem.is_object()) {
    complain("refused with status " + std::to_string(status));
    return kRefused;
  }
  const std::string detail = problem.value("detail", problem.value("title", std::string{}));
  std::string text = "refused with status " + std::to_string(status) + ": " + for_terminal(detail);
  if (problem.contains("errors") && problem["errors"].is_array()) {
    for (const auto& error : problem["errors"]) {
      text += "\n  " + for_terminal(error.value("errorCode", std::string{})) + ": " +
              for_terminal(error.value("message", std::string{}));
    }
  }
  complain(text);
  return kRefused;
}

std::string for_terminal(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte >= 0x20 && byte != 0x7F && !c1) {
      out += text[i];
      continue;
    }
    out += byte == '\n' ? " / " : "\xEF\xBF\xBD";  // U+FFFD
    if (c1) ++i;
  }
  return out;
}

std::string to_line(const json& one) {
  const auto text = [](const json& object, const char* name) {
    return object.contains(name) && object[name].is_string() ? object[name].get<std::string>() : std::string{};
  };
  if (!one.contains("payload")) {
    return for_terminal(text(one, "createdAt") + "  #" + std::to_string(one.value("seq", 0)) + "  " +
                        text(one, "authorId") + ": " + text(one, "content"));
  }
  const auto& payload = one["payload"];
  const std::string type = text(one, "type");
  if (type == "watching") {
    return for_terminal("-- watching " + text(payload, "conversationKey") + " on " + text(payload, "node") + " from " +
                        text(payload, "cursor"));
  }
  if (!type.starts_with("comment-")) return for_terminal("-- " + type + ' ' + payload.dump());
  std::string line =
      text(payload, "occurredAt") + "  #" + std::to_string(payload.value("seq", 0)) + "  " + text(payload, "authorId");
  if (type == "comment-deleted") return for_terminal(line + " removed " + text(payload, "commentId"));
  line += type == "comment-updated" ? " (edited): " : ": ";
  return for_terminal(line + (payload.value("redacted", false) ? "(removed)" : text(payload, "commentContent")));
}

PositionMemory::PositionMemory(std::string file) : file_{std::move(file)} {
  std::ifstream in{file_};
  std::string text;
  if (file_.empty() || !std::getline(in, text)) return;
  auto position = domain::Position::parse(text);
  if (!position) throw std::runtime_error{"the file " + file_ + " holds no position: delete it to start afresh"};
  seen_.saw(*position);
}

void PositionMemory::saw(const std::string& position) {
  const auto told = domain::Position::parse(position);
  if (!told) return;
  const auto before = seen_.latest();
  seen_.saw(*told);
  if (!file_.empty() && seen_.latest() != before) keep();
}

/// Replaces the file as a whole, so that another command never reads half of it.
void PositionMemory::keep() const {
  const std::string fresh = file_ + ".new";
  std::ofstream out{fresh, std::ios::trunc};
  out << seen_.latest()->to_string() << '\n';
  out.close();
  if (!out || std::rename(fresh.c_str(), file_.c_str()) != 0) {
    throw std::runtime_error{"cannot write the position into " + file_};
  }
}

}  // namespace danwa::tool
