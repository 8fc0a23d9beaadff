#include "infra/jwt/key_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace danwa::infra {
namespace {

constexpr std::size_t kMaxFile = 1 << 20;  // bytes

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw std::runtime_error{std::strerror(errno)};
  std::string bytes{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
  if (bytes.size() > kMaxFile) throw std::runtime_error{"larger than 1 MiB"};
  return bytes;
}

}  // namespace

KeyFile::KeyFile(std::string path, Parse parse, std::chrono::milliseconds look_every, adapters::Logger& log)
    : path_{std::move(path)}, parse_{std::move(parse)}, look_every_{look_every}, log_{log} {
  seen_ = stamp();
  try {
    keys_ = read();
  } catch (const std::exception& error) {
    throw std::runtime_error{"key file " + path_ + ": " + error.what()};
  }
  next_look_ = std::chrono::steady_clock::now() + look_every_;
}

KeyFile::Stamp KeyFile::stamp() const {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, info.st_size,
          static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec};
}

std::shared_ptr<const KeySet> KeyFile::read() const {
  auto keys = std::make_shared<const KeySet>(parse_(read_file(path_)));
  for (const auto& [kid, why] : keys->skipped()) {
    log_.warn("auth.key_skipped", {{"file", path_}, {"kid", kid}, {"why", why}});
  }
  return keys;
}

std::shared_ptr<const KeySet> KeyFile::current() const {
  const std::lock_guard lock{mutex_};
  return keys_;
}

std::shared_ptr<const KeySet> KeyFile::keys() {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock{mutex_};
  if (now >= next_look_) {
    next_look_ = now + look_every_;
    look();
  }
  return keys_;
}

void KeyFile::look() {
  const Stamp now = stamp();
  if (now == seen_) return;
  seen_ = now;
  try {
    keys_ = read();
    generation_.fetch_add(1, std::memory_order_release);
    log_.info("auth.keys_reloaded", {{"file", path_}, {"keys", keys_->size()}});
  } catch (const std::exception& error) {
    log_.error("auth.keys_kept", {{"file", path_}, {"why", error.what()}});
  }
}

}  // namespace danwa::infra
