#include "infra/caf/handshake.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace danwa::caf {
namespace {

Hello hello(const std::string& name, std::uint64_t incarnation = 1) {
  Hello own;
  own.name = name;
  own.incarnation = incarnation;
  own.advertise = "127.0.0.1:4000";
  own.http_advertise = "127.0.0.1:8080";
  return own;
}

Handshake::Judge always(Verdict verdict) {
  return [verdict](const Handshake&, std::optional<Verdict>) { return VerdictBody{verdict, {"10.0.0.9:4000"}}; };
}

/// The message of a step, as the other side reads it.
struct Message {
  PeerMessage type;
  std::string body;

  explicit Message(const std::string& sent) {
    PeerHeadBytes head{};
    std::copy_n(sent.begin(), head.size(), head.begin());
    type = PeerHead::parse(head).value().type;
    body = sent.substr(head.size());
  }
};

using Tamper = std::function<void(int number, Message& message)>;

/// Both ends of one connection; `tamper` may change the messages 1 to 5 on their way.
struct Pair {
  Handshake dialler;
  Handshake acceptor;
  std::vector<std::string> messages;
  Handshake::Step at_dialler{};
  Handshake::Step at_acceptor{};

  explicit Pair(const std::string& secret = "s", const std::string& other = "s", Verdict a = Verdict::accept,
                Verdict d = Verdict::accept)
      : dialler{PeerRole::dialler, hello("node-1"), secret, always(d)},
        acceptor{PeerRole::acceptor, hello("node-2"), other, always(a)} {}

