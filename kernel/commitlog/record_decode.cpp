#include <isa-l/crc.h>

#include "base/endian.hpp"
#include "commitlog/record.hpp"

namespace gantry::commitlog {
namespace {

// Reads forward through a record; `ok` turns false for good where a field would leave it.
struct Reader {
  const uint8_t* at;
  const uint8_t* end;
  bool ok = true;

  Bytes take(int64_t size) {
    if (!ok || size < 0 || size > end - at) {
      ok = false;
      return {};
    }
    const uint8_t* from = at;
    at += size;
    return {from, static_cast<size_t>(size)};
  }
  template <std::integral T>
  T number() {
    Bytes bytes = take(sizeof(T));
    return ok ? load_be<T>(bytes.data()) : T{};
  }
};

Text text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void read_fixed(Reader& in, RecordView& view) {
  view.body_crc = in.number<uint32_t>();
  view.queue_id = in.number<int32_t>();
  view.app_flag = in.number<int32_t>();
  view.queue_offset = QueueOffset(in.number<int64_t>());
  view.log_offset = LogOffset(in.number<int64_t>());
  view.sys_flag = in.number<int32_t>();
  view.born_ms = in.number<int64_t>();
  view.born_host = in.take(view.sys_flag & sys_flag_born_ipv6 ? 20 : 8);
  view.stored_ms = in.number<int64_t>();
  view.store_host = in.take(view.sys_flag & sys_flag_store_ipv6 ? 20 : 8);
  view.reconsume_times = in.number<int32_t>();
  view.prepared_offset = in.number<int64_t>();
}

}  // namespace

uint32_t body_crc(Bytes body) {
  return crc32_gzip_refl(0, body.data(), body.size()) & 0x7FFFFFFF;
}

ErrorCode decode_record(Bytes bytes, uint32_t what, RecordView& view) {
  if (bytes.size() < record_bytes_min) return Errc::not_a_record;
  const auto size = load_be<uint32_t>(bytes.data());
  const auto magic = load_be<int32_t>(bytes.data() + 4);
  if (size < record_bytes_min || size > bytes.size()) return Errc::not_a_record;
  if (magic != record_magic_v1 && magic != record_magic_v2) return Errc::not_a_record;

  Reader in{bytes.data() + 8, bytes.data() + size};
  view.version = magic == record_magic_v1 ? 1 : 2;
  view.record_size = size;
  view.record = bytes.first(size);
  read_fixed(in, view);
  view.body = in.take(in.number<int32_t>());
  view.topic = text_of(in.take(view.version == 1 ? in.number<int8_t>() : in.number<int16_t>()));
  view.property_text = text_of(in.take(in.number<int16_t>()));
  if (!in.ok || in.at != in.end) return Errc::not_a_record;

  if ((what & decode_check) && !view.body.empty() && body_crc(view.body) != view.body_crc)
    return Errc::bad_crc;
  view.tag_code = what & decode_tag_code ? tag_code_of(view.property_text) : 0;
  return {};
}

}  // namespace gantry::commitlog
