#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "adapters/rest/routes_fixture.hpp"

namespace danwa::adapters {
namespace {

using nlohmann::json;

class PresenceRoutes : public RoutesTest {
 protected:
  json present(const std::string& query = "") {
    return json::parse(respond(request("GET", "/v1/conversations/lobby/presence" + query)).body);
  }
};

TEST_F(PresenceRoutes, NamesThoseWhoAreThere) {
  EXPECT_EQ(present(), (json{{"conversationKey", "lobby"}, {"count", 2}, {"users", {"ann", "bob"}}}));
}

TEST_F(PresenceRoutes, GoesOnWhereAPageEnded) {
  const json first = present("?limit=1");
  EXPECT_EQ(first["users"], json{"ann"});
  EXPECT_EQ(first["next"], "ann");
  const json rest = present("?after=ann");
  EXPECT_EQ(rest["users"], json{"bob"});
  EXPECT_EQ(rest["count"], 2);
  EXPECT_FALSE(rest.contains("next"));
}

TEST_F(PresenceRoutes, RefusesNonsense) {
  for (const char* query : {"?limit=0", "?limit=1001", "?limit=x", "?after="}) {
    EXPECT_GE(respond(request("GET", std::string{"/v1/conversations/lobby/presence"} + query)).status, 400) << query;
  }
}

}  // namespace
}  // namespace danwa::adapters
