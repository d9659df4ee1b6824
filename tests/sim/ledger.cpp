#include "ledger.hpp"

#include <algorithm>
#include <cstring>

#include "workload.hpp"

namespace gantry::sim {

void Findings::add(const Findings& other) {
  lost += other.lost;
  resurrected += other.resurrected;
  gaps += other.gaps;
  index_errors += other.index_errors;
}

uint64_t serial_of(std::string_view body) {
  uint64_t serial = 0;
  if (body.size() >= sizeof serial) std::memcpy(&serial, body.data(), sizeof serial);
  return serial;
}

void Ledger::wrote(Written record) {
  records_.insert_or_assign(record.begin, std::move(record));
}

void Ledger::visible(int64_t end) {
  for (auto at = records_.rbegin(); at != records_.rend(); ++at) {
    Written& record = at->second;
    if (record.end > end) continue;
    if (record.in_page_cache) return;
    record.in_page_cache = true;
  }
}

void Ledger::promise(int64_t begin, const commitlog::CommitLog& log) {
  const auto at = records_.find(begin);
  if (at == records_.end()) return;
  Written& record = at->second;
  record.promised = true;
  Slice slice;
  const auto size = static_cast<uint64_t>(record.end - record.begin);
  if (log.read(LogOffset(begin), size, true, slice))
    return findings_.note(&Findings::lost, "record {} is acknowledged and cannot be read", begin);
  record.bytes.assign(slice.bytes.begin(), slice.bytes.end());
}

void Ledger::power_went() {
  for (auto& [begin, record] : records_) record.in_page_cache = record.promised;
}

void Ledger::compare(const commitlog::RecordView& view, Written& record) {
  const std::string_view body(reinterpret_cast<const char*>(view.body.data()), view.body.size());
  const bool same = record.queue == QueueName(view.topic.view(), view.queue_id) &&
                    record.number == view.queue_offset.value && record.body == body &&
                    record.stored_ms == view.stored_ms && record.end == view.log_end().value;
  if (same) check_further(view, record);
  if (same && (record.bytes.empty() || std::ranges::equal(record.bytes, view.record))) {
    record.bytes.assign(view.record.begin(), view.record.end());
    record.promised = record.in_page_cache = true;
    return;
  }
  const uint64_t serial = serial_of(body);
  if (record.promised)
    findings_.note(&Findings::lost, "record {} (serial {}) has other bytes: serial {}",
                   record.begin, record.serial, serial);
  else
    findings_.note(&Findings::resurrected, "record {}: serial {} instead of {}{}", record.begin,
                   serial, record.serial, cut_.contains(serial) ? ", which had been cut" : "");
}

// The record itself tells its further numbers.
void Ledger::check_further(const commitlog::RecordView& view, const Written& record) {
  std::string expected;
  for (const auto& [queue, number] : record.further)
    expected += (expected.empty() ? "" : ",") + std::to_string(number);
  const std::string told = property_of(view.property_text.view(), "INNER_MULTI_QUEUE_OFFSET");
  if (told != expected)
    findings_.note(&Findings::gaps, "record {} has further numbers {}, expected {}", record.begin,
                   told, expected);
}

void Ledger::check_after_start(const commitlog::CommitLog& log) {
  if (log.begin().value <= trim_asked_) trimmed(log.begin().value);
  auto expected = records_.begin();
  const bool whole = each_record(
      log, log.begin(), commitlog::decode_check, [&](const commitlog::RecordView& view) {
        const int64_t place = view.log_offset.value;
        while (expected != records_.end() && expected->first < place) {
          findings_.note(&Findings::lost, "record {} is missing, the log goes on at {}",
                         expected->first, place);
          expected = records_.erase(expected);
        }
        if (expected == records_.end() || expected->first != place) {
          const std::string_view body(reinterpret_cast<const char*>(view.body.data()),
                                      view.body.size());
          const uint64_t serial = serial_of(body);
          if (place < begin_ && !cut_.contains(serial)) return;  // trimmed, and back
          return findings_.note(&Findings::resurrected, "record {} (serial {}) {}", place, serial,
                                cut_.contains(serial) ? "had been cut" : "was never written");
        }
        compare(view, expected->second);
        ++expected;
      });
  if (!whole) findings_.note(&Findings::lost, "the log cannot be read after a start");
  forget_from(expected);
  check_numbers();
}

void Ledger::forget_from(std::map<int64_t, Written>::iterator at) {
  last_cut_.clear();
  for (; at != records_.end(); at = records_.erase(at)) {
    const Written& record = at->second;
    if (record.promised)
      findings_.note(&Findings::lost, "record {} (serial {}) of {}/{} was acknowledged", at->first,
                     record.serial, record.queue.first, record.queue.second);
    else if (record.in_page_cache)
      findings_.note(&Findings::lost, "record {} (serial {}) was readable when the process ended",
                     at->first, record.serial);
    cut_.insert(record.serial);
    last_cut_.push_back(std::move(at->second));
  }
}

void Ledger::let_go(int64_t end) {
  for (auto at = records_.lower_bound(end); at != records_.end(); ++at)
    at->second.in_page_cache = at->second.promised;
}

void Ledger::cut(int64_t end) {
  for (auto at = records_.lower_bound(end); at != records_.end(); at = records_.erase(at)) {
    if (at->second.promised)
      findings_.note(&Findings::lost, "record {} was promised and is cut at {}", at->first, end);
    cut_.insert(at->second.serial);
  }
}

void Ledger::trim_asked(int64_t begin) {
  trim_asked_ = std::max(trim_asked_, begin);
}

void Ledger::trimmed(int64_t begin) {
  begin_ = std::max(begin_, begin);
  while (!records_.empty() && records_.begin()->first < begin) {
    const Written& record = records_.begin()->second;
    if (record.numbered) trimmed_to_[record.queue] = record.number + record.span;
    for (const auto& [queue, number] : record.further) trimmed_to_[queue] = number + 1;
    records_.erase(records_.begin());
  }
}

void Ledger::check_numbers() {
  std::map<QueueName, int64_t> next = trimmed_to_;
  int64_t stored_ms = 0;
  for (const auto& [begin, record] : records_) {
    if (record.stored_ms < stored_ms)
      findings_.note(&Findings::gaps, "record {}: stored at {}, the one before at {}", begin,
                     record.stored_ms, stored_ms);
    stored_ms = record.stored_ms;
    for (const auto& [queue, told] : record.further) {
      if (told != next[queue])
        findings_.note(&Findings::gaps, "record {} in {}: number {}, expected {}", begin,
                       queue.first, told, next[queue]);
      next[queue] = told + 1;
    }
    if (!record.numbered) continue;
    int64_t& number = next[record.queue];
    if (record.number != number)
      findings_.note(&Findings::gaps, "record {} of {}/{}: number {}, expected {}", begin,
                     record.queue.first, record.queue.second, record.number, number);
    number = record.number + record.span;
  }
}

int64_t Ledger::next_number(const QueueName& queue) const {
  for (auto at = records_.rbegin(); at != records_.rend(); ++at) {
    const Written& record = at->second;
    if (record.numbered && record.queue == queue) return record.number + record.span;
    for (const auto& [further, number] : record.further)
      if (further == queue) return number + 1;
  }
  return first_number(queue);
}

int64_t Ledger::first_number(const QueueName& queue) const {
  const auto trimmed = trimmed_to_.find(queue);
  return trimmed == trimmed_to_.end() ? 0 : trimmed->second;
}

}  // namespace gantry::sim
