#include "infra/client/node_connection.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>

namespace danwa::infra {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::seconds kPerAddress{3};  // a lost SYN is sent again after one

tcp::endpoint to_asio(const net::SocketAddress& address) {
  tcp::endpoint endpoint;
  std::memcpy(endpoint.data(), address.raw(), address.size);
  endpoint.resize(address.size);
  return endpoint;
}

}  // namespace

NodeConnection::NodeConnection(const Endpoint& node, Deadline deadline) {
  std::string failures;
  auto left = node.addresses.size();
  for (const auto& address : node.addresses) {
    const auto now = std::chrono::steady_clock::now();
    const auto share = std::min<Deadline::duration>((deadline - now) / static_cast<int>(left), kPerAddress);
    try {
      connect(address, --left == 0 ? deadline : now + share);
      return;
    } catch (const NetworkError& error) {
      failures += (failures.empty() ? "" : "; ") + std::string{error.what()};
    }
  }
  const bool one = node.addresses.size() == 1 && node.addresses.front().text() == node.name;
  throw NetworkError{one ? failures : node.name + ": " + failures};
}

void NodeConnection::connect(const net::SocketAddress& address, Deadline deadline) {
  boost::system::error_code ignored;
  stream_.socket().close(ignored);  // of an address that did not answer: it may be of the other family
  const auto error = run(deadline, [&](auto done) { stream_.async_connect(to_asio(address), std::move(done)); });
  if (error == boost::beast::error::timeout) throw NetworkError{address.text() + ": no connection in time"};
  if (error) throw NetworkError{address.text() + ": cannot connect: " + error.message()};
  stream_.socket().set_option(tcp::no_delay{true}, ignored);
}

NetworkError to_network_error(const Endpoint& node, const boost::system::error_code& error) {
  namespace http = boost::beast::http;
  if (error == boost::beast::error::timeout) return NetworkError{node.name + ": no answer in time"};
  if (error == boost::asio::error::eof || error == http::error::end_of_stream || error == http::error::partial_message)
    return NetworkError{node.name + ": connection closed"};
  if (error.category() == http::make_error_code(http::error::bad_line_ending).category())
    return NetworkError{node.name + ": the answer is no HTTP/1.1"};
  return NetworkError{node.name + ": connection lost: " + error.message()};
}

}  // namespace danwa::infra
