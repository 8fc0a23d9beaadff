#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "app/client/bench/update_scan.hpp"

namespace danwa::app::bench {

/// Writes the history of a run, one JSON object a line, in the format of tests/checker/README.md. Does nothing without
/// a file name. The constructor throws std::runtime_error if the file cannot be written.
class HistoryWriter {
 public:
  explicit HistoryWriter(const std::string& file);
  ~HistoryWriter();
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  struct Post {
    std::string_view node, conversation, key, id;
    std::uint64_t hash = 0;
    std::int64_t start_us = 0;
    std::int64_t end_us = 0;
    int status = 0;  ///< 0: no answer
    std::uint64_t seq = 0;
  };
  void post(const Post& post);
  void watch(std::size_t watcher, std::string_view node, std::string_view conversation, std::uint64_t after,
             std::int64_t at_us);
  void deliver(std::size_t watcher, std::string_view node, std::string_view conversation, const ScannedFrame& update,
               std::int64_t at_us);
  void log(std::string_view node, std::string_view conversation, const ScannedFrame& update, std::int64_t asked_us);

  bool on() const { return file_ != nullptr; }

 private:
  void update(const ScannedFrame& update);

  std::FILE* file_ = nullptr;
};

}  // namespace danwa::app::bench
