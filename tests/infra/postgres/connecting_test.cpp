#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "infra/postgres/postgres_node.hpp"
#include "infra/postgres/session.hpp"

namespace danwa::tests {
namespace {

using namespace std::chrono_literals;

/// A loopback port that takes connections and never answers; closed: one that refuses them.
class MutePort {
 public:
  explicit MutePort(bool closed) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    if (!closed) {
      EXPECT_EQ(::listen(socket_, 8), 0);
    }
    port_ = std::to_string(ntohs(address.sin_port));
  }
  ~MutePort() { ::close(socket_); }
  MutePort(const MutePort&) = delete;
  MutePort& operator=(const MutePort&) = delete;
  const std::string& port() const { return port_; }

 private:
  int socket_;
  std::string port_;
};

std::string refusal(const std::string& url) {
  try {
    PostgresNode node{postgres::PostgresOptions{.master = url}};
  } catch (const std::runtime_error& refused) {
    return refused.what();
  }
  return "";
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(PostgresConnecting, RefusedIsOneSentenceWithoutThePassword) {
  const MutePort port{true};
  const auto said = refusal("postgres://ann:secret@127.0.0.1:" + port.port() + "/chat");
  EXPECT_TRUE(holds(said, "cannot use the database 127.0.0.1:" + port.port() + "/chat: ")) << said;
  EXPECT_TRUE(holds(said, "Connection refused")) << said;
  EXPECT_FALSE(holds(said, "secret")) << said;
  EXPECT_FALSE(holds(said, "\n")) << said;
}

TEST(PostgresConnecting, GivesUpOnAHostThatNeverAnswers) {
  const MutePort port{false};
  const auto before = std::chrono::steady_clock::now();
  EXPECT_FALSE(refusal("postgres://127.0.0.1:" + port.port() + "/chat").empty());
  EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
}

TEST(PostgresConnecting, RefusesWhatIsNoUrl) {
  EXPECT_EQ(refusal("redis://localhost"), "the database URL is none of PostgreSQL");
}

TEST(PostgresConnecting, RefusesAReplicaThatIsNoUrl) {
  const OwnDatabase own;
  const postgres::PostgresOptions options{.master = own.url(), .replicas = {"redis://localhost"}};
  EXPECT_THROW(PostgresNode{options}, std::runtime_error);
}

TEST(PostgresConnecting, GoesOnToTheNextHost) {
  const MutePort dead{true};
  const MutePort mute{false};
  const OwnDatabase own;
  const auto url = "postgres:///" + own.name() + "?host=127.0.0.1,127.0.0.1," + shared_primary().directory() +
                   "&port=" + dead.port() + "," + mute.port() + ",5432&user=danwa";
  PostgresNode node{postgres::PostgresOptions{.master = url}};
  ASSERT_TRUE(wait_for([&] { return node.database.healthy() && node.storage.add(comment(1)).has_value(); }, 30s));
}

TEST(PostgresConnecting, NamesTheHostsOfAUrl) {
  const auto targets = postgres::targets_of("postgres://ann:x@one:6000,two/chat", postgres::Role::master);
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[0].name, "one:6000");
  EXPECT_EQ(targets[1].name, "two:5432");
  EXPECT_EQ(postgres::public_name("postgres://ann:x@one:6000,two/chat"), "one:6000,two:5432/chat");
}

}  // namespace
}  // namespace danwa::tests
