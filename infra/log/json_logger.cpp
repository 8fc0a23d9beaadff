#include "infra/log/json_logger.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <chrono>

#include "domain/core/time.hpp"

namespace danwa::infra {

/// Runs on: spdlog's one thread.
class JsonLogger::Sink {
 public:
  Sink()
      : pool_{std::make_shared<spdlog::details::thread_pool>(8192, 1)},
        logger_{std::make_shared<spdlog::async_logger>("danwa", std::make_shared<spdlog::sinks::stdout_sink_mt>(),
                                                       pool_, spdlog::async_overflow_policy::overrun_oldest)} {
    logger_->set_pattern("%v");
    logger_->set_level(spdlog::level::trace);
    logger_->flush_on(spdlog::level::trace);
  }

  void write(const std::string& line) { logger_->log(spdlog::level::info, spdlog::string_view_t{line}); }

 private:
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

JsonLogger::JsonLogger(Options options)
    : node_{std::move(options.node)},
      level_{options.level},
      text_{options.format == LogFormat::text ||
            (options.format == LogFormat::automatic && ::isatty(STDOUT_FILENO) == 1)},
      sink_{std::make_unique<Sink>()} {}

JsonLogger::~JsonLogger() = default;

void JsonLogger::log(adapters::LogLevel level, std::string_view event, std::vector<adapters::LogField> fields) {
  if (level < level_.load(std::memory_order_relaxed)) return;
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::string timestamp = domain::to_rfc3339(now);
  sink_->write(text_ ? format_text_line(level, event, fields, timestamp)
                     : format_json_line(level, event, node_, fields, timestamp));
}

}  // namespace danwa::infra
