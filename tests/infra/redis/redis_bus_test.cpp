#include "infra/redis/redis_bus.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>

#include "infra/redis/redis_node.hpp"

namespace danwa::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// Publishes until `to` hears one of them: the bus is live again.
bool becomes_live(RedisNode& from, RedisNode& to, domain::Seq& seq, seconds limit = seconds{5}) {
  const auto before = to.heard.frames(room()).size();
  const auto heard_more = [&] {
    from.bus.broadcast(update_frame(++seq));
    std::this_thread::sleep_for(milliseconds{5});
    return to.heard.frames(room()).size() > before;
  };
  return wait_for(heard_more, limit);
}

TEST(RedisBus, SubscribesAChannelOnlyWhileItIsWatched) {
  const RedisServer server;
  RedisNode node{server};
  ASSERT_TRUE(wait_for([&] { return node.connected(); }));
  EXPECT_EQ(server.ask({"PUBSUB", "CHANNELS", "danwa:demo:*"}), "");
  const domain::ChannelKey inbox{domain::CompanyId::trusted("demo"), domain::ChannelKind::user, "bob"};
  node.bus.watched(inbox);
  node.bus.watched(inbox);
  EXPECT_TRUE(wait_for([&] { return server.subscribed("danwa:demo:user:bob"); }));
  EXPECT_TRUE(wait_for([&] { return node.heard.looks(inbox) == 1; }));
  node.bus.unwatched(inbox);
  node.bus.unwatched(inbox);
  EXPECT_TRUE(wait_for([&] { return !server.subscribed("danwa:demo:user:bob"); }));
  EXPECT_EQ(server.ask({"PUBSUB", "CHANNELS", "danwa:demo:*"}), "");
  EXPECT_EQ(node.heard.looks_everywhere(), 1U);
}

TEST(RedisBus, BringsNothingOfChannelsThatNobodyWatchesHere) {
  const RedisServer server;
  RedisNode one{server};
  RedisNode two{server};
  two.bus.watched(room());
  ASSERT_TRUE(wait_for([&] { return one.connected() && two.connected() && server.subscribed(redis_room()); }));
  one.bus.broadcast(update_frame(1, room("elsewhere")));
  one.bus.broadcast(update_frame(1));
  ASSERT_TRUE(wait_for([&] { return two.heard.seqs(room()).size() == 1; }));
  EXPECT_EQ(two.metrics.bus_events_in.value(), 1U);
  EXPECT_EQ(one.metrics.bus_events_out.value(), 2U);
}

TEST(RedisBus, StartsWithoutRedisAndFindsItLater) {
  const auto server = std::make_unique<RedisServer>();
  server->kill();
  RedisNode node{*server};
  node.bus.watched(room());
  ASSERT_TRUE(wait_for([&] { return node.log.has("redis.lost link=publish"); }));
  EXPECT_EQ(node.heard.calls(), 0U);
  ASSERT_TRUE(server->start());
  EXPECT_TRUE(wait_for([&] { return node.connected() && server->subscribed(redis_room()); }));
  EXPECT_EQ(node.heard.looks_everywhere(), 1U);
}

TEST(RedisBus, IsLiveWithinFiveSecondsOfARestart) {
  RedisServer server;
  RedisNode one{server};
  RedisNode two{server};
  two.bus.watched(room());
  domain::Seq seq = 0;
  ASSERT_TRUE(becomes_live(one, two, seq, seconds{10}));
  for (std::size_t round = 1; round <= 2; ++round) {
    const auto looks = two.heard.looks_everywhere();
    server.kill();
    ASSERT_TRUE(wait_for([&] { return two.log.count("redis.lost link=subscribe") >= round; }));
    one.bus.broadcast(update_frame(++seq));
    ASSERT_TRUE(server.start());
    EXPECT_TRUE(becomes_live(one, two, seq)) << "round " << round;
    EXPECT_EQ(two.heard.looks_everywhere(), looks + 1);
  }
  const auto seqs = two.heard.seqs(room());
  EXPECT_TRUE(std::is_sorted(seqs.begin(), seqs.end()));
  EXPECT_EQ(std::adjacent_find(seqs.begin(), seqs.end()), seqs.end());  // nothing twice
}

