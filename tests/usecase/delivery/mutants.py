"""Faults made by hand in usecase/delivery, one a mutant: file, exact text, replacement. The text must occur once."""

SUBSCRIBER = "subscriber.cpp"
GATE = "access_gate.cpp"
BUFFER = "sliding_buffer.cpp"
TAIL = "tail_cache.cpp"
TABLE = "router_table.cpp"
STARTS = "router_starts.cpp"

MUTANTS = {
    "starts one too far": (
        SUBSCRIBER, "next_seq_ = after_.value_or(head) + 1;", "next_seq_ = after_.value_or(head) + 2;"),
    "starts one too early": (
        SUBSCRIBER, "next_seq_ = after_.value_or(head) + 1;", "next_seq_ = after_.value_or(head);"),
    "takes what has gone out": (
        SUBSCRIBER, "  return seq >= next_seq_;", "  return true;"),
    "gives out a page from wherever it begins": (
        SUBSCRIBER, "if (frame->seq() != next_seq_ || out.size() == batch_) continue;",
        "if (out.size() == batch_) continue;"),
    "keeps in the buffer what a page gave out": (
        SUBSCRIBER, "    out.push_back(frame);\n    ++next_seq_;\n  }\n  buffer_.drop_below(next_seq_);",
        "    out.push_back(frame);\n    ++next_seq_;\n  }"),
    "jumps over a hole": (
        SUBSCRIBER, "if (!latest() || reading_) return 0;", "if (reading_) return 0;"),
    "asks for the page behind": (
        SUBSCRIBER, "PageRequest request{++requests_, next_seq_,", "PageRequest request{++requests_, next_seq_ + 1,"),
    "takes an empty page of a replica for the end": (
        SUBSCRIBER, "if (page.frames.empty() && page.source == PageSource::master) {", "if (page.frames.empty()) {"),
    "holds on to its request over a restart": (
        SUBSCRIBER, "  ephemeral_.reset();\n  reading_.reset();\n", "  ephemeral_.reset();\n"),
    "keeps its buffer over a restart": (
        SUBSCRIBER, "  next_seq_ = known_head_ = 0;\n  buffer_.clear();\n", "  next_seq_ = known_head_ = 0;\n"),
    "forgets to say reset": (
        SUBSCRIBER, "  reset_due_ = true;\n", ""),
    "stays ready after a batch": (
        SUBSCRIBER, "  transport_ready_ = false;\n  figures_", "  figures_"),
    "does not wait for its transport while it is behind": (
        SUBSCRIBER, "return reader.reset_due() || !reader.idle(); });", "return reader.reset_due(); });"),
    "lets a page past the gate": (
        SUBSCRIBER, "      if (!gate->admits(next_seq_)) break;\n", ""),
    "opens the gate one too far": (
        GATE, "open_through_ = std::max(open_through_, through + 1);",
        "open_through_ = std::max(open_through_, through + 2);"),
    "lets out what follows a revoking update": (
        GATE, "  if (suspicious) run_first_ = seq + 1;\n", ""),
    "counts unseen updates as harmless": (
        GATE, "    unseen_ = seq - 1;\n    run_first_ = seq;\n", "    unseen_ = seq - 1;\n"),
    "hands out a revoking update as any other": (
        GATE, "  if (frame.may_revoke(guard_.user)) {\n    revoking_", "  if (false) {\n    revoking_"),
    "takes a no for a yes": (
        GATE, "  if (!answer.allowed) return false;\n", ""),
    "never asks again": (
        GATE, "  asked_ = false;\n  if (differ(answer.epoch, started_in_)) return true;",
        "  if (differ(answer.epoch, started_in_)) return true;"),
    "appends over a hole in the buffer": (
        BUFFER, "    if (frame->seq() != last() + 1) {\n      clear();", "    if (frame->seq() != last() + 1) {"),
    "announces a double": (
        TAIL, "  if (known_ && seq <= head_) return;\n", ""),
    "appends over a hole in the tail": (
        TAIL, "  if (!empty() && frame->seq() != last() + 1) clear();\n", ""),
    "slices the tail one too late": (
        TAIL, "const std::size_t offset = start_ + static_cast<std::size_t>(first_seq - first());",
        "const std::size_t offset = start_ + static_cast<std::size_t>(last() - first());"),
    "forgets the last watcher": (
        TABLE, "  if (watchers.empty()) effects_.emplace_back(ChannelUnwatched{ch->key});\n", ""),
    "takes an update of another log": (
        TABLE, "frame.epoch() != epoch_;", "frame.epoch() == \"none\";"),
    "never notices that it is behind": (
        TABLE, "  ch.repair_due = due;\n  schedule(ch);\n", "  schedule(ch);\n"),
    "forgets what gathered behind a crowd": (
        TABLE, "  ch.announcing = false;\n  announce_outbox(ch);\n", "  ch.announcing = false;\n  ch.outbox.clear();\n"),
    "never hears that a crowd has had its turn": (
        TABLE, "  ch.announcing = false;\n  announce_outbox(ch);\n", ""),
    "keeps its tail over a new log": (
        TABLE, "  ch.tail.clear();\n  budget_.touch(ch);\n  ch.log_head = 0;",
        "  budget_.touch(ch);\n  ch.log_head = 0;"),
    "believes a replica that the log was replaced": (
        STARTS, "  if (from == ReadFrom::master) change_epoch(epoch);\n", "  change_epoch(epoch);\n"),
    "starts a watcher of the former log where it was": (
        STARTS, "const bool is_void = held_former || (after", "const bool is_void = (after"),
    "believes a replica that nothing is missing": (
        STARTS, "!ch.watchers.empty()) ch.heads.wanted = true;", "!ch.watchers.empty()) ch.heads.wanted |= false;"),
    "takes a checked head for the end of the log": (
        STARTS, "return told ? mark_possibly_behind(ch, *told, now + options_.repair_after) : check_log(ch.key);",
        "return told ? void() : check_log(ch.key);"),
    "serves a cursor of another log": (
        STARTS, "return after.seq > head || (after.epoch && *after.epoch != epoch);", "return after.seq > head;"),
}
