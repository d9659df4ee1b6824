#include "delay.hpp"

#include <algorithm>
#include <charconv>

#include "base/endian.hpp"
#include "commitlog/record.hpp"
#include "workload.hpp"

namespace gantry::sim {

using commitlog::OpenMode;

Outcome<void> Delay::load() {
  if (!file_system_) return boost::system::in_place_value;
  if (ErrorCode error = file_system_->make_folder(folder_)) return fail(error.message());
  const size_t slash = folder_.rfind('/');
  if (ErrorCode error = file_system_->sync_folder(folder_.substr(0, slash)))
    return fail(error.message());
  auto entries = file_system_->list(folder_);
  if (!entries) return fail(entries.error().message());
  const auto entry = std::ranges::find(*entries, "state", &commitlog::FolderEntry::name);
  if (entry == entries->end()) return boost::system::in_place_value;
  auto file = file_system_->open(folder_ + "/state", OpenMode::existing);
  if (!file) return fail(file.error().message());
  std::vector<uint8_t> image(entry->size);
  if (ErrorCode error = (*file)->read_at(0, image)) return fail(error.message());
  const size_t words = image.size() / 8;
  if (image.size() < 16 || commitlog::body_crc(Bytes(image).subspan(8)) !=
                               static_cast<uint32_t>(load_be<uint64_t>(image.data())))
    return fail(fmt::format("{}/state is damaged: {} bytes", folder_, image.size()));
  stored_.position = load_be<int64_t>(image.data() + 8);
  for (size_t i = 2; i < words; i++) stored_.pending.insert(load_be<int64_t>(image.data() + 8 * i));
  consumed_ = stored_.position;
  return boost::system::in_place_value;
}

ErrorCode Delay::store(const State& state) const {
  std::vector<uint8_t> image(8 * (2 + state.pending.size()));
  store_be(image.data() + 8, state.position);
  size_t at = 16;
  for (const int64_t cause : state.pending) {
    store_be(image.data() + at, cause);
    at += 8;
  }
  store_be(image.data(), uint64_t{commitlog::body_crc(Bytes(image).subspan(8))});
  const std::string draft = folder_ + "/state.new";
  auto file = file_system_->open(draft, OpenMode::create);
  if (!file) return file.error();
  if (ErrorCode error = (*file)->truncate(image.size())) return error;
  if (ErrorCode error = (*file)->write_at(0, image)) return error;
  if (ErrorCode error = (*file)->sync_data()) return error;
  if (ErrorCode error = file_system_->rename(draft, folder_ + "/state")) return error;
  return file_system_->sync_folder(folder_);
}

void Delay::apply(const Event& event, std::set<int64_t>& pending) {
  if (event.asked >= 0) pending.insert(event.asked);
  if (event.done >= 0) pending.erase(event.done);
}

dispatch::Status Delay::consume(dispatch::Call&, std::span<const commitlog::RecordView> records,
                                uint32_t& consumed) {
  for (consumed = 0; consumed < records.size(); consumed++) {
    const commitlog::RecordView& record = records[consumed];
    const int64_t begin = record.log_offset.value;
    consumed_ = record.log_end().value;
    Event event{.begin = begin, .end = consumed_};
    if (record.topic.view() == delay_topic && (record.sys_flag & transaction_mask) == 0)
      event.asked = begin;
    if (record.topic.view() == derived_topic) {
      const std::string cause = property_of(record.property_text.view(), cause_property);
      std::from_chars(cause.data(), cause.data() + cause.size(), event.done);
      in_flight_.erase(event.done);
    }
    if (event.asked >= 0 || event.done >= 0) recent_.push_back(event);
  }
  return dispatch::Status::ok;
}

dispatch::Status Delay::persist(dispatch::Call& call, int64_t stable, int64_t& persisted) {
  State next = stored_;
  next.position = std::max(stored_.position, std::min(stable, consumed_));
  size_t folded = 0;
  for (; folded < recent_.size() && recent_[folded].end <= next.position; folded++)
    apply(recent_[folded], next.pending);
  persisted = stored_.position;
  if (!file_system_ || next.position == stored_.position) return dispatch::Status::ok;
  if (ErrorCode error = store(next)) {
    call.error.set(dispatch::Status::fault, error.message());
    return dispatch::Status::fault;
  }
  recent_.erase(recent_.begin(), recent_.begin() + static_cast<int64_t>(folded));
  stored_ = std::move(next);
  persisted = stored_.position;
  return dispatch::Status::ok;
}

Outcome<void> Delay::truncate(int64_t log_offset) {
  while (!recent_.empty() && recent_.back().begin >= log_offset) recent_.pop_back();
  consumed_ = std::min(consumed_, log_offset);
  if (stored_.position <= log_offset) return boost::system::in_place_value;
  // What was done is forgotten, it cannot be taken back: a state beyond STABLE is broken for good.
  State next = stored_;
  next.position = log_offset;
  next.pending.erase(next.pending.lower_bound(log_offset), next.pending.end());
  if (ErrorCode error = store(next)) return fail(error.message());
  stored_ = std::move(next);
  return boost::system::in_place_value;
}

std::set<int64_t> Delay::pending() const {
  std::set<int64_t> pending = stored_.pending;
  for (const Event& event : recent_) apply(event, pending);
  return pending;
}

int64_t Delay::needed_from() const {
  int64_t from = stored_.position;
  for (const auto& causes : {stored_.pending, pending()})
    if (!causes.empty()) from = std::min(from, *causes.begin());
  return from;
}

void Delay::derive(size_t count, const std::function<bool(int64_t cause)>& derive) {
  if (!live_) return;
  for (const int64_t cause : pending()) {
    if (count == 0) return;
    if (in_flight_.contains(cause)) continue;
    if (!derive(cause)) return;
    in_flight_.insert(cause);
    count--;
  }
}

}  // namespace gantry::sim
