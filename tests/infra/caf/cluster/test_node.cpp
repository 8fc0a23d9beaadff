#include "infra/caf/cluster/test_node.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <utility>

#include "support/frames.hpp"

namespace danwa::caf {
namespace {

using std::chrono::milliseconds;

struct NodeConfig : ::caf::actor_system_config {
  NodeConfig() {
    set("scheduler.policy", ::caf::atom("sharing"));
    set("scheduler.max-threads", 2);
    load<::caf::io::middleman>();
    set("middleman.heartbeat-interval", ::caf::timespan{milliseconds{500}});
    set("middleman.connection-timeout", ::caf::timespan{milliseconds{2000}});
    set("middleman.app-identifiers", std::vector<std::string>{"danwa"});
  }
};

class LineLogger final : public adapters::Logger {
 public:
  void log(adapters::LogLevel, std::string_view event, std::vector<adapters::LogField> fields) override {
    std::string line{event};
    for (const auto& field : fields) {
      line += ' ' + field.name + '=';
      if (const auto* text = std::get_if<std::string>(&field.value)) line += *text;
    }
    const std::lock_guard lock{mutex_};
    if (std::getenv("DANWA_TEST_LOG") != nullptr) {
      const auto now = std::chrono::steady_clock::now().time_since_epoch();
      std::cerr << std::chrono::duration_cast<milliseconds>(now).count() << ' ' << line << '\n';
    }
    lines_.push_back(std::move(line));
  }

  std::vector<std::string> lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

class Recorder final : public delivery::BusListener {
 public:
  void on_updates(std::vector<delivery::LoggedUpdate> updates) override {
    for (auto& [update, epoch] : updates) on_frame(tests::encode_update(std::move(update), std::move(epoch)));
  }
  void on_frame(delivery::FramePtr frame) override {
    std::function<void(const delivery::FramePtr&)> then;
    {
      const std::lock_guard lock{mutex};
      then = act;
    }
    if (then) then(frame);
    const std::lock_guard lock{mutex};
    seqs[frame->channel().key].push_back(frame->seq());
  }
  void check_log(const domain::ChannelKey& channel) override {
    const std::lock_guard lock{mutex};
    ++looks[channel.key];
  }
  void look_at_log_everywhere() override {
    const std::lock_guard lock{mutex};
    ++everywhere;
  }

  void on_presence(delivery::PeerAddress, std::string message) override {
    const std::lock_guard lock{mutex};
    presence.push_back(std::move(message));
  }

  mutable std::mutex mutex;
  std::vector<std::string> presence;
  std::map<std::string, std::vector<domain::Seq>> seqs;
  std::map<std::string, std::size_t> looks;
  std::size_t everywhere = 0;
  std::function<void(const delivery::FramePtr&)> act;
};

ClusterOptions options_of(const std::string& name, std::vector<std::string> seeds, std::string secret) {
  ClusterOptions options;
  options.name = name;
  options.listen = "127.0.0.1:0";
  options.seeds = std::move(seeds);
  options.secret = std::move(secret);
  return options;
}

domain::ChannelKey channel_of(const std::string& room) {
  return {domain::CompanyId::trusted("demo"), domain::ChannelKind::conversation, room};
}

}  // namespace

struct TestNode::Parts {
  explicit Parts(ClusterOptions options)
      : cluster{std::make_unique<Cluster>(std::move(options), system, recorder, logger, metrics)} {}

  NodeConfig config;
  LineLogger logger;
  adapters::Metrics metrics;
  Recorder recorder;
  ::caf::actor_system system{config};
  std::unique_ptr<Cluster> cluster;
};

TestNode::TestNode(const std::string& name, std::vector<std::string> seeds, std::string secret)
    : TestNode{options_of(name, std::move(seeds), std::move(secret))} {}
TestNode::TestNode(ClusterOptions options) : parts_{std::make_unique<Parts>(std::move(options))} {
  for (const auto* const name : {"room", "from-one", "from-two", "ping", "pong"}) watch(name);
}
TestNode::~TestNode() = default;

Cluster& TestNode::cluster() { return *parts_->cluster; }
adapters::Metrics& TestNode::metrics() { return parts_->metrics; }
std::vector<std::string> TestNode::log_lines() const { return parts_->logger.lines(); }

bool TestNode::logged(const std::string& part) const {
  for (const auto& line : log_lines()) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

std::vector<domain::Seq> TestNode::seqs_of(const std::string& room) const {
  const std::lock_guard lock{parts_->recorder.mutex};
  return parts_->recorder.seqs[room];
}

std::size_t TestNode::looks_everywhere() const {
  const std::lock_guard lock{parts_->recorder.mutex};
  return parts_->recorder.everywhere;
}

std::size_t TestNode::looks_at(const std::string& room) const {
  const std::lock_guard lock{parts_->recorder.mutex};
  return parts_->recorder.looks[room];
}

bool TestNode::sees_up(const std::string& peer) {
  for (const auto& member : cluster().members()) {
    if (member.name == peer) return member.state == MemberState::up;
  }
  return false;
}

void TestNode::on_frame(std::function<void(const delivery::FramePtr&)> act) {
  const std::lock_guard lock{parts_->recorder.mutex};
  parts_->recorder.act = std::move(act);
}

void TestNode::send(const std::string& room, domain::Seq seq, std::size_t size) {
  cluster().broadcast(test_frame(room, seq, size));
}

void TestNode::watch(const std::string& room) { cluster().watched(channel_of(room)); }
void TestNode::unwatch(const std::string& room) { cluster().unwatched(channel_of(room)); }

delivery::FramePtr test_frame(const std::string& room, domain::Seq seq, std::size_t size) {
  return tests::sized_frame(channel_of(room), seq, size);
}

}  // namespace danwa::caf
