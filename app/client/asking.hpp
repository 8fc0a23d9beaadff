#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/client/commands.hpp"
#include "infra/client/http_client.hpp"

namespace danwa::app::client {

/// Says `danwa: what` on standard error, and gives up after a second when nobody reads that.
void complain(const std::string& what);

/// Sends the request to the nodes in order until one answers; what was seen before, whichever node showed it, is
/// seen again. Throws NetworkError when none answers.
infra::HttpReply ask(const Access& access, infra::HttpRequest request);

/// Writes a problem answer to standard error, one line a failure; kRefused.
int refused(int status, const std::string& body);

/// One line for people: when, who, what.
std::string to_line(const nlohmann::json& comment_or_frame);

/// `text` with control characters made visible, so that no comment can steer a terminal.
std::string for_terminal(const std::string& text);

}  // namespace danwa::app::client
