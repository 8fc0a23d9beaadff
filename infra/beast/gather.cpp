#include "infra/beast/gather.hpp"

#include <algorithm>
#include <cassert>

namespace danwa::infra {

void Gather::add(std::string_view piece) {
  if (piece.empty()) return;
  assert(pieces_ < vectors_.size());
  vectors_[pieces_++] = iovec{const_cast<char*>(piece.data()), piece.size()};  // writev's signature; never written to
  size_ += piece.size();
}

void Gather::copy_rest(std::size_t frame, std::size_t offset, std::string& out) const {
  const End begin = frame == 0 ? End{} : ends_[frame - 1];
  std::size_t skip = offset - begin.size;
  for (std::size_t i = begin.pieces; i < ends_[frame].pieces; ++i) {
    const std::string_view piece{static_cast<const char*>(vectors_[i].iov_base), vectors_[i].iov_len};
    if (skip < piece.size()) out += piece.substr(skip);
    skip -= std::min(skip, piece.size());
  }
}

}  // namespace danwa::infra
