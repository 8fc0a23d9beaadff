#include "app/client/position_memory.hpp"

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace danwa::app::client {

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

/// Whole or not at all: the next command must not read half of it.
void PositionMemory::keep() const {
  const std::string fresh = file_ + ".new";
  std::ofstream out{fresh, std::ios::trunc};
  out << seen_.latest()->to_string() << '\n';
  out.close();
  if (!out || std::rename(fresh.c_str(), file_.c_str()) != 0) {
    throw std::runtime_error{"cannot write the position into " + file_};
  }
}

}  // namespace danwa::app::client
