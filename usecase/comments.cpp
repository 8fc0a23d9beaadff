#include "usecase/comments.hpp"

#include <algorithm>

#include "domain/comment/decisions.hpp"
#include "usecase/ports/paging.hpp"

// The use cases of comments, in the order of their header: send, edit, remove, get, list. All have the same steps.
// Parse the input and gather every error; check the grants; call the repository; after the commit publish the event.
// Rules that depend on stored facts go into the call as a function, because the repository runs it inside the
// transaction: nothing can change between the decision and the write. The event is published only after the change is
// durable, and a lost event is repaired by the tail of the log, so no step waits for the bus.

namespace danwa::usecase {
namespace {

std::uint64_t fnv1a(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211ULL;
  return hash;
}

void append_hex(std::string& out, std::uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back("0123456789abcdef"[(value >> shift) & 0x0F]);
}

}  // namespace

std::string request_hash(std::initializer_list<std::string_view> fields) {
  std::uint64_t low = 14695981039346656037ULL;
  std::uint64_t high = 0x6c62272e07bb0142ULL;
  // The lengths are part of the sums, so a character that moves from one field to the next changes the result.
  for (const auto field : fields) {
    const std::string length = std::to_string(field.size()) + ":";
    low = fnv1a(fnv1a(low, length), field);
    high = fnv1a(fnv1a(high, field), length);
  }
  std::string out;
  out.reserve(32);
  append_hex(out, high);
  append_hex(out, low);
  return out;
}

namespace {

constexpr std::size_t kMaxLength = 255;

}  // namespace

domain::Result<std::optional<IdempotencyKey>> parse_idempotency_key(std::optional<std::string> key,
                                                                    std::initializer_list<std::string_view> fields) {
  if (!key) return std::optional<IdempotencyKey>{};
  const bool visible = std::all_of(key->begin(), key->end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (key->empty() || key->size() > kMaxLength || !visible) {
    return domain::fail(domain::validation_error("idempotency-key-invalid", "Idempotency-Key",
                                                 "Idempotency-Key must be 1 to 255 visible ASCII characters."));
  }
  return std::optional<IdempotencyKey>{IdempotencyKey{std::move(*key), request_hash(fields)}};
}

using domain::fail;
using domain::Result;

Result<SendComment::Parsed> SendComment::parse(const domain::CommentFactory& factory, Input input,
                                               const domain::Credential& who) const {
  const auto& draft = input.draft;
  auto key = parse_idempotency_key(std::move(input.idempotency_key),
                                   {draft.content, draft.conversation_key, draft.client_ref.value_or("")});
  const domain::CommentId id{needs_.ids.next()};
  return domain::combine(factory.create(std::move(input.draft), id, who.company, who.user, needs_.clock.now()),
                         std::move(key));
}

Async<Result<SendComment::Output>> SendComment::execute(Input input, domain::Credential who) const {
  const Precondition precondition = std::move(input.precondition);
  std::optional<Input> other;  // the same input, to be parsed with the largest limit of any node
  if (input.idempotency_key && needs_.factory.exceeds_limit(input.draft.content)) other = input;
  auto parsed = parse(needs_.factory, std::move(input), who);
  std::optional<domain::Errors> refusal;
  // A node with a larger limit may have saved this comment already, and a retry must get the first answer. So the
  // repository compares the idempotency key before the refusal counts.
  if (!parsed && other) {
    refusal = parsed.error();
    parsed = parse(domain::CommentFactory::of_any_node(), std::move(*other), who);
    if (!parsed) co_return fail(std::move(*refusal));
  }
  if (!parsed) co_return fail(std::move(parsed).error());
  auto& [comment, idempotency] = *parsed;
  if (auto allowed = require(who, domain::Verb::send, comment.conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  if (auto holds = require(precondition, {.exists = false}); !holds && !refusal) refusal = std::move(holds).error();
  auto added = co_await needs_.comments.add(std::move(comment), std::move(idempotency), std::move(refusal));
  if (!added) co_return fail(std::move(added).error());
  if (!added->replayed) needs_.events.publish(domain::CommentSent{added->comment}, added->position.epoch);
  co_return Output{std::move(added->comment), added->replayed, std::move(added->position)};
}

Async<Result<EditComment::Output>> EditComment::execute(Input input, domain::Credential who) const {
  auto content = needs_.factory.parse_content(std::move(input.content));
  if (!content) co_return fail(std::move(content).error());
  domain::CommentEdit wanted{std::move(*content), input.expected_version, input.redact, needs_.clock.now()};
  CommentRepository::Edit edit = [who, wanted = std::move(wanted), precondition = std::move(input.precondition)](
                                     const domain::Comment& comment, const Result<void>& entered) {
    auto edited = domain::decide_edit(who, comment, entered, wanted);
    if (!edited) return edited;
    if (auto holds = require(precondition, target_of(comment)); !holds) edited = fail(std::move(holds).error());
    return edited;
  };
  const auto earlier = input.redact ? CommentRepository::EarlierTexts::go : CommentRepository::EarlierTexts::stay;
  auto modified = co_await needs_.comments.modify(who.company, who.user, input.id, std::move(edit), earlier);
  if (!modified) co_return fail(std::move(modified).error());
  needs_.events.publish(modified->event, modified->position.epoch);
  co_return Output{std::move(modified->event.comment), std::move(modified->position)};
}

Async<Result<RemoveComment::Output>> RemoveComment::execute(Input input, domain::Credential who) const {
  CommentRepository::Check check = [who, expected = input.expected_version,
                                    precondition = std::move(input.precondition)](const domain::Comment& comment,
                                                                                  const Result<void>& entered) {
    auto allowed = domain::decide_removal(who, comment, entered, expected);
    return allowed ? require(precondition, target_of(comment)) : allowed;
  };
  auto removed = co_await needs_.comments.remove(who.company, who.user, input.id, std::move(check), needs_.clock.now());
  if (!removed) co_return fail(std::move(removed).error());
  needs_.events.publish(removed->event, removed->position.epoch);
  co_return Output{std::move(removed->position)};
}

Async<Result<domain::Comment>> GetComment::execute(domain::CommentId id, domain::Credential who) const {
  auto found = co_await comments_.find(who.company, id);
  if (!found) co_return fail(std::move(found).error());
  if (auto readable = require_readable(who, *found); !readable) co_return fail(std::move(readable).error());
  const auto view = co_await access_.require_entered(std::move(who), found->conversation);
  if (!view) co_return fail(view.error());
  co_return std::move(found);
}

Async<Result<CommentRepository::Page>> ListComments::execute(std::string conversation_key,
                                                             CommentRepository::Range range, domain::Credential who,
                                                             std::optional<domain::Position> seen) const {
  auto parsed =
      domain::combine(domain::ConversationKey::parse(std::move(conversation_key)), parse_limit(range.limit, kMaxLimit));
  if (!parsed) co_return fail(std::move(parsed).error());
  const auto& conversation = std::get<0>(*parsed);
  if (auto allowed = require(who, domain::Verb::read, conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  auto page = co_await comments_.list(who.company, conversation, range, Freshness::after(seen));
  if (!page) co_return fail(std::move(page).error());
  // Access is checked after the read, see ConversationAccess: as of the page's head at least.
  ConversationFacts::Wanted wanted{std::move(seen), page->head};
  const auto entered = co_await access_.require_reader(std::move(who), conversation, std::move(wanted));
  if (!entered) co_return fail(entered.error());
  co_return std::move(page);
}

}  // namespace danwa::usecase
