// What replication and retention do to a node's log: roles, raw bytes, cuts, trims.
#include <algorithm>
#include <array>

#include "base/endian.hpp"
#include "node.hpp"
#include "workload.hpp"

namespace gantry::sim {
namespace {

using commitlog::Mark;

constexpr uint8_t host[] = {127, 0, 0, 1, 0, 0, 0x2A, 0x9F};
constexpr std::string_view properties = "K\x01v\x02";

}  // namespace

// A follower says how far it has whole records.
void Node::raise(testing::Rng& rng) {
  if (!options_.replicated) return;
  const int64_t from = log_->mark(Mark::replicated).value;
  const int64_t written = log_->mark(Mark::written).value;
  std::vector<int64_t> ends;
  for (const auto& [begin, record] : outside_.ledger.records())
    if (record.end > from && record.end <= written) ends.push_back(record.end);
  if (ends.empty()) return;
  log_->raise_replicated(LogOffset(rng.coin() ? ends.back() : ends[rng.below(ends.size())]));
}

void Node::follow() {
  if (!log_->follow()) failed_ = true;
}

// The index has consumed the log to its end before the log is asked for numbers again.
void Node::lead() {
  flush();
  log_->raise_replicated(log_->mark(Mark::written));
  drain();
  if (log_->mark(Mark::visible) == log_->mark(Mark::appended)) log_->lead();
}

// Up to three records as another node would have numbered and placed them.
void Node::append_raw(testing::Rng& rng) {
  const LogOffset at = log_->mark(Mark::appended);
  const auto segment = static_cast<int64_t>(options_.segment_bytes);
  std::vector<uint8_t> bytes;
  std::vector<Written> written;
  std::map<QueueName, int64_t> next;
  const auto& known = outside_.ledger.records();
  const int64_t last_ms = known.empty() ? 0 : known.rbegin()->second.stored_ms;
  const uint64_t count = 1 + rng.below(3);
  for (uint64_t i = 0; i < count; i++) {
    Written record;
    record.serial = outside_.ledger.next_serial();
    record.queue = draw_queue(rng);
    const uint64_t overhead =
        commitlog::record_bytes_min + record.queue.first.size() + properties.size() + 1;
    record.body = draw_body(rng, record.serial, overhead, 0);
    record.body.resize(std::min<size_t>(record.body.size(), 9000));
    auto [number, fresh] = next.try_emplace(record.queue, 0);
    if (fresh) number->second = outside_.ledger.next_number(record.queue);
    record.number = number->second++;
    record.stored_ms = std::max(last_ms, clock_.now_ms());
    commitlog::RecordDraft draft;
    draft.topic = std::string_view(record.queue.first);
    draft.queue_id = record.queue.second;
    draft.body = {reinterpret_cast<const uint8_t*>(record.body.data()), record.body.size()};
    draft.property_text = properties;
    draft.born_host = draft.store_host = host;
    commitlog::EncodedRecord encoded;
    std::string reason;
    if (encoded.encode(draft, 1 << 20, 0, reason))
      return outside_.findings.note(&Findings::lost, "a raw record: {}", reason);
    int64_t place = at.value + static_cast<int64_t>(bytes.size());
    const int64_t left = segment - place % segment;
    if (encoded.size() + commitlog::blank_bytes > static_cast<uint64_t>(left)) {
      const size_t blank = bytes.size();
      bytes.resize(bytes.size() + static_cast<size_t>(left));
      store_be(bytes.data() + blank, static_cast<int32_t>(left));
      store_be(bytes.data() + blank + 4, commitlog::blank_magic);
      place += left;
    }
    encoded.stamp(QueueOffset(record.number), LogOffset(place), record.stored_ms);
    for (const Bytes part : encoded.parts()) bytes.insert(bytes.end(), part.begin(), part.end());
    record.begin = place;
    record.end = place + encoded.size();
    written.push_back(std::move(record));
  }
  std::string reason;
  const ErrorCode error = log_->append_raw(at, bytes, reason);
  note_failure(error);
  if (error == commitlog::Errc::invalid && bytes.size() <= options_.segment_bytes)
    outside_.findings.note(&Findings::lost, "raw bytes at {} are refused: {}", at.value, reason);
  if (error) return;
  for (Written& record : written) wrote(std::move(record));
}

// Somewhere between STABLE and the end, where a record ends; the consumers let go first.
void Node::truncate(testing::Rng& rng) {
  std::vector<int64_t> ends{log_->mark(Mark::stable).value};
  for (const auto& [begin, record] : outside_.ledger.records())
    if (record.end > ends[0]) ends.push_back(record.end);
  const int64_t end = ends[rng.below(ends.size())];
  for (Consumer* consumer : {static_cast<Consumer*>(index_.get()), static_cast<Consumer*>(&delay_)})
    if (!consumer->truncate(end)) failed_ = true;  // a node ends: it stands nowhere now
  if (failed_) return;
  indexed_ = std::min(indexed_, end);
  delayed_ = std::min(delayed_, end);
  outside_.ledger.let_go(end);
  const auto cut = log_->truncate(LogOffset(end));
  if (outside_.disk.off()) return;
  if (!cut) {
    failed_ = true;
    if (outside_.disk.faults() == 0)
      outside_.findings.note(&Findings::lost, "a cut to {} is refused: {}", end, cut.error().text);
    return;
  }
  outside_.ledger.cut(end);
}

void Node::trim() {
  const int64_t below =
      std::min({delay_.needed_from(), index_persisted_, log_->mark(Mark::stable).value});
  outside_.ledger.trim_asked(below);
  const int64_t begin_before = log_->begin().value;
  const LogOffset begin = log_->trim(LogOffset(below));
  if (outside_.disk.off()) return;
  if (begin.value > std::max(below, begin_before))
    outside_.findings.note(&Findings::lost, "a trim to {} went to {}", below, begin.value);
  outside_.ledger.trimmed(begin.value);
  index_->trimmed_to(begin.value);
}

}  // namespace gantry::sim
