#include "infra/grpc/stream_reactors.hpp"

#include <string>
#include <utility>
#include <vector>

namespace danwa::infra {

adapters::rpc::CallMetadata metadata_of(const ::grpc::CallbackServerContext& context) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const auto& [name, value] : context.client_metadata()) {
    entries.emplace_back(std::string{name.data(), name.size()}, std::string{value.data(), value.size()});
  }
  return adapters::rpc::CallMetadata{std::move(entries)};
}

::grpc::Status to_status(const adapters::rpc::CallEnd& end, ::grpc::CallbackServerContext& context) {
  if (end.retry_after) context.AddTrailingMetadata("grpc-retry-pushback-ms", std::to_string(end.retry_after->count()));
  return {static_cast<::grpc::StatusCode>(end.status), end.message(), encode_details(end)};
}

void ChatReactor::OnReadDone(bool ok) {
  if (!ok) return stream().on_last_request();
  auto wish = decode_chat(request_);
  request_.Clear();
  stream().on_request(std::move(wish));
}

}  // namespace danwa::infra
