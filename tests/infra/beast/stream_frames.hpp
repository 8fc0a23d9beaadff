#pragma once

#include <gtest/gtest.h>

#include <string>

#include "infra/beast/ws_fixture.hpp"
#include "support/wait_for.hpp"

namespace danwa::beast {

inline std::string body(int seq) { return "{\"seq\":" + std::to_string(seq) + "}"; }

inline delivery::FrameBatch batch(int first, int last) {
  delivery::FrameBatch frames;
  for (int seq = first; seq <= last; ++seq) frames.push_back(make_frame(static_cast<domain::Seq>(seq), body(seq)));
  return frames;
}

/// Every place that a stream took is given back.
inline void expect_clean(StreamServer& server) {
  EXPECT_TRUE(eventually([&] { return server.is_clean(); }))
      << server.metrics.sockets.value() << " sockets, " << server.metrics.websockets.value() << " websockets, "
      << server.metrics.sse_streams.value() << " sse, " << server.feed.gone() << " of " << server.feed.count();
}

}  // namespace danwa::beast
