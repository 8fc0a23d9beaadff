#include "infra/log/json_logger.hpp"

#include <pthread.h>
#include <signal.h>
#include <spdlog/async.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "adapters/protocol/json/json_writer.hpp"
#include "domain/core/result.hpp"
#include "domain/core/text.hpp"
#include "domain/core/time.hpp"
#include "infra/log/steady_output.hpp"

// The log must never block a request, even if its reader has stopped. A caller formats its line and puts it into
// spdlog's bounded queue, and one thread takes lines out and writes them. When nobody reads the log, that thread waits,
// the queue fills, and every further line pushes the oldest one out. Lost lines are counted. The next line that can be
// written is preceded by one with the number of missing lines. A line is valid JSON for any bytes: in a text that is
// not UTF-8, every non-ASCII byte becomes `?`.
//
// At the end the thread has one second for the lines that wait. After it every write fails at once, so the thread ends.

namespace danwa::log {
namespace {

using adapters::LogField;
using adapters::LogLevel;

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "";
}

/// Appends a valid JSON string for any bytes. If they are not well-formed UTF-8, all non-ASCII bytes become `?`.
void append_safe_string(std::string& out, std::string_view text) {
  if (domain::count_code_points(text)) return adapters::append_json_string(out, text);
  std::string ascii;
  for (const char c : text) ascii += static_cast<unsigned char>(c) < 0x80 ? c : '?';
  adapters::append_json_string(out, ascii);
}

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  char digits[32];
  const int size = std::snprintf(digits, sizeof digits, "%.6g", value);
  return std::string(digits, static_cast<std::size_t>(size));
}

void append_value(std::string& out, const adapters::LogValue& value) {
  std::visit(domain::Overloaded{
                 [&](const std::string& text) { append_safe_string(out, text); },
                 [&](std::int64_t integer) { out += std::to_string(integer); },
                 [&](double real) { out += number(real); },
                 [&](bool truth) { out += truth ? "true" : "false"; },
             },
             value);
}

}  // namespace

std::string format_json_line(LogLevel level, std::string_view event, std::string_view node,
                             const std::vector<LogField>& fields, std::string_view timestamp) {
  std::string line = R"({"ts":")";
  line.append(timestamp).append(R"(","level":")").append(name_of(level)).append(R"(","event":)");
  append_safe_string(line, event);
  if (!node.empty()) {
    line += R"(,"node":)";
    append_safe_string(line, node);
  }
  for (const auto& field : fields) {
    line += ',';
    append_safe_string(line, field.name);
    line += ':';
    append_value(line, field.value);
  }
  line += '}';
  return line;
}

std::string format_text_line(LogLevel level, std::string_view event, const std::vector<LogField>& fields,
                             std::string_view timestamp) {
  std::string line{timestamp.substr(11, 12)};
  line.append(" ").append(name_of(level));
  line.append(6 - name_of(level).size(), ' ').append(event);
  for (const auto& field : fields) {
    line.append(" ").append(field.name).append("=");
    append_value(line, field.value);
  }
  return line;
}

namespace {

constexpr std::size_t kQueue = 8'192;         // lines
constexpr std::chrono::seconds kPatience{1};  // for the waiting lines at the end

std::string timestamp_now() {
  return domain::to_rfc3339(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

/// With SIGPIPE blocked, a pipe without a reader makes write(2) fail and does not end the process.
void ignore_broken_pipes() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

/// Runs on: spdlog's thread, except `end_by` and `dropped`.
class JsonLogger::Output final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  Output(const JsonLogger& logger, int descriptor) : logger_{logger}, output_{descriptor} {}

  /// Must be called before the first line. `pool` owns the thread that this runs on.
  void set_pool(spdlog::details::thread_pool& pool) { pool_ = &pool; }
  void end_by(std::chrono::steady_clock::time_point time) { output_.end_by(time); }
  std::uint64_t dropped() const { return pool_->overrun_counter() + failed_; }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (!report() || !output_.write_line({message.payload.data(), message.payload.size()})) ++failed_;
  }
  void flush_() override {}

  /// Writes the number of lines that are missing at this place. False if that cannot be written either.
  bool report() {
    const auto all = dropped();
    if (all == reported_) return true;
    const auto missing = static_cast<std::int64_t>(all - reported_);
    if (!output_.write_line(logger_.format(adapters::LogLevel::warn, "log.dropped", {{"lines", missing}})))
      return false;
    reported_ = all;
    return true;
  }

  const JsonLogger& logger_;
  SteadyOutput output_;
  spdlog::details::thread_pool* pool_ = nullptr;
  std::uint64_t reported_ = 0;
  std::atomic<std::uint64_t> failed_{0};
};

class JsonLogger::Queue {
 public:
  Queue(const JsonLogger& logger, int descriptor)
      : output_{std::make_shared<Output>(logger, descriptor)},
        pool_{std::make_shared<spdlog::details::thread_pool>(kQueue, 1, ignore_broken_pipes)},
        logger_{std::make_shared<spdlog::async_logger>("danwa", output_, pool_,
                                                       spdlog::async_overflow_policy::overrun_oldest)} {
    output_->set_pool(*pool_);
    logger_->set_level(spdlog::level::trace);
  }
  ~Queue() { output_->end_by(std::chrono::steady_clock::now() + kPatience); }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  void put(const std::string& line) { logger_->log(spdlog::level::info, spdlog::string_view_t{line}); }
  std::uint64_t dropped() const { return output_->dropped(); }

 private:
  std::shared_ptr<Output> output_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;  // its destructor joins the thread
  std::shared_ptr<spdlog::async_logger> logger_;
};

JsonLogger::JsonLogger(Options options)
    : node_{std::move(options.node)},
      level_{options.level},
      text_{options.format == LogFormat::text ||
            (options.format == LogFormat::automatic && ::isatty(options.descriptor) == 1)},
      queue_{std::make_unique<Queue>(*this, options.descriptor)} {}

JsonLogger::~JsonLogger() = default;

void JsonLogger::log(adapters::LogLevel level, std::string_view event, std::vector<adapters::LogField> fields) {
  if (level >= level_.load(std::memory_order_relaxed)) queue_->put(format(level, event, fields));
}

std::uint64_t JsonLogger::dropped() const { return queue_->dropped(); }

std::string JsonLogger::format(adapters::LogLevel level, std::string_view event,
                               const std::vector<adapters::LogField>& fields) const {
  return text_ ? format_text_line(level, event, fields, timestamp_now())
               : format_json_line(level, event, node_, fields, timestamp_now());
}

}  // namespace danwa::log
