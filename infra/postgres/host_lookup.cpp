#include "infra/postgres/host_lookup.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <mutex>

#include "infra/postgres/failure.hpp"

namespace danwa::infra::pg {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using usecase::Async;

constexpr std::size_t kThreads = 4;  // so that one name without an answer does not delay the others

/// Never destroyed, because a name server may still be silent when the process ends.
boost::asio::thread_pool& lookup_threads() {
  static auto* const pool = new boost::asio::thread_pool{kThreads};
  return *pool;
}

/// The host name to resolve. Empty if the host is a socket directory or an address, or is resolved already.
std::string name_in(const Target& target) {
  const auto host = target.parameters.find("host");
  if (host == target.parameters.end() || target.parameters.count("hostaddr") > 0) return {};
  if (host->second.front() == '/' || host->second.front() == '@') return {};
  error_code no_address;
  boost::asio::ip::make_address(host->second, no_address);
  return no_address ? host->second : std::string{};
}

struct Answer {
  error_code error;
  tcp::resolver::results_type found;
};

}  // namespace

/// A lookup in progress: the first answer, from the resolver or from a cancellation, reaches the caller. Thread safe.
class HostLookup::Question {
 public:
  explicit Question(std::function<void(Answer)> asker) : asker_{std::move(asker)} {}

  bool is_open() {
    const std::lock_guard lock{mutex_};
    return asker_ != nullptr;
  }
  /// Passes the first answer on and ignores later ones.
  void answer(Answer answer) {
    std::function<void(Answer)> asker;
    {
      const std::lock_guard lock{mutex_};
      asker.swap(asker_);
    }
    if (asker) asker(std::move(answer));
  }

 private:
  std::mutex mutex_;
  std::function<void(Answer)> asker_;
};

Async<Target> HostLookup::look_up(Target target) {
  const std::string host = name_in(target);
  if (host.empty()) co_return target;
  auto start = [this, host](auto resume) {
    question_ = std::make_shared<Question>(std::move(resume));
    boost::asio::post(lookup_threads(), [question = question_, host] {
      if (!question->is_open()) return;
      Answer answer;
      answer.found = tcp::resolver{lookup_threads()}.resolve(host, "", answer.error);
      question->answer(std::move(answer));
    });
  };
  const Answer answer = co_await usecase::suspend_until<Answer>(std::move(start));
  if (answer.error) throw Failure::of_connection("cannot look up its host: " + answer.error.message());
  std::string hosts;
  std::string addresses;
  for (const auto& entry : answer.found) {
    const char* comma = hosts.empty() ? "" : ",";
    hosts += comma + host;  // the certificate is still checked against the name
    addresses += comma + entry.endpoint().address().to_string();
  }
  target.parameters["host"] = hosts;
  target.parameters["hostaddr"] = addresses;
  co_return target;
}

void HostLookup::cancel() {
  if (question_) question_->answer({boost::asio::error::timed_out, {}});
}

}  // namespace danwa::infra::pg
