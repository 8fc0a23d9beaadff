#include "infra/redis/reply_reader.hpp"

#include <hiredis/hiredis.h>

#include <utility>

static_assert(HIREDIS_MAJOR == 0, "hiredis 0.14 is needed; later ones make replies through other functions");

namespace danwa::infra {
namespace {

/// Makes a Reply for each part of a reply. The items of an array belong to the array.
void* place(const redisReadTask* task, Reply reply) {
  if (task->parent == nullptr) return std::make_unique<Reply>(std::move(reply)).release();
  auto& items = static_cast<Reply*>(task->parent->obj)->items;
  auto& item = items.at(static_cast<std::size_t>(task->idx));
  item = std::move(reply);
  return &item;
}

Reply::Kind kind_of(int type) {
  if (type == REDIS_REPLY_ERROR) return Reply::Kind::error;
  return type == REDIS_REPLY_STATUS ? Reply::Kind::status : Reply::Kind::text;
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  return place(task, Reply{kind_of(task->type), std::string{text, size}});
}

/// Null, which hiredis reports as "out of memory", if the array has more items than any reply of Redis used here.
void* create_array(const redisReadTask* task, int items) {
  if (items < 0 || static_cast<std::size_t>(items) > ReplyReader::kMostItems) return nullptr;
  Reply reply{Reply::Kind::array};
  reply.items.resize(static_cast<std::size_t>(items));
  return place(task, std::move(reply));
}

void* create_integer(const redisReadTask* task, long long integer) {
  Reply reply{Reply::Kind::integer};
  reply.integer = integer;
  return place(task, std::move(reply));
}

void* create_nil(const redisReadTask* task) { return place(task, Reply{}); }

void free_object(void* object) { const std::unique_ptr<Reply> reply{static_cast<Reply*>(object)}; }

redisReplyObjectFunctions functions{create_string, create_array, create_integer, create_nil, free_object};

}  // namespace

void ReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

ReplyReader::ReplyReader() : reader_{redisReaderCreateWithFunctions(&functions)} {
  if (!reader_) error_ = "out of memory";
}
ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
  if (failed()) return;
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) error_ = "out of memory";
}

std::optional<Reply> ReplyReader::next() {
  if (failed()) return std::nullopt;
  void* object = nullptr;
  if (redisReaderGetReply(reader_.get(), &object) != REDIS_OK) {
    error_ = reader_->err == REDIS_ERR_OOM ? "an array of too many items" : reader_->errstr;
    return std::nullopt;
  }
  const std::unique_ptr<Reply> reply{static_cast<Reply*>(object)};
  if (reply) return std::move(*reply);
  if (reader_->len - reader_->pos > kMostBytes) error_ = "a reply of more than 4 MiB";
  return std::nullopt;
}

}  // namespace danwa::infra