  void run(const Tamper& tamper = [](int, Message&) {}) {
    at_dialler = dialler.start();
    int number = 0;
    for (bool to_acceptor = true;; to_acceptor = !to_acceptor) {
      auto& sent = to_acceptor ? at_dialler : at_acceptor;
      if (sent.send.empty()) return;
      messages.push_back(sent.send);
      Message message{sent.send};
      tamper(++number, message);
      auto& received = to_acceptor ? at_acceptor : at_dialler;
      if (received.refused || received.done) return;
      received = (to_acceptor ? acceptor : dialler).on_message(message.type, message.body);
    }
  }
  bool linked() const { return at_dialler.done && at_acceptor.done; }
};

TEST(Handshake, LinksTwoNodesThatKnowTheSecret) {
  Pair pair;
  pair.run();
  EXPECT_TRUE(pair.linked());
  EXPECT_EQ(pair.messages.size(), 5U);
  EXPECT_EQ(pair.acceptor.peer().name, "node-1");
  EXPECT_EQ(pair.dialler.peer().name, "node-2");
  EXPECT_EQ(pair.dialler.peer().http_advertise, "127.0.0.1:8080");
  EXPECT_EQ(pair.acceptor.link_id(), pair.dialler.link_id());
  EXPECT_EQ(pair.acceptor.heard_of(), std::vector<std::string>{"10.0.0.9:4000"});
}

TEST(Handshake, RunsWithoutASecretToo) {
  Pair pair{"", ""};
  pair.run();
  EXPECT_TRUE(pair.linked());
}

TEST(Handshake, RefusesAPeerWithAnotherSecret) {
  Pair pair{"right", "wrong"};
  pair.run();
  ASSERT_TRUE(pair.at_acceptor.refused);
  EXPECT_EQ(pair.at_acceptor.refused->reason, RefusalReason::secret);
  EXPECT_TRUE(pair.at_acceptor.send.empty());  // and shows it no MAC of its own
}

TEST(Handshake, RefusesAnAcceptorThatDoesNotKnowTheSecret) {
  Pair pair;
  pair.run([](int number, Message& message) {
    if (number == 4) message.body.back() = static_cast<char>(message.body.back() ^ 1);
  });
  ASSERT_TRUE(pair.at_dialler.refused);
  EXPECT_EQ(pair.at_dialler.refused->reason, RefusalReason::secret);
}

TEST(Handshake, NoticesEveryChangedBit) {
  Pair whole;
  whole.run();
  for (int number = 1; number <= 5; ++number) {
    const auto size = Message{whole.messages[static_cast<std::size_t>(number) - 1]}.body.size();
    for (std::size_t at = 0; at < size; ++at) {
      Pair pair;
      pair.run([&](int sent, Message& message) {
        if (sent == number) message.body[at] = static_cast<char>(message.body[at] ^ 0x20);
      });
      EXPECT_FALSE(pair.linked()) << "message " << number << ", byte " << at;
      EXPECT_TRUE(pair.at_dialler.refused || pair.at_acceptor.refused);
    }
  }
}

TEST(Handshake, RefusesMessagesOfAnEarlierOne) {
  Pair earlier;
  earlier.run();
  for (const int number : {1, 3, 5}) {
    Pair pair;
    pair.run([&](int sent, Message& message) {
      if (sent == number) message = Message{earlier.messages[static_cast<std::size_t>(number) - 1]};
    });
    EXPECT_FALSE(pair.linked());
    EXPECT_FALSE(pair.at_acceptor.done);
  }
}

TEST(Handshake, RefusesItsOwnMessagesSentBack) {
  Handshake node{PeerRole::dialler, hello("node-1"), "s", always(Verdict::accept)};
  const Message own{node.start().send};
  const auto proof = node.on_message(own.type, own.body);
  const Message proved{proof.send};
  EXPECT_TRUE(node.on_message(PeerMessage::verdict, std::string(1, '\0') + proved.body).refused);
}

TEST(Handshake, RefusesMessagesOutOfTurn) {
  for (const auto type : {PeerMessage::proof, PeerMessage::verdict, PeerMessage::refusal}) {
    Handshake node{PeerRole::acceptor, hello("node-2"), "s", always(Verdict::accept)};
    const auto step = node.on_message(type, std::string(32, '\0'));
    ASSERT_TRUE(step.refused);
    EXPECT_EQ(step.refused->reason, RefusalReason::malformed);
  }
}

TEST(Handshake, TellsAPeerOfAnotherVersionWhichOneItSpeaks) {
  Pair pair;
  pair.run([](int number, Message& message) {
    if (number == 1) message.body[1] = 9;
  });
  ASSERT_TRUE(pair.at_acceptor.refused);
  EXPECT_EQ(pair.at_acceptor.refused->reason, RefusalReason::version);
  EXPECT_EQ(pair.at_acceptor.refused->detail, "the peer speaks version 9, this node 2");
  EXPECT_EQ(Message{pair.at_acceptor.send}.type, PeerMessage::refusal);
  ASSERT_TRUE(pair.at_dialler.refused);
  EXPECT_EQ(pair.at_dialler.refused->reason, RefusalReason::version);
}

TEST(Handshake, TellsBothSidesOfAnotherDatabase) {
  Pair pair{"s", "s", Verdict::another_database};
  pair.run();
  for (const auto* step : {&pair.at_dialler, &pair.at_acceptor}) {
    ASSERT_TRUE(step->refused);
    EXPECT_EQ(step->refused->reason, RefusalReason::another_database);
    EXPECT_NE(step->refused->detail.find("epoch"), std::string::npos);
  }
}

TEST(Handshake, NamesTheLogAndSkipsFieldsOfALaterRelease) {
  Hello sent = hello("node-1");
  sent.log = {"sqlite:1:2:3", "feed"};
  const auto body = sent.to_body() + std::string{"\x00\x07\x00\x03new", 7};
  const auto read = Hello::parse(body);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->log, sent.log);
  EXPECT_FALSE(Hello::parse(body.substr(0, body.size() - 1)));
  for (const auto& [database, epoch] :
       {std::pair{std::string(129, 'd'), std::string{"feed"}}, std::pair{std::string{"a\nb"}, std::string{"feed"}},
        std::pair{std::string{"db"}, std::string{"FEED!"}}}) {
    Hello bad = hello("node-1");
    bad.log = {database, epoch};
    EXPECT_FALSE(Hello::parse(bad.to_body())) << database << ' ' << epoch;
  }
}