TEST(RedisBus, WaitsForNobodyAndKeepsItsBoundWhileRedisHangs) {
  const RedisServer server;
  RedisNode one{server};
  RedisNode two{server};
  two.bus.watched(room());
  domain::Seq seq = 0;
  ASSERT_TRUE(becomes_live(one, two, seq, seconds{10}));
  server.pause();
  auto slowest = steady_clock::duration::zero();
  for (int i = 0; i < 30'000; ++i) {
    const auto start = steady_clock::now();
    one.bus.broadcast(update_frame(++seq, room(), 2'000));
    one.bus.watched(room(std::to_string(i % 100)));
    one.bus.unwatched(room(std::to_string(i % 100)));
    slowest = std::max(slowest, steady_clock::now() - start);
  }
  EXPECT_LT(slowest, milliseconds{500});  // of a busy machine; a call that waited for Redis would take longer
  EXPECT_GT(one.metrics.relay_drops.value(), 10'000U);
  EXPECT_TRUE(
      wait_for([&] { return one.log.has("redis.lost link=publish") && two.log.has("redis.lost link=subscribe"); }));
  EXPECT_TRUE(one.log.has("no answer within 500 ms"));
  const auto looks = two.heard.looks(room()) + two.heard.looks_everywhere();
  server.resume();
  EXPECT_TRUE(becomes_live(one, two, seq, seconds{10}));
  EXPECT_GT(two.heard.looks(room()) + two.heard.looks_everywhere(), looks);
}

TEST(RedisBus, SaysWhatRedisRefusesAndTriesAgain) {
  RedisServer server{{"--requirepass", "the-right-one"}};
  server.password = "the-right-one";
  RedisNode wrong{server, "", "the-wrong-one"};
  RedisNode none{server};
  RedisNode right{server, "", "the-right-one"};
  ASSERT_TRUE(wait_for([&] { return right.connected(); }));
  EXPECT_TRUE(wait_for([&] { return wrong.log.count("AUTH was answered WRONGPASS") >= 6; }));  // two links
  EXPECT_TRUE(wait_for([&] { return none.log.has("redis.refused") && none.log.has("PING was answered NOAUTH"); }));
  EXPECT_EQ(wrong.log.loud(), 2U);  // a link tells a reason once
  server.ask({"CONFIG", "SET", "requirepass", "the-wrong-one"});
  server.password = "the-wrong-one";
  EXPECT_TRUE(wait_for([&] { return wrong.connected(); }));
  for (const auto* node : {&wrong, &none, &right}) EXPECT_FALSE(node->log.has("the-"));  // no password in the log
}

TEST(RedisBus, WorksAsAnAclUserWithFewRights) {
  const RedisServer server;
  const auto user = [&server](const std::string& name, const std::string& rights) {
    std::vector<std::string> words{"ACL", "SETUSER", name, "on", ">secret of " + name};
    std::istringstream more{rights};
    for (std::string word; more >> word;) words.push_back(word);
    ASSERT_EQ(server.ask(words), "OK");
  };
  user("danwa", "resetchannels &danwa:* +ping +publish +subscribe +unsubscribe");
  user("reader", "resetchannels &danwa:* +ping +subscribe +unsubscribe");
  RedisNode one{server, "danwa", "secret of danwa"};
  RedisNode two{server, "danwa", "secret of danwa"};
  two.bus.watched(room());
  domain::Seq seq = 0;
  EXPECT_TRUE(becomes_live(one, two, seq, seconds{10}));
  RedisNode reader{server, "reader", "secret of reader"};
  reader.bus.broadcast(update_frame(1, room(), 100));
  EXPECT_TRUE(wait_for([&] { return reader.log.has("redis.refused link=publish"); }));
  EXPECT_TRUE(reader.log.has("a command was answered NOPERM"));
  EXPECT_FALSE(reader.log.has("xxxx"));  // no comment in the log
  EXPECT_TRUE(server.ask({"ACL", "SETUSER", "reader", "+publish"}) == "OK");
  reader.bus.watched(room());
  EXPECT_TRUE(becomes_live(reader, two, seq, seconds{10}));
}

TEST(RedisBus, LooksEverywhereWhenItsSubscriptionWasCut) {
  const RedisServer server;
  RedisNode one{server};
  RedisNode two{server};
  two.bus.watched(room());
  domain::Seq seq = 0;
  ASSERT_TRUE(becomes_live(one, two, seq, seconds{10}));
  EXPECT_EQ(two.heard.looks_everywhere(), 1U);
  EXPECT_EQ(server.ask({"CLIENT", "KILL", "TYPE", "pubsub"}), "2");
  EXPECT_TRUE(wait_for([&] { return two.heard.looks_everywhere() == 2; }));
  EXPECT_TRUE(becomes_live(one, two, seq));
  EXPECT_TRUE(two.log.has("redis.lost link=subscribe"));
  EXPECT_FALSE(two.log.has("redis.lost link=publish"));
}

TEST(RedisBus, SurvivesWhatOthersPublishThere) {
  const RedisServer server;
  RedisNode one{server};
  RedisNode two{server};
  two.bus.watched(room());
  domain::Seq seq = 0;
  ASSERT_TRUE(becomes_live(one, two, seq, seconds{10}));
  const auto looks = two.heard.looks(room());
  std::uint64_t garbage = 0;
  for (const auto& payload : {std::string{}, std::string{"hello"}, std::string(100'000, '\0'),
                              redis::encode_payload({}, 1, *update_frame(1, room("elsewhere")), "")}) {
    EXPECT_EQ(server.ask({"PUBLISH", redis_room(), payload}), "1");
    ++garbage;
  }
  EXPECT_EQ(server.ask({"PUBLISH", "danwa:presence", "short"}), "2");
  ++garbage;
  EXPECT_TRUE(wait_for([&] { return two.metrics.bus_unexpected.value() == garbage; }));
  EXPECT_EQ(two.heard.looks(room()), looks + garbage - 1);
  EXPECT_TRUE(two.heard.presence().empty());
  EXPECT_TRUE(becomes_live(one, two, seq));
}

TEST(RedisBus, KeepsAnIdleConnectionAndNoticesASilentOne) {
  const RedisServer server;
  RedisNode node{server};
  ASSERT_TRUE(wait_for([&] { return node.connected(); }));
  const auto pings = [&server] {
    const auto stats = server.ask({"INFO", "commandstats"});
    const auto at = stats.find("cmdstat_ping:calls=");
    return at == std::string::npos ? 0 : std::stoi(stats.substr(at + 19));
  };
  const auto before = pings();
  EXPECT_TRUE(wait_for([&] { return pings() >= before + 4; }));  // both links ask
  EXPECT_FALSE(node.log.has("redis.lost"));
  server.pause();
  EXPECT_TRUE(wait_for([&] { return node.log.count("no answer within 500 ms") >= 2; }, seconds{5}));
  server.resume();
  EXPECT_TRUE(wait_for([&] { return node.heard.looks_everywhere() == 2; }));
}

TEST(RedisBus, CarriesOnAfterAnUnknownHost) {
  redis::RedisOptions options;
  options.host = "no-such-host.invalid";
  RedisNode node{options};
  EXPECT_TRUE(wait_for([&] { return node.log.count("redis.lost") >= 4; }, seconds{30}));
  node.bus.broadcast(update_frame(1));
}

TEST(RedisBus, StopsAtAnyMoment) {
  const RedisServer server;
  for (int round = 0; round < 40; ++round) {
    RedisNode node{server};
    node.bus.watched(room());
    node.bus.broadcast(update_frame(1));
    if (round % 4 == 1) std::this_thread::sleep_for(milliseconds{round / 4});
    if (round % 4 == 2) wait_for([&] { return node.connected(); });
    if (round % 4 == 3) node.bus.stop();
  }
  EXPECT_TRUE(wait_for([&] { return server.ask({"PUBSUB", "CHANNELS"}).empty(); }));
}

}  // namespace
}  // namespace danwa::tests
