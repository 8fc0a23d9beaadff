#pragma once

#include <caf/actor.hpp>
#include <caf/all.hpp>
#include <cstdint>
#include <string>

#include "infra/caf/frame_inbox.hpp"

namespace danwa::infra {

// Between nodes: atoms, numbers and strings only. So no type needs a registration, and a node of another release can
// read them. Each begins with the id of the peer connection, which both sides compute in the handshake.
using BusHello = caf::atom_constant<caf::atom("busHello")>;    ///< u64 link: the sender is the bus of the dialling node
using BusBatch = caf::atom_constant<caf::atom("busBatch")>;    ///< u64 link, u64 number, string envelopes
using BusAck = caf::atom_constant<caf::atom("busAck")>;        ///< u64 link, u64 number: all batches up to it arrived
using BusGossip = caf::atom_constant<caf::atom("busGossip")>;  ///< u64 link, string addresses
using BusBye = caf::atom_constant<caf::atom("busBye")>;        ///< u64 link: the sender leaves; the answer is the link

using BusPresence = caf::atom_constant<caf::atom("busPrsnc")>;  ///< u64 link, string message

// Inside a node.
using BusFlush = caf::atom_constant<caf::atom("busFlush")>;
using LinkBegin = caf::atom_constant<caf::atom("linkBegin")>;  ///< the bus now expects the peer of this connection
struct ExpectLink {
  std::uint64_t link;
  caf::actor watcher;  ///< the actor of the peer connection
};
struct LinkReady {
  std::uint64_t link;
  caf::actor remote;  ///< the peer's bus
};
struct LinkGone {
  std::uint64_t link;
};
struct SayGoodbye {};  ///< the answer is true, once every peer has answered or its time is over
struct TellPeers {
  std::string addresses;
};
struct TellPresence {
  std::string message;
};

}  // namespace danwa::infra

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::ExpectLink)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::LinkReady)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::LinkGone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::SayGoodbye)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::TellPeers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::TellPresence)