TEST(Handshake, BelievesNobodysNameBeforeItIsProved) {
  Pair pair;
  const auto first = pair.dialler.start();
  (void)pair.acceptor.on_message(PeerMessage::hello, Message{first.send}.body);
  EXPECT_TRUE(pair.acceptor.peer_known());
  EXPECT_FALSE(pair.acceptor.peer_proved());
  Pair other{"s", "wrong"};
  other.run();
  EXPECT_TRUE(other.dialler.peer_known());
  EXPECT_FALSE(other.dialler.peer_proved());
  EXPECT_FALSE(other.acceptor.peer_proved());
  Pair good;
  good.run();
  EXPECT_TRUE(good.dialler.peer_proved());
  EXPECT_TRUE(good.acceptor.peer_proved());
}

TEST(Handshake, EndsAtBothSidesWhenOneHasALinkAlready) {
  Pair pair{"s", "s", Verdict::occupied, Verdict::occupied};
  pair.run();
  EXPECT_EQ(pair.at_dialler.refused->reason, RefusalReason::duplicate);
  EXPECT_EQ(pair.at_acceptor.refused->reason, RefusalReason::duplicate);
}

TEST(Handshake, TellsTheAcceptorThatItsLinkIsDead) {
  Pair pair{"s", "s", Verdict::occupied, Verdict::stale};
  pair.run();
  EXPECT_EQ(pair.at_acceptor.refused->reason, RefusalReason::stale);
  EXPECT_EQ(pair.acceptor.peer_verdict(), Verdict::stale);
}

TEST(Handshake, NeverLinksAgainstTheAcceptorsVerdict) {
  Pair pair{"s", "s", Verdict::occupied, Verdict::accept};
  pair.run();
  EXPECT_FALSE(pair.at_acceptor.done);
  EXPECT_FALSE(pair.at_dialler.done);
}

TEST(PeerMessage, RefusesHeadsThatAreNotOurs) {
  const auto parse = [](std::string bytes) {
    PeerHeadBytes head{};
    bytes.resize(head.size());
    std::copy(bytes.begin(), bytes.end(), head.begin());
    return PeerHead::parse(head).has_value();
  };
  using namespace std::string_literals;
  EXPECT_TRUE(parse("dnwL\1\0\4\0"s));
  EXPECT_FALSE(parse("dnwL\1\0\4\1"s));      // 1,025 bytes of hello
  EXPECT_FALSE(parse("dnwL\2\0\xFF\xFF"s));  // a proof of 64 KiB
  EXPECT_FALSE(parse("dnwL\5\0\0\0"s));      // no such message
  EXPECT_FALSE(parse("dnwL\1\1\0\0"s));
  EXPECT_FALSE(parse("GET / HT"s));
  EXPECT_FALSE(parse("\1\0\0\0\xFF\xFF\xFF\xFF"s));  // BASP, 4 GiB
}

TEST(PeerMessage, RefusesHellosThatCannotBe) {
  const auto parse = [](Hello wrong) { return Hello::parse(wrong.to_body()).has_value(); };
  EXPECT_TRUE(parse(hello("node-1")));
  EXPECT_FALSE(parse(hello("")));
  EXPECT_FALSE(parse(hello("a b")));
  EXPECT_FALSE(parse(hello(std::string(65, 'a'))));
  auto wrong = hello("node-1");
  wrong.advertise = "nowhere";
  EXPECT_FALSE(parse(wrong));
  EXPECT_FALSE(Hello::parse(hello("node-1").to_body() + "x"));
}

TEST(PeerMessage, ReadsAtMost64AddressesAndNoneThatIsNone) {
  std::vector<std::string> many(100, "10.0.0.1:4000");
  EXPECT_EQ(split_addresses(join_addresses(many)).size(), 64U);
  EXPECT_EQ(split_addresses("10.0.0.1:1\nx\n\n[::1]:2\n").size(), 2U);
}

}  // namespace
}  // namespace danwa::caf
