#include "checker/history.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace danwa::checker {
namespace {

using nlohmann::json;

const std::map<std::string, Op> kOps{{"post", Op::post},     {"watch", Op::watch}, {"deliver", Op::deliver},
                                     {"missed", Op::missed}, {"read", Op::read},   {"log", Op::log},
                                     {"take", Op::take}};
const std::map<std::string, Result> kResults{
    {"ok", Result::ok}, {"unknown", Result::unknown}, {"refused", Result::refused}};

void read_post(const json& line, Event& event) {
  event.result = kResults.at(line.at("result"));
  event.start = line.at("start");
  event.end = line.at("end");
  event.hash = line.at("hash");
  if (event.result != Result::ok) return;
  event.seq = line.at("seq");
  event.id = line.at("id");
}

void read_entry(const json& line, Event& event) {
  event.seq = line.at("seq");
  event.id = line.at("id");
  event.hash = line.value("hash", "");
  const std::string type = line.value("type", "comment-added");
  event.is_added = type == "comment-added";
  event.has_text = event.is_added || type == "comment-updated";
}

void read_take(const json& line, Event& event) {
  event.seq = line.at("seq");
  event.id = line.at("id");
  event.start = line.at("start");
  event.end = line.at("end");
}

Event to_event(const json& line) {
  Event event;
  event.op = kOps.at(line.at("op"));
  event.conversation = line.at("conversation");
  event.watcher = line.value("watcher", std::uint64_t{0});
  event.start = line.value("at", std::int64_t{0});
  switch (event.op) {
    case Op::post:
      read_post(line, event);
      break;
    case Op::deliver:
    case Op::log:
      read_entry(line, event);
      break;
    case Op::take:
      read_take(line, event);
      break;
    case Op::watch:
      event.seq = line.at("after");
      break;
    case Op::missed:
      event.seq = line.at("from");
      event.to = line.at("to");
      break;
    case Op::read:
      event.seq = line.at("head");
      event.start = line.at("start");
      event.end = line.at("end");
  }
  return event;
}

}  // namespace

void read_history(std::istream& in, std::vector<Event>& events) {
  std::size_t number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    if (text.empty()) continue;
    try {
      events.push_back(to_event(json::parse(text)));
    } catch (const std::exception& error) {
      throw std::runtime_error{"line " + std::to_string(number) + ": " + error.what()};
    }
  }
}

}  // namespace danwa::checker
